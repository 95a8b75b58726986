"""The curves of a report, drawn by Bokeh in the reader's browser, with values under the pointer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suite.contract.condition_words import in_words
from suite.figures import style
from suite.figures.cube_lines import Look, looks
from suite.report.facts import Facts
from suite.statistics.comparison.scores import measure_of
from suite.statistics.lines import USABILITY, points

if TYPE_CHECKING:
    from bokeh.plotting import figure as Plot
    from pandas import DataFrame

# What Matplotlib calls otherwise.
_MARKERS = {"o": "circle", "s": "square", "^": "triangle", "v": "inverted_triangle", "D": "diamond", "P": "plus"}
_MARKERS |= {"X": "x", "<": "hex"}
_DASHES = {"-": "solid", "--": "dashed", "-.": "dashdot"}
_LOGARITHMIC = 100
_HIGH_PX = 280
_TOOLTIPS = [
    ("", "@contestant, @line"),
    ("condition", "@words"),
    ("mean", "@mean{0.0000}"),
    ("95 %", "@interval"),
    ("seeds × realisations", "@n_seeds × @n_realisations"),
]


@dataclass(frozen=True)
class Chart:
    """A chart of one workload's score. place: the id of its element; item: what Bokeh draws there, as JSON."""

    workload: str
    title: str
    place: str
    item: Any


@dataclass(frozen=True)
class Key:
    """A line of the legend, as a page draws it: dashes as SVG has them."""

    label: str
    colour: str
    dashes: str
    filled: bool


def charts(facts: Facts) -> tuple[list[Chart], list[Key]]:
    """A chart per workload, score and axis, and the legend of them all."""
    from bokeh.core.types import ID
    from bokeh.embed import json_item

    table = _table(facts.cells)
    lines = looks(table)
    drawn = []
    for number, ((workload, score, axis), own) in enumerate(table.groupby(["workload", "score", "axis"], sort=False)):
        measure = measure_of(facts.measures, workload, score)
        title = f"{score} ({own['source'].iloc[0]})"
        plot = _plot(own, lines, axis, measure.title, measure.level)
        drawn.append(Chart(workload, title, f"chart-{number}", json_item(plot, ID(f"chart-{number}"))))
    return drawn, list(_keys(table, lines))


def javascript() -> str:
    """Bokeh's own code, to stand within the page."""
    from bokeh.resources import Resources

    return str(Resources(mode="inline", components=["bokeh"]).render_js())


def _table(cells: DataFrame) -> DataFrame:
    """Cells with their place on a line, and what the pointer tells of them."""
    places = points(cells["condition"].unique())
    at = [places[key] for key in cells["condition"]]
    return cells.assign(
        **{name: [getattr(point, name) for point in at] for name in ("axis", "line", "joined", "x")},
        words=[in_words(key) for key in cells["condition"]],
        interval=[_interval(low, high) for low, high in zip(cells["low"], cells["high"], strict=True)],
    )


def _interval(low: float, high: float) -> str:
    return f"{low:.4f} to {high:.4f}" if low == low else "unknown: one seed"


def _plot(rows: DataFrame, lines: dict[tuple[str, str], Look], axis: str, title: str, chance: float) -> Plot:
    from bokeh.models import HoverTool
    from bokeh.models.annotations import Span
    from bokeh.plotting import figure

    low, high = rows["x"].min(), rows["x"].max()
    logarithmic = axis != USABILITY and low > 0 and high >= _LOGARITHMIC * low
    plot = figure(
        height=_HIGH_PX,
        sizing_mode="stretch_width",
        x_axis_type="log" if logarithmic else "linear",
        x_axis_label=axis,
        y_axis_label=title,
        tools="box_zoom,reset,save",
        active_drag=None,
        toolbar_location="above",
    )
    plot.toolbar.logo = None
    plot.toolbar.autohide = True
    plot.add_layout(Span(location=chance, dimension="width", line_color=style.GREY, line_dash="dotted"))
    shown = [
        _line(plot, own, look)
        for (contestant, line), look in lines.items()
        if len(own := rows[(rows["contestant"] == contestant) & (rows["line"] == line)])
    ]
    plot.add_tools(HoverTool(renderers=shown, tooltips=_TOOLTIPS))
    return plot


def _line(plot: Plot, rows: DataFrame, look: Look) -> Any:
    """Band, line and the points, which are what the pointer finds."""
    from bokeh.models import ColumnDataSource, Line, Scatter, VArea

    rows = rows.sort_values("x", kind="stable")
    columns = ["x", "mean", "contestant", "line", "words", "interval", "n_seeds", "n_realisations"]
    source = ColumnDataSource({name: rows[name].tolist() for name in columns})
    if rows["joined"].iloc[0]:
        spread = rows["sd_seeds"].fillna(0.0)
        source.add((rows["mean"] - spread).tolist(), "low")
        source.add((rows["mean"] + spread).tolist(), "high")
        plot.add_glyph(source, VArea(x="x", y1="low", y2="high", fill_color=look.colour, fill_alpha=0.15))
        dashes: Any = _DASHES[look.dashes] if isinstance(look.dashes, str) else _pixels(look.dashes)
        plot.add_glyph(source, Line(x="x", y="mean", line_color=look.colour, line_width=2, line_dash=dashes))
    fill = look.colour if look.filled else "white"
    points = Scatter(x="x", y="mean", marker=_MARKERS[look.marker], size=7, line_color=look.colour, fill_color=fill)
    return plot.add_glyph(source, points)


def _pixels(dashes: tuple[int, tuple[float, ...]]) -> list[int]:
    return [max(1, round(2 * length)) for length in dashes[1]]


def _keys(table: DataFrame, lines: dict[tuple[str, str], Look]) -> Iterator[Key]:
    present = set(zip(table["contestant"], table["line"], strict=True))
    written = {"-": "", "--": "7 4", "-.": "7 3 2 3"}
    for place, look in lines.items():
        if place in present:
            dashes = written[look.dashes] if isinstance(look.dashes, str) else " ".join(map(str, _pixels(look.dashes)))
            yield Key(look.label, look.colour, dashes, look.filled)
