"""How does a plan look as a picture?

SVG in which everything is drawn with plain attributes: no script, no style sheet, no reference to anything
outside, no clock and no chance, so that it shows under the strictest content policy and is the same bytes for
the same plan. Detection against size, or cost against the risk that is left.
"""

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from pygal import XY  # type: ignore[import-untyped]

from ledger.planning.curves import Point
from ledger.planning.telling import Told

WIDTH, HEIGHT = 720, 400
FONT = "system-ui, sans-serif"
DETECTION, COST = "detection", "cost"
PLOTS = (DETECTION, COST)
PERCENT = 100
TITLE_CHARACTERS_MAX = 90
LABELS_MAX = 8
SVG = "{http://www.w3.org/2000/svg}"
DROPPED = frozenset({"style", "script", "defs", "desc"})
DROPPED_GROUPS = ("tooltip-overlay", "text-overlay", "legends")
INK, FAINT, PAPER = "#1a1a1a", "#c4c4c4", "#ffffff"
COLOURS = {"color-0": "#1f5fbf", "color-1": "#b3261e"}  # told apart by shape too: a line, and a large dot
ATTRIBUTES_KEPT = frozenset(
    {"x", "y", "width", "height", "d", "cx", "cy", "r", "transform", "viewBox", "fill", "stroke"}
    | {"stroke-width", "font-size", "font-family", "text-anchor", "role", "aria-labelledby", "id", "xmlns"}
)


def plot_svg(told: Told, plot: str) -> bytes:
    """The picture of one plan, with a title and a description for those who cannot see it."""
    points, here = told.points, _planned(told)
    chart = XY(
        js=[],
        width=WIDTH,
        height=HEIGHT,
        show_legend=False,
        show_dots=False,
        explicit_size=True,
        include_x_axis=False,
        title=None,
        x_title=f"{told.size}" if plot == DETECTION else "risk that is left, per cent",
        y_title="chance of detection, per cent" if plot == DETECTION else f"cost of the {told.size}",
        no_data_text="no curve is drawn of this plan",
        x_labels_major_count=LABELS_MAX,
        truncate_label=-1,
        x_value_formatter=_number,
        value_formatter=_number,
    )
    chart.add("plan", [_place(point, plot) for point in points])
    if here is not None:
        chart.add("chosen", [{"value": _place(here, plot)}], stroke=False, show_dots=True, dots_size=6)
    return _plain(chart.render_tree(), _title(told, plot), told.sentence)


def _place(point: Point, plot: str) -> tuple[float, float]:
    if plot == COST:
        return float(point.miss * PERCENT), float(point.cost)
    return float(point.visits), float(point.detection * PERCENT)


def _planned(told: Told) -> Point | None:
    size = told.facts.get("n", told.facts.get("per_period"))
    return next((point for point in told.points if point.visits == size), None)


def _number(value: float | Sequence[float]) -> str:
    """A label: grouped digits, no more decimals than it needs."""
    if isinstance(value, (tuple, list)):
        return ", ".join(map(_number, value))
    text = f"{value:,.4f}".rstrip("0").rstrip(".")
    return text if text != "-0" else "0"


def _title(told: Told, plot: str) -> str:
    what = "Chance of detection by size" if plot == DETECTION else "Cost by the risk that is left"
    return f"{what}: {told.sentence}"[:TITLE_CHARACTERS_MAX]


def _plain(tree: ElementTree.Element, title: str, sentence: str) -> bytes:
    """The drawing alone: known attributes only, colours and fonts as attributes."""
    tree.attrib = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {WIDTH} {HEIGHT}",
        "width": str(WIDTH),
        "height": str(HEIGHT),
        "role": "img",
        "aria-labelledby": "title described",
        "font-family": FONT,
    }
    _strip(tree, {})
    for place, (name, ident, text) in enumerate((("title", "title", title), ("desc", "described", sentence))):
        told = ElementTree.Element(name, {"id": ident})
        told.text = text
        tree.insert(place, told)
    raw: bytes = ElementTree.tostring(tree, encoding="utf-8")
    return raw


def _strip(element: ElementTree.Element, above: Mapping[str, str]) -> None:
    for child in list(element):
        tag = child.tag if isinstance(child.tag, str) else ""
        classes = child.get("class", "").split()
        if not tag or tag in DROPPED or tag == "title" or set(classes) & set(DROPPED_GROUPS):
            element.remove(child)
            continue
        inherited = {**above, **_passed_on(classes)}
        drawn = _drawn(tag, classes, inherited)
        child.attrib = {name: value for name, value in child.attrib.items() if name in ATTRIBUTES_KEPT}
        child.attrib |= drawn
        _strip(child, inherited)


def _passed_on(classes: Sequence[str]) -> dict[str, str]:
    """What a group says of all that is in it."""
    said = {}
    for name in classes:
        if name in COLOURS:
            said["colour"] = COLOURS[name]
        if name in ("x", "y") and "axis" in classes:
            said["axis"] = name
    return said


def _drawn(tag: str, classes: Sequence[str], above: Mapping[str, str]) -> dict[str, str]:
    """Colour, stroke and font of one element."""
    if tag == "rect":
        return {"fill": PAPER}
    if tag == "circle":
        return {"fill": above.get("colour", INK)}
    if tag == "path" and "axis" in above:
        strong = "axis" in classes
        return {"fill": "none", "stroke": INK if strong else FAINT, "stroke-width": "1"}
    if tag == "path":
        return {"fill": "none", "stroke": above.get("colour", INK), "stroke-width": "2"}
    if tag == "text" and "axis" in above:
        return {"fill": INK, "font-size": "12", "text-anchor": "end" if above["axis"] == "y" else "middle"}
    if tag == "text":
        return {"fill": INK, "font-size": "14", "text-anchor": "middle"}
    return {}
