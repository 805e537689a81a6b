"""Each role sees what it may, and is told the same of what it may not see as of what is not there."""

import pytest

from tests.http.scene import CHIPS, ROLES
from tests.http.trading import REGISTRAR

EVERYBODY = (REGISTRAR, *ROLES)
VARYING = {"x-request-id", "date"}

# What there is, the like of it that is not there, and who sees the first.
THINGS = {
    "chip held": (f"/chips/{CHIPS[0]}", "/chips/maker:S9999", {"maker", "holder"}),
    "chip never sent": (f"/chips/{CHIPS[4]}", "/chips/maker:S9999", {"maker"}),
    "history": (f"/chips/{CHIPS[4]}/history", "/chips/maker:S9999/history", {"maker"}),
    "party": ("/parties/maker", "/parties/nobody", {"maker"}),
    "holdings": ("/parties/maker/holdings", "/parties/nobody/holdings", {"maker"}),
    "shipment": ("/shipments/maker/s1", "/shipments/maker/s9", {"maker", "holder"}),
    "discrepancy": ("/discrepancies/{discrepancy}", "/discrepancies/99.9", {"maker", "holder"}),
    "dispatch": ("/statements/{dispatch}", "/statements/" + "0" * 64, {"maker", "holder"}),
    "arrival": ("/statements/{arrival}", "/statements/" + "0" * 64, {"holder"}),
    "enrolment": ("/statements/{enrolment}", "/statements/" + "0" * 64, {"holder"}),
    "manifest": ("/manifests/{dispatch}", "/manifests/" + "0" * 64, {"maker", "holder"}),
    "refusal": ("/refusals/{refusal}", "/refusals/none", {"outsider"}),
    "drawn inspection": ("/inspections/watch/i1", "/inspections/watch/i9", {"holder"}),
    "drawn sample": ("/inspections/watch/i1/sample", "/inspections/watch/i9/sample", {"holder"}),
    "drawn statement": ("/statements/{drawn}", "/statements/" + "0" * 64, {"holder"}),
    "undrawn inspection": ("/inspections/watch/i2", "/inspections/watch/i9", set()),
    "undrawn sample": ("/inspections/watch/i2/sample", "/inspections/watch/i9/sample", set()),
    "commitment": ("/statements/{hidden}", "/statements/" + "0" * 64, set()),
    "frame": ("/inspections/frame?provers=holder", "/inspections/frame?provers=nobody", set()),
    "entry tile": ("/tile/entries/000.p/{size}", "/tile/entries/900", set()),
    "snapshots": ("/snapshots", "/snapshotz", {"quant"}),
    "sql": ("/sql?q=SELECT 1", "/sqlz", {"quant"}),
    "report": ("/reports/overdue", "/reports/none", {"quant"}),
}
SEE_ALL = {REGISTRAR, "watch"}


def plain(answer):
    """Status, headers that do not vary between any two answers, and body."""
    headers = {name: value for name, value in answer.headers.items() if name not in VARYING}
    return answer.status_code, headers, answer.content


@pytest.mark.parametrize("party", EVERYBODY)
@pytest.mark.parametrize("thing", THINGS)
def test_forbidden_and_unknown_are_one_answer(post, scene, thing, party):
    there, not_there, seen_by = THINGS[thing]
    names = (
        {field: getattr(scene, field) for field in scene.__slots__}
        if hasattr(scene, "__slots__")
        else vars(scene)
    )
    answer = post.ask(party, there.format(**names))
    nothing = post.ask(party, not_there)
    assert nothing.status_code == 404
    if party in seen_by | SEE_ALL:
        assert answer.status_code == 200, answer.text
    else:
        assert plain(answer) == plain(nothing)


@pytest.mark.parametrize("thing", THINGS)
def test_without_a_token_all_are_401_alike(post, scene, thing):
    there, _, _ = THINGS[thing]
    answer = post.http.get(there.format(**vars(scene)))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert plain(answer) == plain(post.http.get("/parties/me"))
    assert plain(answer) == plain(post.http.get("/parties/me", headers={"Authorization": "Bearer none"}))


def test_lists_leave_out_what_is_hidden(post, scene):
    for party in ("maker", "holder", "quant", "outsider"):
        shown = {entry["statement"] for entry in post.ask(party, "/entries").json()["items"]}
        assert scene.hidden not in shown, party
    assert scene.hidden in {entry["statement"] for entry in post.ask("watch", "/entries").json()["items"]}


def test_a_snapshot_has_nothing_of_the_inspection_that_is_not_drawn(post, scene):
    query = "SELECT statement FROM entry WHERE kind = 'inspection.committed'"
    rows = post.ask("quant", "/sql", params={"q": query}).json()["rows"]
    shown = {row["statement"] for row in rows}
    assert len(shown) == 1
    assert scene.hidden not in shown


def test_a_refused_line_names_no_owner(post, scene):
    """`not_held` says the same of a chip that is another's and of one that is not there."""
    shown = post.ask("outsider", f"/refusals/{scene.refusal}").json()
    assert "maker holds" not in shown["detail"]
