"""The figures of `docs/detection.md` that follow from the laws are those of the laws."""

import re

import pytest

from analytics.statistics.losses import excess_losses
from tests.docs.papers import ROOT, table_under
from tests.statistics.power import CHIP_YEARS, MORTALITY, false_reports, lists, slow_losses

PAGE = (ROOT / "docs" / "detection.md").read_text(encoding="utf-8")
TABLES = {
    "chips lost, spread over the two years": slow_losses,
    "false reports among the deaths": false_reports,
    "first, second, both": lists,
}


@pytest.mark.parametrize("heading", TABLES)
def test_each_table_is_worked_out_anew(heading):
    right = TABLES[heading]()
    lines = "\n".join("| " + " | ".join(cells) + " |" for cells in right)
    assert table_under(PAGE, heading) == right, lines
    assert len(right) >= 3


def test_the_text_has_the_critical_number_of_deaths():
    critical = excess_losses(0, CHIP_YEARS, MORTALITY).critical
    assert re.findall(r"where (\d+) deaths are expected and (\d+) are significant", PAGE) == [
        (str(CHIP_YEARS * MORTALITY), str(critical))
    ]


def test_what_nothing_is_lost_from_alarms_less_often_than_it_says():
    none, *others = slow_losses()
    rates = [float(row[1].rstrip(" %")) for row in (none, *others)]
    assert rates[0] <= 5.0 and rates == sorted(rates)
    assert all(float(row[1].rstrip(" %")) >= float(row[2].rstrip(" %")) for row in others)
