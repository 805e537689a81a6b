"""How do the numbers of a report look as bars?

SVG for the middle of a page: everything drawn with plain attributes, no script, no style, no reference, so
that it shows under the strictest content policy and prints. Colours differ in lightness as well as in hue,
each is at least 3:1 against the paper; the numbers stand beside the bars and in the table beneath.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape
from xml.etree import ElementTree

from pygal import HorizontalBar, HorizontalStackedBar  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from api.web.plots import FAINT, FONT, INK, PAPER
from api.web.reports.telling import Bars, amount

WIDTH = 960
BAR_HEIGHT, THIN_HEIGHT, MARGIN_HEIGHT = 34, 20, 70
GROUPS_SHOWN_MAX = 16
LABEL_CHARACTERS_MAX = 32
THE_TABLE = ": the table has them."
NOT_ALL = " are not drawn, and the tables of this page do not show them all."
VALUE_WIDTH = 90  # right of the longest bar, for its number
VALUE_GAP = 6
TICKS_MAX = 6  # besides the one at nothing
STEPS = (1, 2, 5, 10)
FONT_SIZE = 13
COLOURS = ("#1f4e9c", "#c4501b", "#1b7f5c", "#8a3f8f", "#8b6d00", "#5f6368", "#0b7a94", "#a3243b")
SERIES = "serie-"
DROPPED = frozenset({"style", "script", "defs", "desc", "title"})
DROPPED_GROUPS = frozenset({"tooltip-overlay", "text-overlay", "overlay", "legends", "titles"})
KEPT = frozenset({"x", "y", "width", "height", "d", "transform"})
STYLE = Style(label_font_size=FONT_SIZE, major_label_font_size=FONT_SIZE, font_family=FONT)


def draw(bars: Bars, ident: str, *, has_rest: bool = True) -> str:
    """The figure; nothing where there is nothing to draw. `ident` is the page's own for this picture.

    `has_rest`: the tables of the page have every group, those that are not drawn too.
    """
    largest = max((sum(values) for values in zip(*bars.series.values(), strict=True)), default=0)
    if not bars.groups or largest <= 0:
        return ""
    series = {name: values for name, values in bars.series.items() if any(values)}
    shown = {name: [float(v) for v in values[:GROUPS_SHOWN_MAX]] for name, values in series.items()}
    groups = bars.groups[:GROUPS_SHOWN_MAX]
    left = len(bars.groups) - len(groups)
    where = THE_TABLE if has_rest else NOT_ALL
    more = f"<p>{left:,} more{where}</p>" if left else ""
    legend = "".join(
        f'<li><svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" fill="{colour}"/>'
        f"</svg> {escape(name)}</li>"
        for name, colour in zip(shown, COLOURS, strict=False)
    )
    legend = f'<ul class="legend">{legend}</ul>' if len(shown) > 1 else ""
    return (
        f'<figure><figcaption id="{ident}">{escape(bars.title)}, in {escape(bars.unit)}</figcaption>{legend}'
        f'<div class="picture" role="region" aria-labelledby="{ident}" tabindex="0">'
        f"{_svg(bars, groups, shown, ident)}</div>{more}</figure>"
    )


def _svg(bars: Bars, groups: Sequence[str], series: Mapping[str, Sequence[float]], ident: str) -> str:
    stacked = bars.is_stacked
    each = BAR_HEIGHT if stacked else 14 + THIN_HEIGHT * len(series)
    height = MARGIN_HEIGHT + each * len(groups)
    chart = (HorizontalStackedBar if stacked else HorizontalBar)(
        js=[],
        width=WIDTH,
        height=height,
        explicit_size=True,
        show_legend=False,
        margin_right=VALUE_WIDTH,
        truncate_label=LABEL_CHARACTERS_MAX,
        value_formatter=tick,
        style=STYLE,
    )
    longest = max(map(sum, zip(*series.values(), strict=True)) if stacked else map(max, series.values()))
    chart.y_labels = ticks(longest)
    # The library draws from the bottom; people read from the top.
    chart.x_labels = [_short(group) for group in reversed(groups)]
    names = list(series)
    for name in names:
        chart.add(name, list(reversed(series[name])))
    tree = chart.render_tree()
    _number(tree, [list(reversed(series[name])) for name in names], stacked=stacked)
    colours = dict(zip(series, COLOURS, strict=False))
    _strip(tree, [colours[name] for name in names], {})
    tree.attrib = {
        "viewBox": f"0 0 {WIDTH} {height}",
        "width": str(WIDTH),
        "height": str(height),
        "role": "img",
        "aria-labelledby": ident,
        "font-family": FONT,
        "font-size": str(FONT_SIZE),
    }
    drawn: str = ElementTree.tostring(tree, encoding="unicode")
    return drawn


def ticks(longest: float) -> list[float]:
    """Round numbers from 0 to beyond the longest bar, whole ones where there is room for them."""
    if longest <= 0:  # of the groups that are shown
        return [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(longest / TICKS_MAX))
    step = next(power * each for each in STEPS if power * each * TICKS_MAX >= longest)
    if longest >= 1:
        step = max(step, 1.0)
    return [step * place for place in range(math.ceil(longest / step) + 1)]


def tick(value: float) -> str:
    """A number of the axis: grouped digits, no decimal it does not need."""
    return f"{value:,.6g}" if abs(value) < 1 else f"{value:,.0f}"


def _short(label: str) -> str:
    return label if len(label) <= LABEL_CHARACTERS_MAX else label[: LABEL_CHARACTERS_MAX - 1] + "…"


def _number(tree: ElementTree.Element, values: Sequence[Sequence[float]], *, stacked: bool) -> None:
    """Beside each bar its number; of bars on one another the sum, beside the last."""
    plot = next(g for g in tree.iter("g") if "plot" in g.get("class", "").split())
    ends: dict[tuple[int, int], tuple[float, float]] = {}
    drawn = [g for g in plot if "series" in g.get("class", "").split()]
    for series in drawn:
        place = _place(series.get("class", "").split())
        for index, bar in enumerate(series.iter("rect")):
            x = float(bar.get("x", 0)) + float(bar.get("width", 0))
            y = float(bar.get("y", 0)) + float(bar.get("height", 0)) / 2
            key = (0 if stacked else place, index)
            ends[key] = max(ends.get(key, (0.0, y)), (x, y))
    for (place, index), (x, y) in sorted(ends.items()):
        number = sum(each[index] for each in values) if stacked else values[place][index]
        where = {"x": f"{x + VALUE_GAP:.1f}", "y": f"{y + FONT_SIZE / 3:.1f}", "class": "beside"}
        ElementTree.SubElement(plot, "text", where).text = amount(number)


def _strip(element: ElementTree.Element, colours: Sequence[str], above: Mapping[str, str]) -> None:
    """Known attributes only, colours and anchors as attributes."""
    for child in list(element):
        tag = child.tag if isinstance(child.tag, str) else ""
        classes = child.get("class", "").split()
        if not tag or tag in DROPPED or set(classes) & DROPPED_GROUPS:
            element.remove(child)
            continue
        inherited = {**above, **_passed_on(classes, colours)}
        drawn = _drawn(tag, classes, inherited)
        child.attrib = {name: value for name, value in child.attrib.items() if name in KEPT} | drawn
        _strip(child, colours, inherited)


def _place(classes: Sequence[str]) -> int:
    """Which series a group is: the library does not draw them in order."""
    return next(int(name.removeprefix(SERIES)) for name in classes if name.startswith(SERIES))


def _passed_on(classes: Sequence[str], colours: Sequence[str]) -> dict[str, str]:
    said = {"colour": colours[_place(classes)]} if "series" in classes else {}
    for name in classes:
        if name in ("x", "y") and "axis" in classes:
            said["axis"] = name
    return said


def _drawn(tag: str, classes: Sequence[str], above: Mapping[str, str]) -> dict[str, str]:
    """Colour, stroke and anchor of one element."""
    if tag == "rect":
        return {"fill": above.get("colour", PAPER)}
    if tag == "path":
        return {"fill": "none", "stroke": FAINT, "stroke-width": "1"}
    if tag == "text" and "beside" in classes:
        return {"fill": INK, "text-anchor": "start"}
    if tag == "text":
        return {"fill": INK, "text-anchor": "end" if above.get("axis") == "y" else "middle"}
    return {}
