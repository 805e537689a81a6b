"""What does every rule offer, and which questions do many of them ask?

A `Rule` bundles the four functions of one kind. The questions below are asked by several families;
each gives the refusal itself, so that one fault has one wording.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ledger.book.countries import COUNTRIES
from ledger.book.identifiers import is_named, prefix_of
from ledger.book.registry import Changes, Needs, Registry
from ledger.book.rejection import Reason, Rejection
from ledger.book.rows import AT_HAND, IN_TRANSIT, Chip, Party
from ledger.book.statement import Entry, Statement
from ledger.book.tables import CHIPS, PARTIES
from ledger.book.times import parse_seconds
from signing.canonical import Unreadable

NAME_CHARACTERS_MAX = 200
HOLDING_ROLES = frozenset({"holder", "maker"})
ROLES = frozenset({"registrar", "maker", "fab", "holder", "verifier", "analyst"})

Verdict = Changes | Rejection

NOTHING = Needs()  # what most kinds ask for in most rounds; one for all, and nobody adds to it


def no_fault(statement: Statement) -> Rejection | None:  # noqa: ARG001
    """A kind whose statement has nothing to check by itself."""
    return None


def no_early_fault(registry: Registry, entry: Entry) -> Rejection | None:  # noqa: ARG001
    """A kind none of whose values needs the book to be found bad."""
    return None


def no_rows(statement: Statement, registry: Registry) -> Needs:  # noqa: ARG001
    """A kind whose first needs are all it needs."""
    return NOTHING


@dataclass(frozen=True, slots=True)
class Rule:
    """The law of one kind. `early` finds values that only the book shows to be bad, whatever the lines.

    `needs` names rows from the statement alone, `follow` more once those are known, `reach` the last ones.
    """

    kind: str
    needs: Callable[[Statement], Needs]
    judge: Callable[[Registry, Entry], Verdict]
    check: Callable[[Statement], Rejection | None] = no_fault
    follow: Callable[[Statement, Registry], Needs] = no_rows
    roles: frozenset[str] = frozenset()  # any one of them; empty: whoever is enrolled
    early: Callable[[Registry, Entry], Rejection | None] = no_early_fault
    reach: Callable[[Statement, Registry], Needs] = no_rows
    heard_out: bool = False  # judged whoever speaks: it may find only then what stands before a role


def is_asked(rule: Rule, statement: Statement) -> bool:
    """Whether the book is asked: not of what is bad by itself, unless a value may prove to be worse."""
    fault = statement.fault
    is_late = fault is not None and fault.reason is Reason.MANIFEST_MISMATCH
    return fault is None or (is_late and rule.early is not no_early_fault)


def is_followed(rule: Rule, statement: Statement, registry: Registry) -> bool:
    """Whether more of the book is asked, once it is known who speaks: nothing for who has no such role."""
    party = registry.get(PARTIES, statement.party)
    if party is None or not is_asked(rule, statement):
        return False
    return rule.heard_out or not rule.roles or not rule.roles.isdisjoint(roles_of(party))


def bad_field(detail: str) -> Rejection:
    """The refusal for a value no book could save."""
    return Rejection(Reason.BAD_FIELD, detail)


def unknown(what: str, name: str) -> Rejection:
    """The refusal for a name that is not there, or not the speaker's to see."""
    return Rejection(Reason.UNKNOWN_REFERENCE, f"{what}: no {name} here")


def check_own_id(statement: Statement, what: str, identifier: str) -> Rejection | None:
    """A new id is `<speaker>/<name>`."""
    if not is_named(identifier):
        return bad_field(f"body.{what} is no <party>/<name>")
    if prefix_of(identifier) != statement.party:
        return bad_field(f"body.{what} must begin with {statement.party}/")
    return None


def check_country(what: str, code: str) -> Rejection | None:
    """ISO 3166-1 alpha-2, upper case."""
    return None if code in COUNTRIES else bad_field(f"{what}: {code[:8]!r} is no ISO 3166-1 alpha-2 code")


def check_name(what: str, text: str) -> Rejection | None:
    """1 to 200 characters."""
    return None if 1 <= len(text) <= NAME_CHARACTERS_MAX else bad_field(f"{what} has 1 to 200 characters")


def check_text(what: str, text: str | None) -> Rejection | None:
    """Not empty, where it is there; that it is not over-long was asked before."""
    return bad_field(f"{what} is empty") if text == "" else None


def check_word(what: str, word: str, words: Sequence[str]) -> Rejection | None:
    """One of a closed list of words."""
    return None if word in words else bad_field(f"{what} is one of {', '.join(words)}")


def check_words(what: str, words: Sequence[str]) -> Rejection | None:
    """A list of texts is sorted by bytes and has nothing twice."""
    if any(left >= right for left, right in pairwise(words)):
        return bad_field(f"{what} is sorted and without repeats")
    return None


def check_counts(**numbers: int | None) -> Rejection | None:
    """Numbers of things are not negative."""
    for name, number in numbers.items():
        if number is not None and number < 0:
            return bad_field(f"body.{name} is below 0")
    return None


def time_or_fault(what: str, text: str) -> int | Rejection:
    """Unix seconds, or `bad_field`."""
    try:
        return parse_seconds(text, what)
    except Unreadable as error:
        return bad_field(str(error))


def roles_of(party: Party) -> frozenset[str]:
    """The roles a party is enrolled with."""
    return frozenset(party.roles.split())


def may_hold(registry: Registry, party: str) -> bool:
    """Whether chips may be sent to, offered to, declared by this party."""
    row = registry.get(PARTIES, party)
    return row is not None and not HOLDING_ROLES.isdisjoint(roles_of(row))


def refuse_chips(reason: Reason, why: str, chips: Sequence[str]) -> Rejection:
    """One refusal for every bad line of a manifest; `why` completes "… of the chips are"."""
    are = "is" if len(chips) == 1 else "are"
    return Rejection(reason, f"{len(chips)} of the chips {are} {why}, first {chips[0]}", tuple(chips))


def acts_for(registry: Registry, party: str) -> frozenset[str]:
    """The parties whose chips, shipments and offers this one may speak of: itself and whom it succeeded."""
    row = registry.get(PARTIES, party)
    return frozenset((party, *row.predecessors.split())) if row is not None else frozenset((party,))


def held_chips(
    registry: Registry, party: str, chips: Sequence[str], *, owned: bool = False, moving: bool = False
) -> list[Chip] | Rejection:
    """The rows of chips the speaker holds, all of them at rest, or the earliest refusal.

    Unknown and another's are one reason on purpose. That a chip has ended is told only to the party
    last liable for it. `owned`: the speaker must own them too; `moving`: they may be in transit.
    """
    rows, mine = registry.of(CHIPS), acts_for(registry, party)
    found = [rows.get(chip) for chip in chips]
    not_held = [
        chip
        for chip, row in zip(chips, found, strict=True)
        if row is None or (row.custodian or row.liable or row.last_liable) not in mine
    ]
    if not_held:
        return refuse_chips(Reason.NOT_HELD, f"not held by {party}", not_held)
    held = [row for row in found if row is not None]
    if owned:
        not_owned = [row.chip for row in held if row.owner not in mine]
        if not_owned:
            return refuse_chips(Reason.NOT_OWNED, f"not owned by {party}", not_owned)
    in_transit = [row.chip for row in held if row.status == IN_TRANSIT]
    if in_transit and not moving:
        return refuse_chips(Reason.IN_TRANSIT, "in transit", in_transit)
    ended = [row.chip for row in held if row.status not in AT_HAND]
    if ended:
        return refuse_chips(Reason.ENDED, "missing or ended", ended)
    return held
