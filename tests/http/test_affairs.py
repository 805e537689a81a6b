"""Who sees titles, lots, corrections, keys, claims, counts; what is hidden costs what is not there."""

import pytest

from ledger.lookup.answers import Window
from ledger.lookup.chips import Borne, Chips
from ledger.storage.store import Store
from ledger.viewer import Viewer, sees_chip
from tests.http import affairs, scene
from tests.http.affairs import CHIPS, EVIDENCE, IK, LABEL, ROLES
from tests.http.cost import counted
from tests.http.test_roles import THINGS as OTHER_THINGS
from tests.http.test_roles import plain
from tests.http.trading import REGISTRAR, make_folder, serving

EVERYBODY = (REGISTRAR, *ROLES)
SEE_ALL = {REGISTRAR, "watch"}
NO_STATEMENT = "/statements/" + "0" * 64

# What there is, the like of it that is not there, and who sees the first.
SOLD = {"maker", "holder", "heir"}
THINGS = {
    "offer": ("/statements/{offer}", NO_STATEMENT, {"maker", "holder", "heir"}),
    "acceptance": ("/statements/{acceptance}", NO_STATEMENT, {"maker", "holder", "heir"}),
    "lot": ("/statements/{lot}", NO_STATEMENT, {"fab", "maker"}),
    "use of a lot": ("/statements/{used}", NO_STATEMENT, {"fab", "maker"}),
    "correction": ("/statements/{correction}", NO_STATEMENT, {"fab", "maker"}),
    "key": ("/statements/{key}", NO_STATEMENT, {"holder", "heir"}),
    "claim": ("/statements/{claim}", NO_STATEMENT, {"quant"}),
    "affiliation": ("/statements/{affiliation}", NO_STATEMENT, set()),
    "count": ("/statements/{count}", NO_STATEMENT, {"holder", "heir"}),
    "its lines": ("/manifests/{count}", "/manifests/" + "0" * 64, {"holder", "heir"}),
    "answer": ("/statements/{answer}", NO_STATEMENT, {"maker", "holder", "heir"}),
    "change of a party": ("/statements/{change}", NO_STATEMENT, {"holder", "heir"}),
    "discrepancy": ("/discrepancies/{discrepancy}", "/discrepancies/99.9", {"maker", "holder", "heir"}),
    "chip sold": (f"/chips/{CHIPS[1]}", "/chips/maker:NONE", {"maker", "holder", "heir"}),
    "chip sold, before": (
        f"/chips/{CHIPS[1]}?at={{registered}}",
        "/chips/maker:NONE",
        {"maker", "holder", "heir"},
    ),
    "its history": (f"/chips/{CHIPS[1]}/history", "/chips/maker:NONE/history", {"maker", "holder", "heir"}),
    "chip counted": (f"/chips/{CHIPS[2]}", "/chips/maker:NONE", {"maker"}),
    "keys of a party": ("/parties/holder", "/parties/nobody", {"holder", "heir"}),
    "holdings": ("/parties/holder/holdings", "/parties/nobody/holdings", {"holder", "heir"}),
}
# Files and snapshots: what they cost is not a matter of the record.
NOT_OF_THE_RECORD = {"entry tile", "snapshots", "sql", "report"}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A server of its own and what was told on it."""
    with serving(make_folder(tmp_path_factory.mktemp("affairs") / "ledger")) as post:
        post.affairs = affairs.play(post)
        yield post


def names(post):
    """What the paths are filled with."""
    return vars(post.affairs)


def asked(post, party, path):
    """An answer, and how many statements it took."""
    post.token(party)  # taken before anything is counted
    with counted(post.ledger.store) as sent:
        answer = post.ask(party, path)
    return answer, len(sent)


@pytest.mark.parametrize("party", EVERYBODY)
@pytest.mark.parametrize("thing", THINGS)
def test_forbidden_and_unknown_are_one_answer_at_one_cost(told, thing, party):
    there, not_there, seen_by = THINGS[thing]
    answer, cost = asked(told, party, there.format(**names(told)))
    nothing, nothing_cost = asked(told, party, not_there)
    assert nothing.status_code == 404 and nothing_cost > 0
    if party in seen_by | SEE_ALL:
        assert answer.status_code == 200, answer.text
    else:
        assert (plain(answer), cost) == (plain(nothing), nothing_cost)


def hidden_from(things, party, see_all):
    """Paths of what a party does not see, with the like that is not there."""
    return [(there, not_there) for there, not_there, seen in things.values() if party not in seen | see_all]


@pytest.mark.parametrize("party", scene.ROLES)
def test_what_is_hidden_of_the_other_story_costs_what_is_not_there(post, party):
    from_paths = {name: thing for name, thing in OTHER_THINGS.items() if name not in NOT_OF_THE_RECORD}
    looked = 0
    for there, not_there in hidden_from(from_paths, party, {"watch"}):
        answer, cost = asked(post, party, there.format(**vars(post.scene)))
        nothing, nothing_cost = asked(post, party, not_there)
        assert (plain(answer), cost) == (plain(nothing), nothing_cost), there
        looked += 1
    assert looked > 0 or party == "watch"


@pytest.mark.parametrize(
    "query", ["serial={}", "label={}", "uuid={}", "ik={}", "serial={}&label=x", "label={}&at=5"]
)
def test_a_search_finds_nothing_hidden_and_costs_the_same(told, query):
    values = {"serial": ("T0001", "NONE"), "label": (LABEL, "none"), "uuid": ("GPU-T0", "none")}
    there, not_there = values.get(query.partition("=")[0], (IK, "b" * 64))
    found, cost = asked(told, "outsider", "/chips?" + query.format(there))
    nothing, nothing_cost = asked(told, "outsider", "/chips?" + query.format(not_there))
    assert (plain(found), cost) == (plain(nothing), nothing_cost)
    assert nothing.json() == {"items": [], "next": None}


def lookup(post, party, chips):
    """POST /chips/lookup, and how many statements it took."""
    headers = {"Authorization": f"Bearer {post.token(party)}"}
    with counted(post.ledger.store) as sent:
        answer = post.http.post("/chips/lookup", json={"chips": chips}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json(), len(sent)


def test_a_thousand_chips_are_looked_up_in_as_many_statements_as_one_hidden_or_not(told):
    strangers = [f"maker:X{number}" for number in range(1_000 - len(CHIPS))]
    found, many = lookup(told, "maker", [*CHIPS, *strangers])
    assert [chip["chip"] for chip in found["items"]] == CHIPS and found["unknown"] == strangers
    hidden, cost = lookup(told, "outsider", CHIPS)
    assert hidden == {"items": [], "unknown": CHIPS}
    assert cost == many == lookup(told, "outsider", strangers[:1])[1] == lookup(told, "maker", CHIPS[:1])[1]
    assert many <= 10


def found(post, party, query):
    """Ids of the chips that a search gives."""
    answer = post.ask(party, f"/chips?{query}")
    assert answer.status_code == 200, answer.text
    return [chip["chip"] for chip in answer.json()["items"]]


def test_chips_are_found_by_their_label_in_the_order_of_their_birth(told):
    assert found(told, "watch", f"label={LABEL}") == CHIPS[:3] == found(told, "maker", f"label={LABEL}")
    assert found(told, "holder", f"label={LABEL}") == [CHIPS[1]] == found(told, "heir", f"label={LABEL}")
    assert found(told, "quant", f"label={LABEL}") == [] == found(told, "watch", f"label={LABEL.lower()}")
    assert found(told, "watch", f"label={LABEL}&serial=T0002") == [CHIPS[2]]
    assert found(told, "watch", f"label={LABEL}&uuid=GPU-T0&ik={IK}") == [CHIPS[0]]
    assert found(told, "watch", f"label={LABEL}&at={told.affairs.registered - 1}") == []
    assert found(told, "watch", f"label={LABEL}&date=2999-01-01") == CHIPS[:3]


@pytest.mark.parametrize("party", ["watch", "maker"])
@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_of_a_search_together_are_all_of_it(told, party, limit):
    seen, query = [], f"/chips?label={LABEL}&limit={limit}"
    part = told.ask(party, query).json()
    while True:
        assert len(part["items"]) <= limit
        seen += [chip["chip"] for chip in part["items"]]
        if part["next"] is None:
            break
        part = told.ask(party, f"{query}&after={part['next']}").json()
    assert seen == CHIPS[:3]


def test_a_party_is_told_with_whom_it_succeeded_and_what_its_keys_are_good_for(told):
    heir, holder = (told.ask("heir", f"/parties/{party}").json() for party in ("me", "holder"))
    assert (heir["predecessors"], holder["successors"], holder["succeeded_by"]) == (
        ["holder"],
        ["heir"],
        "heir",
    )
    clerk = next(key for key in holder["keys"] if key["kinds"])
    assert (clerk["kinds"], clerk["sites"], clerk["not_before"], clerk["until"]) == (
        ["chips.sighted"],
        None,
        None,
        None,
    )
    assert told.take_token("holder", affairs.signer("clerk")).status_code == 401  # too narrow to read


def test_evidence_is_given_to_those_who_see_all(told):
    assert told.send(affairs.with_evidence("maker:U1")).status_code == 201
    path = f"/attestations/{affairs.sha256(EVIDENCE).hexdigest()}"
    for party in ("watch", REGISTRAR):
        assert told.ask(party, path).content == EVIDENCE
        assert told.ask(party, "/attestations/" + "0" * 64).status_code == 404
    for party in ("maker", "quant", "outsider"):
        hidden, cost = asked(told, party, path)
        nothing, nothing_cost = asked(told, party, "/attestations/" + "0" * 64)
        assert (plain(hidden), cost) == (plain(nothing), nothing_cost) and hidden.status_code == 404


class Hasty(Chips):
    """Asks about who is concerned only where there is a chip, and about disputes only where it is seen."""

    def chip(self, viewer, chip, at):
        if not self._store.history_is_there(chip):
            return None
        return super().chip(viewer, chip, at)


class WithHistory:
    """A store that can be asked in a way that tells."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    def history_is_there(self, chip):
        """One question more."""
        return bool(self._store.standings([chip]))


@pytest.mark.parametrize("spoiled", [False, True])
def test_a_lookup_that_asks_less_of_what_is_not_there_is_noticed(told, spoiled):
    store = told.ledger.store
    chips = Hasty(WithHistory(store)) if spoiled else Chips(store)
    outsider, size = Viewer("outsider", frozenset(), frozenset({"outsider"})), told.ledger.lookup.size()
    costs = []
    for chip in (CHIPS[0], "maker:NONE"):
        with counted(store) as sent:
            assert chips.chip(outsider, chip, size) is None
        costs.append(len(sent))
    assert (costs[0] == costs[1]) is not spoiled


def test_a_viewer_who_does_not_see_all_is_told_of_the_first_bearers_alone(told):
    chips, window = told.ledger.lookup.chips, Window(told.ledger.lookup.size(), None, 1)
    maker = Viewer("maker", frozenset(), frozenset({"maker"}))
    part = chips.search(maker, Borne(label=LABEL), window)
    assert ([chip["chip"] for chip in part.items], part.next is None) == (CHIPS[:1], False)
    assert not sees_chip(maker, frozenset({"holder"}))
