"""What an engine draws from a large listing is what the plain reference draws; a lying engine is noticed."""

import json
from hashlib import sha256

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.inspection.draw import Ticket, draw_strata, frame_root, seed_from_hex, ticket
from ledger.inspection.engine import ENGINE_FROM_NAMES, draw_listing, new_engine
from ledger.inspection.listing import Listing
from tests.shared import vectors

SEED = sha256(b"seed").digest()
STRATA = ("hall", "annex", "rest")


def ids_of(params):
    if "ids" in params:
        return params["ids"]
    rule = params["id_rule"]
    numbers = range(rule["start"], rule["start"] + rule["count"])
    return [f"{rule['prefix']}{number:0{rule['width']}d}" for number in numbers]


def by_engine(seed, pairs, sizes):
    strata = list(dict.fromkeys((*sizes, *(stratum for _, stratum in pairs))))
    return draw_listing(seed, Listing.of(pairs, strata), sizes, engine_from=0)


def drawn(params):
    """A draw of a golden case; more than there are is refused before an engine is asked."""
    try:
        seed, n, ids = seed_from_hex(params["seed"]), params["n"], ids_of(params)
        if not all(isinstance(name, str) for name in ids) or (type(n) is int and n > len(ids)):
            return {"error": "invalid"}
        tickets = by_engine(seed, [(name, "all") for name in ids], {"all": n})["all"]
    except ValueError:
        return {"error": "invalid"}
    last = tickets[-1].ticket.hex() if tickets else None
    return {"selected": [each.chip for each in tickets], "last_ticket": last}


def of_strata(params):
    pairs = [(chip, stratum["name"]) for stratum in params["strata"] for chip in ids_of(stratum)]
    try:
        tickets = by_engine(
            seed_from_hex(params["seed"]),
            pairs,
            {stratum["name"]: stratum["n"] for stratum in params["strata"]},
        )
    except ValueError:
        return {"error": "invalid"}
    return [[each.chip for each in tickets[stratum["name"]]] for stratum in params["strata"]]


def test_every_golden_draw_comes_out_of_the_engine_too():
    ran = refused = 0
    for case in json.loads(vectors("sampling", "draw.json").read_text())["cases"]:
        got, wanted = drawn(case["params"]), case["expect"]
        assert got == {key: wanted[key] for key in got if key in wanted}, case["id"]
        assert got.keys() <= wanted.keys(), case["id"]
        ran += 1
        refused += "error" in wanted
    assert (ran, refused) == (46, 11)


def test_every_golden_relation_holds_for_the_engine_too():
    ran = {"draw": 0, "draw_strata": 0}
    for case in json.loads(vectors("sampling", "draw_properties.json").read_text())["cases"]:
        for run in case["runs"]:
            if run["family"] == "draw":
                got, wanted = drawn(run["params"]), run["expect"]
                assert got == {key: wanted.get(key) for key in got}, case["id"]
            elif "error" in run["expect"]:
                assert of_strata(run["params"]) == {"error": "invalid"}, case["id"]
            else:
                wanted = [stratum["selected"] for stratum in run["expect"]["strata"]]
                assert of_strata(run["params"]) == wanted, case["id"]
            ran[run["family"]] += 1
    assert ran == {"draw": 22, "draw_strata": 6}


hostile = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
names = hostile | st.sampled_from(
    ["a'b", 'a"b', "a\\x41", "a;--", "%s", "$1", "?", "\x00", "Z", "z", "é", "\U0001f600"]
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(names, st.sampled_from(STRATA), max_size=40),
    st.tuples(*(st.integers(0, 45) for _ in STRATA)),
    st.binary(min_size=32, max_size=32),
)
@example({}, (1, 1, 1), SEED)
@example({"\uffff": "hall", "\U00010000": "hall", "~": "hall", "\x00": "rest"}, (2, 0, 9), b"\x00" * 32)
def test_the_engine_draws_what_the_plain_reference_draws(listed, wanted, seed):
    sizes = dict(zip(STRATA, wanted, strict=True))
    pairs = list(listed.items())
    assert by_engine(seed, pairs, sizes) == draw_strata(seed, pairs, sizes)


def test_a_large_listing_is_drawn_by_the_engine_and_equals_the_plain_draw():
    """With names that make the first limits too narrow, and one stratum as small as its size."""
    many = [f"acme:L{number:06d}" for number in range(ENGINE_FROM_NAMES)]
    pairs = [(chip, STRATA[int(chip[-1]) % 2]) for chip in many] + [("acme:X", "rest")]
    late = sorted(many, key=lambda chip: ticket(SEED, chip))[-900:]
    sizes = {"hall": 40, "annex": 7, "rest": 5}
    assert draw_listing(SEED, Listing.of(pairs, STRATA), sizes) == draw_strata(SEED, pairs, sizes)
    tail = [(chip, "hall") for chip in late]
    assert by_engine(SEED, tail, {"hall": 5}) == draw_strata(SEED, tail, {"hall": 5})


@pytest.mark.parametrize("engine_from", [0, 10**9])
def test_a_wrong_draw_is_refused_by_name_whoever_draws(engine_from):
    listing = Listing.of([("a", "hall"), ("b", "rest")], STRATA)
    for name, arguments in [
        ("seed", (b"short", listing, {"hall": 1, "rest": 1})),
        ("sizes names no stratum 'rest'", (SEED, listing, {"hall": 1})),
        ("sizes", (SEED, listing, {"hall": -1, "rest": 1})),
        ("sizes", (SEED, listing, {"hall": True, "rest": 1})),
    ]:
        with pytest.raises(ValueError, match=f"^{name}"):
            draw_listing(*arguments, engine_from=engine_from)


class Liar:
    """An engine that spoils what it tells."""

    def __init__(self, spoil):
        self.engine, self.spoil = new_engine(), spoil

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.engine.close()

    def __getattr__(self, name):
        return getattr(self.engine, name)

    def execute(self, query, parameters=None):
        self.engine.execute(query, parameters)
        rows = self.engine.fetchall()
        rows = self.spoil(query, rows)
        return type("Told", (), {"fetchall": lambda _: rows})()


def is_draw(query):
    return "WHERE ticket <=" in query


def honest(_, rows):
    return rows


def wrong_hash(query, rows):
    """Only where messages are longer than a block: the tickets themselves look right."""
    return [(row[0], "00" * 32) if "known" in query and len(row[0]) > 64 else row for row in rows]


def lost_names(query, rows):
    return rows if is_draw(query) or "count" not in query else [(code, count - 1) for code, count in rows]


def invented_ticket(query, rows):
    return [("00" * 32, rows[0][1]), *rows[1:]] if is_draw(query) else rows


def invented_name(query, rows):
    if not is_draw(query):
        return rows
    name = b"acme:none"
    return [(sha256(SEED + name).hexdigest(), name)] * len(rows)


def other_stratum(query, rows):
    if not is_draw(query):
        return rows
    name = b"acme:1"  # of the other stratum
    return [(sha256(SEED + name).hexdigest(), name), *rows]


def twice(query, rows):
    return [min(rows), *rows] if is_draw(query) else rows


def nobody(query, rows):
    return [] if is_draw(query) else rows


def draw_with(spoil):
    pairs = [(f"acme:{number}", STRATA[number % 2]) for number in range(50)]
    sizes = {"hall": 20, "annex": 0}
    return draw_listing(
        SEED, Listing.of(pairs, STRATA[:2]), sizes, engine_from=0, engine_of=lambda: Liar(spoil)
    )


@pytest.mark.parametrize(
    "spoil", [wrong_hash, lost_names, invented_ticket, invented_name, other_stratum, twice, nobody]
)
def test_an_engine_that_lies_gives_no_draw(spoil):
    assert len(draw_with(honest)["hall"]) == 20
    with pytest.raises(AssertionError):
        draw_with(spoil)


def test_an_engine_without_the_hash_or_with_another_gives_no_draw():
    def shadowed():
        engine = new_engine()
        engine.execute("CREATE MACRO sha256(message) AS md5(message) || md5(message)")
        return engine

    listing = Listing.of([("a", "hall")], STRATA)
    with pytest.raises(AssertionError, match="SHA-256"):
        draw_listing(SEED, listing, {"hall": 1}, engine_from=0, engine_of=shadowed)
    assert draw_listing(SEED, listing, {"hall": 1}, engine_from=0)["hall"] == [Ticket(ticket(SEED, "a"), "a")]


def test_the_engine_reads_no_files():
    with new_engine() as engine, pytest.raises(duckdb.PermissionException):
        engine.execute("SELECT * FROM read_text('/etc/hostname')")


def test_the_engine_leaves_the_root_alone():
    """The control for all of the above: what is drawn from is fixed by plain hashing."""
    pairs = [("acme:2", "hall"), ("acme:1", "rest")]
    assert Listing.of(pairs, STRATA).root("chip") == frame_root(pairs)
