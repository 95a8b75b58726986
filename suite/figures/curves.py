"""Curves of scores against usability: the panels that fig2a and its relatives are made of.

Usability rises to the right, so that the perfect crossbar (1.0, sigma = 0) stands at the right edge and curves fall
to the left; sigma = -ln(usability) is read on top.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from suite.contract.sources import source_of
from suite.figures import Figure, style
from suite.figures.summary import Panel, summary

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from matplotlib.figure import SubFigure
    from pandas import DataFrame, Series
    from xarray import DataTree

_SIGMAS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0, 5.0)
_TICK_GAP_PT = 15.0


def curve_figure(title: str, panels: Sequence[Panel], columns: int = 2) -> Figure:
    """A figure of `panels`, filled row by row into `columns`; panels of one score and chance level share the limits of
    their y axis, whatever the test set."""

    def table(tree: DataTree) -> DataFrame:
        return summary(tree, panels)

    def draw(rows: DataFrame, tree: DataTree) -> Drawing:
        return draw_curves(rows, tree, panels, columns)

    needs = tuple(dict.fromkeys(panel.workload for panel in panels))
    return Figure(title, needs, table, draw, curve_caption)


def curve_caption(table: DataFrame) -> str:
    """What line and band are, and over how many samples. With one seed no band is drawn, and the caption says so."""
    seeds, realisations = _counted(table["n_seeds"], "seed"), _counted(table["n_realisations"], "realisation")
    samples = f"over {seeds} × {realisations} (n = {_span(table['n'])} per point)"
    if table["n_seeds"].max() == 1:
        return f"Lines: mean {samples}. One seed: no spread is shown."
    single = " No spread is shown where there is one seed." if table["n_seeds"].min() == 1 else ""
    return f"Lines: mean; bands: ± one standard deviation; {samples}.{single}"


def sigma_ticks(low: float, high: float, gap: float) -> list[float]:
    """The sigmas to mark on a usability axis from `low` to `high`, at least `gap` apart in usability."""
    kept: list[float] = []
    for sigma in _SIGMAS:
        usability = math.exp(-sigma)
        if low <= usability <= high and (not kept or math.exp(-kept[-1]) - usability >= gap):
            kept.append(sigma)
    return kept


def draw_panel(
    axes: Axes, rows: DataFrame, panel: Panel, attrs: Mapping[Any, Any], lines: Mapping[str, style.Line]
) -> None:
    """One panel: rows of one workload and score, `attrs` of its dataset (source, measures), the figure's lines."""
    measure = attrs["measures"][panel.score]
    for contestant, line in lines.items():
        if len(curve := rows[rows["contestant"] == contestant]):
            _draw_curve(axes, curve, line)
    axes.axhline(measure["chance"], color=style.GREY, linestyle=":", linewidth=0.8, label="chance")
    axes.set_title(panel.title, loc="left", fontweight="bold")
    axes.set_title(source_of(attrs["source"], panel.score), loc="right", fontsize=style.SMALL_PT, color=style.GREY)
    axes.set_xlabel("Usability")
    axes.set_ylabel(measure["title"])


def _draw_curve(axes: Axes, rows: DataFrame, line: style.Line) -> None:
    usability, mean = rows["usability"].to_numpy(), rows["mean"].to_numpy()
    spread = rows["std"].where(rows["n_seeds"] > 1).to_numpy()
    if (rows["n_seeds"] > 1).any():
        axes.fill_between(usability, mean - spread, mean + spread, color=line.colour, alpha=0.18, linewidth=0)
    axes.plot(usability, mean, color=line.colour, marker=line.marker, linestyle=line.dashes, label=line.label)


def draw_curves(table: DataFrame, tree: DataTree, panels: Sequence[Panel], columns: int) -> Drawing:
    """One panel for each of `panels` that the table has rows of, row by row in `columns`, under one legend."""
    from matplotlib.figure import Figure as Drawing

    shown = [panel for panel in panels if len(_rows_of(table, panel))]
    columns = min(columns, len(shown))
    height = math.ceil(len(shown) / columns)
    width = style.SINGLE_COLUMN_IN if columns == 1 else style.DOUBLE_COLUMN_IN
    drawing = Drawing(figsize=(width, style.PANEL_HEIGHT_IN * height + 0.9))
    # Only inside a subfigure does a legend "outside" the panels leave room for the title above it.
    inner = drawing.subfigures(1, 1, squeeze=False)[0, 0]
    draw_panels(inner, table, tree, shown, columns, width)
    legend(inner, width)
    return drawing


def draw_panels(
    inner: SubFigure, table: DataFrame, tree: DataTree, panels: Sequence[Panel], columns: int, width: float
) -> list[Axes]:
    """A panel for each of `panels`, of which the table has rows, row by row in `columns`; width: of all in inches."""
    height = math.ceil(len(panels) / columns)
    limits, lines = limits_of(table["usability"]), style.lines(table["contestant"])
    drawn: dict[tuple[str, float], list[Axes]] = {}
    for place, (panel, rows) in enumerate(((panel, _rows_of(table, panel)) for panel in panels), start=1):
        axes = inner.add_subplot(height, columns, place)
        attrs = tree[panel.workload].attrs
        draw_panel(axes, rows, panel, attrs, lines)
        usability_axis(axes, limits, panel_width_pt=72 * width / columns)
        score = panel.score.partition("@")[0]
        drawn.setdefault((score, attrs["measures"][panel.score]["chance"]), []).append(axes)
    for group in drawn.values():
        _share_y(group)
    return [axes for group in drawn.values() for axes in group]


def _rows_of(table: DataFrame, panel: Panel) -> DataFrame:
    return table[(table["workload"] == panel.workload) & (table["score"] == panel.score)]


def limits_of(usability: Series) -> tuple[float, float]:
    """The ends of an axis that holds these usabilities, with a margin."""
    low, high = float(usability.min()), float(usability.max())
    margin = 0.03 * max(high - low, 0.1)
    return low - margin, high + margin


def usability_axis(axes: Axes, limits: tuple[float, float], panel_width_pt: float) -> None:
    """Usability below, sigma on top, between two usabilities."""
    low, high = limits
    axes.set_xlim(low, high)
    sigmas = sigma_ticks(low, high, gap=_TICK_GAP_PT / (0.8 * panel_width_pt) * (high - low))
    top = axes.secondary_xaxis("top")
    top.set_xticks([math.exp(-sigma) for sigma in sigmas], labels=[f"{sigma:g}" for sigma in sigmas])
    top.set_xlabel("σ = −ln(usability)", fontsize=style.SMALL_PT)


def _share_y(group: Iterable[Axes]) -> None:
    group = list(group)
    bounds = [axes.get_ylim() for axes in group]
    for axes in group:
        axes.set_ylim(min(low for low, _ in bounds), max(high for _, high in bounds))


def legend(inner: SubFigure, width_in: float) -> None:
    """One legend for all panels: every method that any of them shows, then chance, where that is shown."""
    found: dict[str, Artist] = {}
    for axes in inner.axes:
        handles, labels = axes.get_legend_handles_labels()
        found.update(zip(labels, handles, strict=True))
    if "chance" in found:
        found["chance"] = found.pop("chance")
    entry_pt = 36 + 4.5 * max(map(len, found))
    ncols = min(len(found), max(1, int(72 * width_in / entry_pt)))
    inner.legend(list(found.values()), list(found), loc="outside upper center", ncols=ncols)


def _span(values: Series) -> str:
    low, high = int(values.min()), int(values.max())
    return str(low) if low == high else f"{low}–{high}"


def _counted(values: Series, noun: str) -> str:
    return f"{_span(values)} {noun}" if values.max() == 1 else f"{_span(values)} {noun}s"
