"""How do other people's tools get at what the ledger adds up to? The command `mirror`.

Takes a snapshot from a file, a ledger's folder or a server, and makes a PostgreSQL stand for it.
"""

import re
import shutil
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import adbc_driver_manager
import duckdb
import typer

from analytics.bridges.mirror import COMMIT, SCHEMA_DEFAULT, SCHEMA_NAME, SWAP, MirrorRefused, rows_in
from analytics.bridges.mirror import mirror as write_mirror
from analytics.bridges.sources import sources_text
from analytics.snapshots import NAME, ROOT_HEX_IN_NAME, open_snapshot
from analytics.warehouse import Standing, standing_of
from api.analysis import SNAPSHOTS_FOLDER
from api.cli.remote.client import LedgerClient
from api.cli.remote.reading import open_client
from api.cli.screen.options import At, Json, ReaderKey, ReaderParty
from api.cli.screen.terminal import Ended, err, facts_of, print_json, progress, say, wrong_usage
from ledger.folder import LedgerFolder

ADDRESS = re.compile(r"postgres(ql)?://")
MEMORY_LIMIT = "256MB"  # to look at a file that came
THREADS = 2
HALF_SUFFIX = ".part"
SIZES_NAMED_MAX = 5
TITLES = {SWAP: "taking its place", COMMIT: "committing"}
ADVICE = {
    "empty": "mirror it when something was admitted",
    "other_shape": "take a snapshot that a server of this version made",
    "busy": "ask again when it is done",
    "not_a_mirror": "choose another --schema: what is there stays as it is",
    "other_log": "a mirror is of one log: choose another --schema or another database",
    "newer": "take a newer snapshot: a mirror never goes back",
    "other_history": "one log has shown two histories, or somebody wrote into the mirror: keep both, and run"
    " chipledger audit",
    "built_on": "--rebuild drops that too; keep your own views in another schema, on the views of the mirror",
}


def mirror(
    *,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            envvar="CHIPLEDGER_MIRROR",
            help="postgresql://user@host/database. A password is better in ~/.pgpass or PGPASSWORD.",
        ),
    ] = None,
    schema: Annotated[str, typer.Option(help="Where the views go; what they read, into <schema>_record.")] = (
        SCHEMA_DEFAULT
    ),
    snapshot: Annotated[Path | None, typer.Option(help="A snapshot's file.")] = None,
    ledger: Annotated[Path | None, typer.Option(help="A ledger's folder: its newest snapshot.")] = None,
    url: Annotated[
        str | None, typer.Option("--url", envvar="CHIPLEDGER_URL", help="A server: its newest snapshot.")
    ] = None,
    party: ReaderParty = None,
    key: ReaderKey = None,
    at: At = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Drop the old mirror with all that was built on it.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option(help="A folder to keep the snapshot's file in, under its own name.")
    ] = None,
    sources: Annotated[
        Path | None, typer.Option(help="Also write a dbt sources file of the mirror's views.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy a snapshot into PostgreSQL, for BI tools, dbt and whoever speaks with it.

    All of it or nothing: readers see the old snapshot until the new one is whole, and a mirror that was
    killed leaves the old one. Done again, it does nothing. Grants, and views of your own on the mirror's
    views, stay. A database that holds a newer snapshot, or another log, is refused.

    \b
    chipledger mirror --to postgresql://bi@db/chips --url http://127.0.0.1:8440 --party ana --key ana.pem
    chipledger mirror --to postgresql:///chips --ledger my-ledger
    chipledger mirror --save . --ledger my-ledger
    chipledger mirror --sources models/sources.yml
    """
    if SCHEMA_NAME.fullmatch(schema) is None:
        raise wrong_usage("--schema is letters, digits and _, in lower case", "such as chipledger")
    if sources is not None:
        sources.write_text(sources_text(schema), encoding="utf-8")
        say(f"[green]written[/] [bold]{sources}[/]")
        if to is None and save is None:
            return
    if (to is None and save is None) or (to is not None and ADDRESS.match(to) is None):
        raise wrong_usage("--to is the address of a PostgreSQL", "such as postgresql://user@host/database")
    aim = _Aim(to, schema, save, rebuild, as_json)
    if snapshot is not None:
        _take(snapshot, aim)
    elif ledger is not None:
        _take(_in_folder(ledger, at), aim)
    elif url is not None:
        with tempfile.TemporaryDirectory(prefix="mirror-") as folder, open_client(url, party, key) as client:
            _take(_fetched(client, Path(folder), at), aim)
    else:
        raise wrong_usage("which snapshot?", "say --snapshot, --ledger, or --url with --party and --key")


@dataclass(frozen=True, slots=True)
class _Aim:
    """What is to become of a snapshot."""

    to: str | None
    schema: str
    save: Path | None
    rebuild: bool
    as_json: bool


def _take(path: Path, aim: _Aim) -> None:
    standing = _look_at(path)
    if aim.save is not None:
        kept = aim.save / f"{standing.size}-{standing.root.hex()[:ROOT_HEX_IN_NAME]}.duckdb"
        aim.save.mkdir(parents=True, exist_ok=True)
        if not kept.exists():  # a name is never used for anything else
            half = kept.with_suffix(HALF_SUFFIX)
            shutil.copyfile(path, half)
            half.replace(kept)
        say(f"[green]kept[/] [bold]{kept}[/]")
    if aim.to is not None:
        _write(path, aim.to, aim.schema, rebuild=aim.rebuild, as_json=aim.as_json)


def _write(path: Path, to: str, schema: str, *, rebuild: bool, as_json: bool) -> None:
    with progress("mirroring", rows_in(path)) as bar:
        done = 0

        def advance(table: str, rows: int) -> None:
            nonlocal done
            done += rows
            bar.at(done, title=TITLES.get(table, table))

        try:
            told = write_mirror(path, to, schema, rebuild=rebuild, advance=advance)
        except adbc_driver_manager.Error as fault:
            raise Ended(_said(fault, to), "is --to right, and may that user make schemas there?") from None
    if isinstance(told, MirrorRefused):
        raise Ended(f"{told.reason}: {told.detail}", ADVICE[told.reason])
    if as_json:
        print_json(told.as_object())
        return
    err.print(facts_of("", {"schema": told.schema, "log": told.log, "size": told.size, "root": told.root}))
    say(f"[green]mirrored[/] {told.rows:,} rows" if told.written else "it stands there already")


def _in_folder(ledger: Path, at: At) -> Path:
    """The newest snapshot of a ledger's folder, or that of the size asked for. Only looks."""
    folder = LedgerFolder(ledger).warehouse / SNAPSHOTS_FOLDER
    if not folder.is_dir():
        raise wrong_usage(f"{ledger} has no snapshots", "is it the folder of `chipledger serve`?")
    sizes = {int(named["size"]): path for path in folder.iterdir() if (named := NAME.fullmatch(path.name))}
    return sizes[_chosen(sizes, at)]


def _fetched(client: LedgerClient, folder: Path, at: At) -> Path:
    """The same, of a server: its file, found to be what its name says."""
    names = {item["size"]: str(item["name"]) for item in client.items("/snapshots")}
    name = names[_chosen(names, at)]
    named = NAME.fullmatch(name)
    if named is None:
        raise Ended("the answer is not what a ledger gives", "is --url the address of `chipledger serve`?")
    path = folder / name
    say(f"fetching {name}")
    with path.open("wb") as file:
        client.save(f"/snapshots/{name}", file)
    standing = _look_at(path)
    if (standing.size, standing.root.hex()[: len(named["root"])]) != (int(named["size"]), named["root"]):
        raise Ended(f"the file that came for {name} is of size {standing.size}", "ask the operator")
    return path


def _chosen(sizes: Collection[int], at: At) -> int:
    if at is None and sizes:
        return max(sizes)
    if at is None or at not in sizes:
        there = ", ".join(str(size) for size in sorted(sizes)[-SIZES_NAMED_MAX:])
        raise Ended(
            "there is no such snapshot", f"the last sizes are {there}" if there else "none was made yet"
        )
    return at


def _look_at(path: Path) -> Standing:
    """What a file stands for that somebody gave us."""
    if not path.is_file():
        raise wrong_usage(f"{path} is no file", "a snapshot is one DuckDB file")
    try:
        with open_snapshot(path, MEMORY_LIMIT, THREADS) as connection:
            return standing_of(connection)
    except duckdb.Error as fault:
        raise Ended(f"{path} is no snapshot: {str(fault).splitlines()[0]}", "fetch it again") from None


def _said(fault: adbc_driver_manager.Error, to: str) -> str:
    """The first lines of what the database said, without what it was called by."""
    told = str(fault).partition("\nQuery was:")[0]
    password = _password(to)
    for secret in (to, password, unquote(password)):
        told = told.replace(secret, "…") if secret else told
    return told


def _password(to: str) -> str:
    """The password in an address as it is written there; empty where it has none or is no address."""
    try:
        return urlsplit(to).password or ""
    except ValueError:
        return ""
