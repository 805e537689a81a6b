"""Bars: plain attributes only, as long as their numbers, named, and told apart by more than hue."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from analytics.report import Total, run_report
from api.web.plots import INK, PAPER
from api.web.reports.bars import COLOURS, GROUPS_SHOWN_MAX, draw
from api.web.reports.page import Visit, report_page
from api.web.reports.telling import Bars, Line, Part, amount, has_every
from tests.pages.reading import read

GROUPS = ["first", "second & last"]
STACKED = Bars("Chips", "chips", GROUPS, {"held": [3, 1], "gone": [2, 0]})
BESIDE = Bars("Chips", "chips", GROUPS, {"low": [1, 0], "high": [40, 2.5]}, is_stacked=False)
ALLOWED = {
    "x", "y", "width", "height", "d", "transform", "viewBox", "fill", "stroke", "stroke-width", "text-anchor",
    "font-size", "font-family", "role", "aria-labelledby",
}  # fmt: skip
GRAPHIC_CONTRAST_MIN, TEXT_CONTRAST_MIN = 3.0, 4.5  # WCAG 2.2, 1.4.11 and 1.4.3


def luminance(colour):
    """Of WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """Of WCAG 2.2."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def drawing(bars):
    return next(each for each in read(draw(bars, "here")).every("svg") if each.get("role") == "img")


def width_of(rectangle):
    """The library leaves out a width of nothing."""
    return float(rectangle.get("width") or 0)


def coloured(svg):
    """Rectangles of series, by colour: (height of its middle, width)."""
    found = {}
    for each in svg.every("rect"):
        if each.get("fill") != PAPER:
            found.setdefault(each.get("fill"), []).append((float(each.get("y")), width_of(each)))
    return found


@pytest.mark.parametrize("bars", [STACKED, BESIDE])
def test_a_picture_is_drawn_with_plain_attributes_alone(bars):
    svg = drawing(bars)
    assert {each.tag for each in svg.every()} <= {"g", "rect", "path", "text"}
    assert {name for each in svg.every() for name in each.attributes} <= ALLOWED
    ElementTree.fromstring(draw(bars, "here"))
    assert "second &amp; last" in draw(bars, "here")


def test_bars_are_as_long_as_their_numbers_and_stand_in_order():
    found = coloured(drawing(STACKED))
    (top, three), (below, one) = sorted(found[COLOURS[0]])
    assert top < below and three / one == pytest.approx(3, rel=0.01), "the first group is above"
    low, high = (sorted(coloured(drawing(BESIDE))[colour]) for colour in COLOURS[:2])
    assert high[0][1] / low[0][1] == pytest.approx(40, rel=0.01)


@pytest.mark.parametrize(("bars", "numbers"), [(STACKED, ["5", "1"]), (BESIDE, ["1", "40", "0", "2.50"])])
def test_beside_each_bar_stands_its_own_number(bars, numbers):
    svg = drawing(bars)
    beside = [each for each in svg.every("text") if each.get("text-anchor") == "start"]
    assert sorted(each.text for each in beside) == sorted(numbers)
    ends = {}
    for each in svg.every("rect"):
        if each.get("fill") != PAPER:
            middle = round(float(each.get("y")) + float(each.get("height")) / 2)
            end = float(each.get("x")) + width_of(each)
            ends[middle] = max(ends.get(middle, 0.0), end)
    by_length = sorted(ends.items(), key=lambda item: item[1])
    texts = {round(float(each.get("y")) - 13 / 3): each.text for each in beside}
    told = [float(next(text for y, text in texts.items() if abs(y - middle) <= 1)) for middle, _ in by_length]
    assert told == sorted(told), "the longer the bar, the larger its number"


def test_what_is_not_drawn_is_said_or_nothing():
    many = Bars("Chips", "chips", [str(n) for n in range(40)], {"held": [40 - n for n in range(40)]})
    assert f"{40 - GROUPS_SHOWN_MAX} more: the table has them." in draw(many, "here")
    assert draw(Bars("Chips", "chips", [], {"held": []}), "here") == ""
    assert draw(Bars("Chips", "chips", ["a"], {"held": [0]}), "here") == ""


def test_of_groups_that_no_table_shows_it_is_not_said_that_one_has_them():
    """A table shows its first lines; another of all groups, or of what claims are about, has them all."""
    groups = [f"g{n}" for n in range(300)]
    many = Bars("Chips", "chips", groups, {"held": [1.0] * 300})
    lines = [Line({"grouped": each}) for each in groups]
    cut, whole = (Part("held", "Chips", [], each, 300) for each in (lines[:200], lines))
    assert not has_every([cut], many) and has_every([cut, whole], many)
    few = "284 more are not drawn, and the tables of this page do not show them all."
    assert few in draw(many, "here", has_rest=has_every([cut], many))
    assert "284 more: the table has them." in draw(many, "here", has_rest=has_every([whole], many))
    row = {"grouped": "a", "model": "m", "family": None}
    claims = Part("claims", "Claims", [], [Line(row)], 1)
    assert has_every([claims], Bars("Claims", "chips", ["a m"], {})), "as cells are called in the picture"
    assert not has_every([claims], Bars("Claims", "chips", ["a m"] * 2, {})), "one of two is not both"


def test_colours_stand_out_from_the_paper_and_from_their_neighbours():
    assert all(contrast(colour, PAPER) >= GRAPHIC_CONTRAST_MIN for colour in COLOURS)
    assert contrast(INK, PAPER) >= TEXT_CONTRAST_MIN
    assert len(set(COLOURS)) == len(COLOURS)
    assert contrast("#ffffff", "#000000") == pytest.approx(21) and contrast("#777777", PAPER) < 4.5


def test_amounts_have_as_many_decimals_as_they_deserve():
    written = {0: "0", 3: "3", 1234.5: "1,234", 12.34: "12.3", 1.234: "1.23", 0.0123: "0.012"}
    assert {value: amount(value) for value in written} == written


@pytest.mark.parametrize(("count", "asked"), [(100, {}), (300, {}), (100, {"group": "g7"})])
def test_a_page_says_of_groups_that_are_not_drawn_whether_a_table_has_them(post, count, asked):
    report = run_report(post.snapshot, "changes", given={"from_size": 40})
    totals = tuple(Total(f"g{n}", 1, 1, None) for n in range(count))
    visit = Visit("log.example", "quant", "changes", asked, ())
    page = report_page(visit, replace(report, totals=totals))
    has_them = count == 100 and not asked
    assert (f"{count - GROUPS_SHOWN_MAX} more: the table has them." in page) is has_them
    assert (f"{count - GROUPS_SHOWN_MAX} more are not drawn, and the tables" in page) is not has_them
