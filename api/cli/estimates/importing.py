"""How do outside estimates become signed claims, and what is shown before they do?

Shows how many rows make a claim, of which source and measure, and every reason why others make none; with
`--dry-run` that is all. Then one `claim.noted` a row, signed, in one file for `send`. The same file, key and
times give the same bytes. Offline.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from api.cli.estimates.reading import Estimates, Naming, read_estimates
from api.cli.paperwork.headers import Header
from api.cli.paperwork.outbox import put_out
from api.cli.paperwork.proofreading import proofread
from api.cli.paperwork.signing_desk import sign_statement
from api.cli.screen.terminal import Ended, err, facts_of, print_json, progress, say, table_of
from ledger.book.encoding import Bundle

KIND = "claim.noted"
LEFT_SHOWN_MAX = 20


def show_estimates(found: Estimates, *, as_json: bool) -> None:
    """What was read: claims by source and measure, doubts, and the rows left out with their reasons."""
    if as_json:
        print_json(
            {
                "source_sha256": found.sha256,
                "claims": [
                    {"row": one.number, "claim_id": one.claim_id, "doubt": one.doubt, "body": dict(one.body)}
                    for one in found.claims
                ],
                "left_out": [
                    {"row": one.number, "claim_id": one.claim_id, "why": one.why} for one in found.left
                ],
            }
        )
        return
    by_kind = Counter((one.source, one.body["measure"], one.body["unit"]) for one in found.claims)
    table = [(*kind, f"{count:,}") for kind, count in sorted(by_kind.items())]
    err.print(table_of("claims", ("source", "measure", "unit", "rows"), table))
    doubts = Counter(one.doubt for one in found.claims if one.doubt is not None)
    why = Counter(one.why for one in found.left)
    err.print(
        facts_of(
            "",
            {
                "claims": f"{len(found.claims):,}",
                **{f"of them {doubt}": f"{count:,}" for doubt, count in sorted(doubts.items())},
                "rows left out": f"{len(found.left):,}",
                **{f"because: {reason}": f"{count:,}" for reason, count in sorted(why.items())},
            },
        )
    )
    if found.left:
        first = [(one.number, one.claim_id, one.why) for one in found.left[:LEFT_SHOWN_MAX]]
        err.print(table_of("rows left out", ("row", "claim", "why"), first))
    if len(found.left) > LEFT_SHOWN_MAX:
        say(f"… and {len(found.left) - LEFT_SHOWN_MAX:,} more: --json lists all")


def sign_estimates(found: Estimates, header: Header) -> list[Bundle]:
    """A signed statement a claim, in the order of the rows; none that the law would refuse by its looks."""
    bundles, faults = [], []
    with progress("signing", len(found.claims)) as bar:
        for one in found.claims:
            bundle = sign_statement(
                header.signer,
                header.log,
                KIND,
                header.party,
                dict(one.body),
                None,
                header.occurred_at,
                header.expires_at,
                reference=f"{found.sha256[:16]}-{one.claim_id or one.number}",
            )
            faults += [(one.number, fault.detail) for fault in proofread(bundle, ())]
            bundles.append(bundle)
            bar.advance()
    if faults:
        err.print(table_of("", ("row", "what is wrong"), faults[:LEFT_SHOWN_MAX]))
        raise Ended(f"{len(faults):,} rows would be refused; nothing was signed", "correct them in the file")
    return bundles


def import_estimates(files: Sequence[Path], naming: Naming) -> Estimates:
    """The one file there must be."""
    if len(files) != 1:
        raise Ended("one file of estimates at a time", "each claim names the file it comes from")
    return read_estimates(files[0], naming)


def write_estimates(found: Estimates, header: Header, name: Path, *, replace: bool) -> None:
    """Sign and put them where `send` takes them from."""
    if not found.claims:
        raise Ended("no row makes a claim", "--dry-run --json says why of each")
    put_out(name, sign_estimates(found, header), replace=replace)
