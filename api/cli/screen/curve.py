"""How does a plan's curve look in a terminal?

Blocks of characters, no colours where nobody looks at a terminal or somebody asked for none, nothing where
the window is too narrow for a picture to tell anything. Knows no plan.
"""

from collections.abc import Sequence

import plotext  # type: ignore[import-untyped]

from api.cli.screen.terminal import out

WIDTH_MIN, WIDTH_MAX = 50, 90
HEIGHT = 15
TICKS_ABOUT = 6


def print_curve(
    title: str, points: Sequence[tuple[float, float]], here: tuple[float, float] | None, axis: str
) -> None:
    """Points as a line, the chosen one as a large mark; `axis` is what runs to the right."""
    if out.width < WIDTH_MIN or len(points) < 2:
        return
    figure = plotext.figure
    figure.clear()
    figure.plot_size(min(out.width, WIDTH_MAX), HEIGHT)
    figure.title(title)
    figure.label(axis, 0)
    # Where there are points: nobody makes 3.5 visits, and none is told as 1.7e2.
    places = sorted({x for x, _ in points[:: max(1, (len(points) - 1) // TICKS_ABOUT)]})
    figure.ruler("x", 0).ticks(places, [f"{x:,.0f}" for x in places])
    line = figure.signal([x for x, _ in points], [y for _, y in points])
    line.lines()
    figure.draw(line)
    if here is not None:
        figure.draw(figure.signal([here[0]], [here[1]], marker="O"))
    picture = str(figure.build())
    figure.clear()
    if not out.is_terminal or out.no_color:
        picture = str(plotext.uncolorize(picture))
    out.file.write("\n".join(line.rstrip() for line in picture.splitlines()) + "\n")
