"""A database as it comes, without a wall of ours: what does each attack do there?

Run as a program: the paths of a snapshot and of a folder to write to, and the queries, on standard input; an
outcome a query on standard output.
"""

import json
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pyarrow as pa


class Listener(BaseHTTPRequestHandler):
    """Counts who calls, and has nothing for them."""

    calls = 0

    def do_GET(self):
        """Nothing is here."""
        Listener.calls += 1
        self.send_error(404)

    def log_message(self, *_):
        """Say nothing."""


def tried(query, copy, settings, secret):
    """What a fresh database says to one query, or why not."""
    leaked = pa.table({"words": [secret]})  # noqa: F841  found by its name, where nobody forbids it
    connection = duckdb.connect(str(copy))
    try:
        for setting in settings:
            connection.execute(setting)
        table = connection.execute(query).to_arrow_table()
        return {"answered": True, "told": f"{table.column_names} {table.columns}"[:20_000]}
    except (duckdb.Error, RuntimeError, ValueError) as error:
        return {"answered": False, "told": str(error)[:300]}
    finally:
        connection.close()


def main():
    """Try them all, each on a copy of its own."""
    asked = json.load(sys.stdin)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    scratch = Path(asked["scratch"])
    settings = [
        f"SET extension_directory = '{scratch}/extensions'",
        f"SET custom_extension_repository = 'http://127.0.0.1:{port}'",
        "SET autoinstall_known_extensions = true",
        "SET autoload_known_extensions = true",
    ]
    outcomes = []
    for query in asked["queries"]:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        (scratch / "secret.csv").write_text(f"words,n\n{asked['secret']},1\n")
        copy = scratch / "copy.duckdb"
        shutil.copy(asked["snapshot"], copy)
        copy.chmod(0o644)
        wanted = query.replace("{snapshot}", str(copy)).replace("{out}", str(scratch / "out"))
        wanted = wanted.replace("{open}", str(scratch / "in")).replace(
            "{secret}", str(scratch / "secret.csv")
        )
        (scratch / "in").mkdir()
        Listener.calls = 0
        before = {path.name for path in scratch.rglob("*")}
        outcome = tried(wanted.replace("{port}", str(port)), copy, settings, asked["secret"])
        made = {path.name for path in scratch.rglob("*") if "extensions" not in str(path)} - before
        outcomes.append({**outcome, "made": sorted(made), "calls": Listener.calls})
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
