"""A flood of disputes is answered 429 with the way to the next day; everybody else goes on."""

import pytest

from ledger.book.times import format_seconds
from tests.http.trading import CLOCK, MODEL, REGISTRAR, bundle, enrolment, make_folder, serving

MOST = 3
CHIPS = [f"maker:F{number}" for number in range(4)]
DAY_S = 86_400


@pytest.fixture
def post(tmp_path):
    """A ledger where one party may dispute three chips a day."""
    with serving(make_folder(tmp_path / "ledger"), discrepancies_per_party_day=MOST) as made:
        for party, role in (("maker", "maker"), ("griefer", "holder"), ("holder", "holder")):
            assert made.send(enrolment(party, role)).status_code == 201
            if party != "griefer":
                body = {"site": f"{party}/hall", "name": "Hall", "country": "NL"}
                made.say(party, "site.declared", body)
        made.say("griefer", "site.declared", {"site": "griefer/den", "name": "Den", "country": "NL"})
        made.say(REGISTRAR, "model.listed", MODEL)
        lines = [{"chip": chip, "model": MODEL["model"]} for chip in CHIPS]
        made.say("maker", "chips.registered", {"site": "maker/hall"}, lines)
        yield made


def sighted(number):
    """All of the maker's chips, said to be in the griefer's den."""
    body = {"place": f"den {number}", "site": "griefer/den"}
    return bundle("griefer", "chips.sighted", body, [{"chip": chip} for chip in CHIPS])


def test_a_flood_is_told_when_to_come_again_and_the_victim_ships_and_sells(post):
    assert post.send(sighted(0)).status_code == 201
    refused = post.send(sighted(1))
    assert (refused.status_code, refused.json()["reason"]) == (429, "too_fast")
    assert f"a day has {MOST}" in refused.json()["detail"]
    wait = int(refused.headers["retry-after"])
    assert abs(wait - (DAY_S - CLOCK.now_s % DAY_S)) <= 2
    (line,) = post.send_lines([sighted(2)])
    assert (line["status"], line["problem"]["reason"]) == ("refused", "too_fast")
    assert post.send(sighted(3), params={"dry_run": "1"}).status_code == 429
    told = post.ask("maker", f"/chips/{CHIPS[0]}").json()
    assert (told["status"], told["discrepancies"]["count"]) == ("held", 1)
    body = {"shipment": "maker/s1", "to": "holder", "country": "NL", "title": "kept"}
    body["due_by"] = format_seconds(CLOCK.now_s + 2 * DAY_S)
    post.say("maker", "shipment.dispatched", body, [{"chip": chip} for chip in CHIPS[:2]])
    body = {"shipment": "maker/s1", "site": "holder/hall", "evidence": "as_dispatched"}
    post.say("holder", "shipment.arrived", body)
    post.say("maker", "title.offered", {"transfer": "maker/t1", "to": "holder"}, [{"chip": CHIPS[0]}])
    post.say("holder", "title.accepted", {"transfer": "maker/t1"})
    sold = post.ask("holder", f"/chips/{CHIPS[0]}").json()
    assert (sold["custodian"], sold["owner"]) == ("holder", "holder")
