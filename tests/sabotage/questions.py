"""Every route that is read, with one good question each, and the ways to ask it badly."""

from typing import NamedTuple
from urllib.parse import quote

from tests.sabotage.besieged import HELD, SIZE_AT_REST

AT = {"at": str(SIZE_AT_REST)}
PAGE = {"after": "0", "limit": "5"}


class Question(NamedTuple):
    """A route of the document, who asks, what its path and its query say."""

    route: str
    asker: str | None
    path: dict
    query: dict

    def url(self, **path):
        """The path with its parts, or with others."""
        return self.route.format(**{**self.path, **path})


def questions(facts, snapshot):
    """One good question for each GET of the document."""
    chip, party = {"chip": HELD[0]}, {"party": "acme-semi"}
    ship, visit = {**party, "name": "s1"}, {"party": "agency", "name": "v1"}
    frame = {"provers": "north-dc", "strata": '[{"name":"all"}]', **AT}
    plan = {"planner": "presence", "frame": "100", "missing": "10", "beta_ppm": "50000"}
    ask = {"q": "SELECT count(*) AS n FROM chip", "format": "json"}
    report = {**AT, "as_of": "2999-12-24T00:00:00Z", "grouping": "liable", "format": "csv"}
    page = {"limit": "5", **AT}
    return [
        Question("/inspections/plan", None, {}, {**plan, "accept": "0", "test_miss_ppm": "0"}),
        Question("/inspections/frame", "agency", {}, frame),
        Question("/inspections/{party}/{name}", "agency", visit, AT),
        Question("/inspections/{party}/{name}/sample", "agency", visit, AT),
        Question("/inspections/{party}/{name}/bundle", "agency", visit, {}),
        Question("/inspections", "agency", {}, {"state": "drawn", **page}),
        Question("/statements/{statement}", "north-dc", {"statement": facts.arrival}, {}),
        Question("/statements", "acme-semi", {}, {"reference": "LOT-1", **AT}),
        Question("/refusals/{refusal}", "acme-semi", {"refusal": facts.refusal}, {}),
        Question("/entries", "agency", {}, {**PAGE, "wait": "0"}),
        Question("/checkpoints/{size}", None, {"size": SIZE_AT_REST}, {}),
        Question("/checkpoints", None, {}, PAGE),
        Question("/attestations/{sha256}", "agency", {"sha256": facts.evidence}, {}),
        Question("/log.vkey", None, {}, {}),
        Question("/manifests/{statement}", "north-dc", {"statement": facts.arrival}, {}),
        Question("/chips", "acme-semi", {}, {"serial": "H000", **page}),
        Question("/chips/{chip}", "acme-semi", chip, AT),
        Question("/chips/{chip}/history", "acme-semi", chip, {"after": "0", **page}),
        Question("/parties/{party}", "acme-semi", party, AT),
        Question("/parties/{party}/holdings", "acme-semi", party, {"after": "0", **page}),
        Question("/shipments", "north-dc", {}, {"to": "me", "state": "open", **page}),
        Question("/shipments/{party}/{name}", "north-dc", ship, AT),
        Question("/discrepancies", "north-dc", {}, {"state": "open", **page}),
        Question("/discrepancies/{discrepancy}", "north-dc", {"discrepancy": facts.discrepancy}, page),
        Question("/snapshots", "lab", {}, {}),
        Question("/snapshots/{name}", "lab", {"name": snapshot}, {}),
        Question("/sql", "lab", {}, ask),
        Question("/sql/questions", "lab", {}, {}),
        Question("/at/{size}/sql", "lab", {"size": SIZE_AT_REST}, ask),
        Question("/reports/{name}", "lab", {"name": "overdue"}, report),
        Question("/healthz", None, {}, {}),
        Question("/readyz", None, {}, {}),
        Question("/metrics", None, {}, {}),
        Question("/checkpoint", None, {}, {}),
        Question("/tile/{level}/{path}", None, {"level": 0, "path": f"000.p/{SIZE_AT_REST}"}, {}),
        Question("/tile/entries/{path}", "agency", {"path": f"000.p/{SIZE_AT_REST}"}, {}),
        Question("/proofs/inclusion", None, {}, {"index": "3", "size": str(SIZE_AT_REST)}),
        Question("/proofs/consistency", None, {}, {"from": "3", "to": str(SIZE_AT_REST)}),
    ]


FREE = {  # any short text is a fair question here: it finds nothing, or says from where on to list
    ("/chips", "serial"),
    ("/statements", "reference"),
    ("/shipments", "to"),
}
ASKED_BEFORE = "/at/{size}/sql", "q"  # the same console answers as on /sql, and takes its time
PLACES = frozenset({"at", "size", "to"})  # names a size of the log, unless it is a party


def bad_texts(good):
    """Percent-encoded values that no parameter with this good value may take: (fault, text)."""
    yield "empty", ""
    if not good.isdigit():
        yield "truncated", quote(good[:-3])
    yield "33 MiB", "A" * 20_000  # more does not fit a request line: see `test_wire`
    yield "100,001 lines", "%0A" * 5_000
    yield "wrong type", "x%20y"
    yield "wrong type", "-1"
    yield "NaN", "NaN"
    yield "lone surrogates", "%ED%A0%80"
    yield "lone surrogates", "%00"
    yield "nested brackets", "%5B" * 5_000


def bad_queries(question):
    """(fault, part, URL) of every way to ask a question badly."""
    for name, good in question.query.items():
        rest = [f"{other}={quote(value)}" for other, value in question.query.items() if other != name]
        for fault, text in bad_texts(good):
            if (question.route, name) in FREE and len(text) < 100 and text:
                continue
            if (question.route, name) == ASKED_BEFORE and text:
                continue
            yield fault, name, f"{question.url()}?{'&'.join([*rest, f'{name}={text}'])}"
        if name in PLACES and good.isdigit():
            late = [*rest, f"{name}={SIZE_AT_REST + 1}"]
            yield "out of order", name, f"{question.url()}?{'&'.join(late)}"
    whole = [f"{name}={quote(value)}" for name, value in question.query.items()]
    for name, good in question.path.items():
        for fault, text in bad_texts(str(good)):
            yield fault, name, f"{question.url(**{name: text or '%20'})}?{'&'.join(whole)}"
    yield "unknown field", "query", f"{question.url()}?{'&'.join([*whole, 'colour=red'])}"
    yield "lone surrogates", "query", f"{question.url()}?{'&'.join([*whole, '%ED%A0%80=1'])}"
    if whole:
        yield "duplicate keys", "query", f"{question.url()}?{'&'.join([*whole, whole[0]])}"
