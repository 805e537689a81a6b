"""What is said in a way down is what its row could have said; all else is refused by its name."""

from datetime import datetime
from hashlib import sha256

import pytest

from analytics.report import REPORTS, run_report
from analytics.reporting.drills import FINGERPRINT_HEX, NAMES, PLACE, Way, read_way
from analytics.reporting.said import OF, VALUES, WITH
from signing.canonical import Unreadable
from tests.analytics.wide_reports import NEEDED

NINES = "9" * 400
OVERDUE = {"grouping": "liable", "liable": "acme", "shipment": "acme/s1"}
MUF = {"grouped": "oslo", "grouping": "party", "entry_index": "7"}
UNVERIFIED = {
    "as_of_s": "1795240800", "basis": "registered", "confirmed_since": "2026-05-25 06:00:00",
    "grouped": "oslo", "grouping": "liable", "models": "registrar/h100",
}  # fmt: skip
PRESENT = {
    "basis": "registered", "grouped": "", "grouping": "site", "models": "*", "outside": "-", "standing": "*"
}  # fmt: skip
SPAN = {"from_size": "0", "to_size": "40"}
BALANCE = {**SPAN, "grouped": "oslo", "grouping": "party", "term": "moves"}
UNDECLARED = {
    "basis": "registered", "confirmed_since": "2026-05-25 06:00:00.123000", "grouped": "book",
    "grouping": "book", "seen_by": "all",
}  # fmt: skip
LOSSES = {
    "basis": "suspected", "counted_since": "1926-12-15 06:00:00", "counted_until": "2026-11-21 06:00:01",
    "grouped": "NO", "grouping": "country",
}  # fmt: skip
FABRICATION = {"grouped": "any 'text' at all", "grouping": "product"}
GOOD = {
    "balance": BALANCE,
    "entries": {"entries": "3 14", "grouping": "cell"},
    "fabrication": FABRICATION,
    "losses": LOSSES,
    "muf": MUF,
    "overdue": OVERDUE,
    "present": PRESENT,
    "srd": {"grouping": "site", "shipment": "acme/s1"},
    "trend_muf": {**SPAN, "grouped": "oslo", "grouping": "party", "party": "oslo", "with": ""},
    "trend_srd": {**SPAN, "grouping": "party", "party": "oslo", "with": "lima"},
    "undeclared": UNDECLARED,
    "unverified": UNVERIFIED,
}
BAD = {
    "entry_index": ("abc", "", NINES, "-1", "07", "9007199254740992", "7 ", "٧"),
    "entries": ("", "3  14", "3,14", " 3", "x", f"3 {NINES}"),
    "from_size": ("x", NINES, ""),
    "to_size": ("1e3", "-1"),
    "as_of_s": ("NaN", "", "1.5", NINES, "-0"),
    "confirmed_since": ("yesterday'", "", "2026-05-25", "2026-02-30 06:00:00", "2026-05-25T06:00:00Z", "now"),
    "counted_since": ("", "infinity"),
    "counted_until": ("2026-11-21 06:00:01+00:00", "٢٠٢٦-11-21 06:00:01"),
    "basis": ("x", "", "Registered"),
    "seen_by": ("nobody", ""),
    "term": ("x", ""),
    "standing": ("", "sold"),
    "outside": ("", "NO"),
    "models": ("", "h100", "registrar/h100  registrar/h20", "* -", "--", "- "),
    "shipment": ("", "s1", "acme/s1'", "acme/"),
    "liable": ("", "ACME", "a", "acme/s1", "acme' OR 'a' = 'a", "acme\n"),
    "party": ("", "Oslo"),
    "with": ("x", "oslo/hall/1"),
    "grouped": ("NOPE/ x", "\ufffd\ufffd", "no such place", "\0"),
    "grouping": ("x", "", "rule", "GROUPING"),
}


def refused(name, values):
    said = Way(name, values).said() if isinstance(values, dict) else values
    with pytest.raises(Unreadable) as fault:
        read_way(name, said)
    return fault.value.field


def test_every_way_has_good_values_and_a_table_for_them():
    assert set(GOOD) == set(OF) == NAMES
    for name, values in GOOD.items():
        assert read_way(name, Way(name, values).said()) == Way(name, values)
    named = {place for values in GOOD.values() for place in values}
    assert named == set(BAD) == {*VALUES, "with", "grouped", "grouping"} and len(WITH) == 2


@pytest.mark.parametrize("name", GOOD)
def test_a_value_that_no_row_has_is_refused_by_its_name(name):
    tried = 0
    for place in GOOD[name]:
        for value in BAD[place]:
            if place == "grouped" and GOOD[name]["grouping"] == "product" and value != "\0":
                continue  # a product is called what its fab calls it
            assert refused(name, {**GOOD[name], place: value}) == f"said.{place}", value
            tried += 1
        less = {key: value for key, value in GOOD[name].items() if key != place}
        assert refused(name, less) == f"said.{place}"
    assert refused(name, {**GOOD[name], "more": "x"}) == "said.more"
    assert tried >= 4


def test_a_way_has_the_groupings_of_its_report_alone_and_a_group_is_called_by_its_grouping():
    tried = 0
    every = {grouping for question in REPORTS.values() for grouping in question.groupings}
    for name, reports in OF.items():
        own = {grouping for report in reports for grouping in REPORTS[report].groupings}
        for grouping in every - own:
            assert refused(name, {**GOOD[name], "grouping": grouping}) == "said.grouping"
            tried += 1
    assert tried > 50
    for grouping, group in (("country", "oslo"), ("site", "oslo"), ("custodian", "NO"), ("model", "h100")):
        assert refused("present", {**PRESENT, "grouping": grouping, "grouped": group}) == "said.grouped"
    for name in ("balance", "undeclared", "fabrication"):
        assert refused(name, {**GOOD[name], "grouped": ""}) == "said.grouped", "it is never nobody's"


def test_said_is_read_as_strictly_as_a_body():
    for said in (
        '{"entry_index":"7","entry_index":"8","grouping":"party"}',
        '{"entry_index":7,"grouping":"party"}',
        '{"entry_index":null,"grouping":"party"}',
        '{"entry_index":["7"],"grouping":"party"}',
        '["entry_index"]', "{", "", "null", '{"grouping":"party","entry_index":"\ud800"}',
        '{"grouping":"party","entry_index":"\\ud800"}',
    ):  # fmt: skip
        assert refused("muf", said).startswith("said"), said
    assert refused("nothing", "{}") == "drill"
    spaced = ' {"entry_index": "7", "grouped": "oslo", "grouping": "party"} '
    assert read_way("muf", spaced) == Way("muf", MUF), "the control"


@pytest.mark.parametrize("name", REPORTS)
def test_every_way_of_every_row_is_read_again(wide, name):
    _, snapshot = wide
    seen = 0
    windows = {"window_days": 36_500} if "window_days" in str(REPORTS[name].parameters) else {}
    for grouping in REPORTS[name].groupings:
        for as_of, more in ((None, {}), (datetime(2027, 1, 1, 0, 0, 0, 5), windows)):  # noqa: DTZ001
            given = {**NEEDED.get(name, {}), **more}
            report = run_report(snapshot, name, grouping=grouping, as_of=as_of, given=given)
            for part, table in ((name, report.rows), *report.beside.items()):
                for row in table.to_pylist():
                    way = report.drill(part, row)
                    if way is not None:
                        assert read_way(way.name, way.said()) == way
                        seen += 1
    assert seen > 5 or name == "changes"


def test_a_fingerprint_is_of_the_text_and_not_of_the_values():
    way = Way("muf", MUF)
    assert way.fingerprint == Way("muf", {**MUF, "entry_index": "8"}).fingerprint
    plain = way.text.replace("'7'", "$entry_index").replace("'oslo'", "$grouped")
    assert set(PLACE.findall(plain)) == {"entry_index", "grouped"}
    assert sha256(plain.encode()).hexdigest()[:FINGERPRINT_HEX] == way.fingerprint
    others = {Way(name, values).fingerprint for name, values in GOOD.items()}
    assert len(others) == len(GOOD)
    assert Way("present", {**PRESENT, "grouping": "owner"}).fingerprint != Way("present", PRESENT).fingerprint
