"""Scores of the NeuRRAM workloads: beside the published ones, by noise in training and test, effect by effect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from suite.figures import Figure, style
from suite.figures.curves import legend
from suite.figures.neurram_rows import PANELS, PUBLISHED, counted, of, rows, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree

    from suite.figures.summary import Panel

NEEDS = tuple(dict.fromkeys(panel.workload for panel in PANELS))
COLUMNS, PANEL_IN = 2, 2.0
CHIP = "chip"


def scores_table(tree: DataTree) -> DataFrame:
    """Software without noise, under noise of 10 %, and on the simulated chip after the longest time."""
    frame = rows(tree)
    chip = frame[frame["crossbar"] == CHIP]
    chip = chip[chip["seconds"] == chip["seconds"].max()]
    plain = frame[(frame["device"] == "generic") & frame["noise"].isin([0.0, 0.1])]
    return frame.loc[sorted([*plain.index, *chip.index])].reset_index(drop=True)


def noise_table(tree: DataTree) -> DataFrame:
    """Every level of plain weight noise."""
    frame = rows(tree)
    return frame[frame["device"] == "generic"].sort_values(["workload", "score", "contestant", "noise"])


def effects_table(tree: DataTree) -> DataFrame:
    """Every crossbar with a circuit."""
    frame = rows(tree)
    return frame[frame["crossbar"] != "weights"].reset_index(drop=True)


def draw_scores(frame: DataFrame, tree: DataTree) -> Drawing:
    """Per panel: published numbers as lines, ours as marks by method."""
    drawing, panels = _panels(shown(frame))
    for axes, panel in panels:
        own = of(frame, panel)
        places = {"no noise": own["noise"] == 0, "noise 0.1": own["noise"] == 0.1, "chip": own["crossbar"] == CHIP}
        for contestant, line in style.lines(own["contestant"]).items():
            mine = own["contestant"] == contestant
            at = [place for place, where in enumerate(places.values()) for _ in range(int((mine & where).sum()))]
            found = [own[mine & where] for where in places.values()]
            means, spreads = ([value for one in found for value in one[name].fillna(0)] for name in ("mean", "std"))
            _marks(axes, line, at, means, yerr=spreads)
        published = PUBLISHED.get((panel.workload, panel.score), (None, None))
        for value, dashes, label in zip(published, ("--", "-"), ("software", "chip"), strict=True):
            if value is not None:
                axes.axhline(value, color="black", linestyle=dashes, linewidth=0.8, label=f"published, {label}")
        axes.set_xticks(range(len(places)), list(places))
    return _finished(drawing, panels)


def draw_noise(frame: DataFrame, tree: DataTree) -> Drawing:
    """Per panel: a line per training noise over the noise in the test."""
    drawing, panels = _panels(shown(frame))
    for axes, panel in panels:
        own = of(frame, panel)
        for contestant, line in style.lines(own["contestant"]).items():
            curve = own[own["contestant"] == contestant].sort_values("noise")
            _marks(axes, line, curve["noise"], curve["mean"], yerr=curve["std"].fillna(0), linestyle=line.dashes)
        axes.set_xlabel("Noise in the test (of the largest weight)")
    return _finished(drawing, panels)


def draw_effects(frame: DataFrame, tree: DataTree) -> Drawing:
    """Per panel: every crossbar and time on a line of its own."""
    drawing, panels = _panels(shown(frame), high=3.0)
    for axes, panel in panels:
        own = of(frame, panel)
        after = own["seconds"].map(" {:g} s".format).where(own["seconds"].notna(), "")
        names = own["crossbar"] + after
        places = {name: place for place, name in enumerate(dict.fromkeys(names))}
        for contestant, line in style.lines(own["contestant"]).items():
            mine = own[own["contestant"] == contestant]
            at = [places[name] for name in names[mine.index]]
            _marks(axes, line, mine["mean"], at, xerr=mine["std"].fillna(0))
        axes.set_yticks(range(len(places)), list(places))
        axes.invert_yaxis()
    return _finished(drawing, panels, along="x")


def _marks(axes: Axes, line: style.Line, x: Any, y: Any, linestyle: Any = "", **spread: Any) -> None:
    axes.errorbar(x, y, color=line.colour, marker=line.marker, linestyle=linestyle, label=line.label, **spread)


def _panels(panels: Sequence[Panel], high: float = PANEL_IN) -> tuple[Drawing, list[tuple[Axes, Panel]]]:
    from matplotlib.figure import Figure as Drawing

    lines = max(1, -(-len(panels) // COLUMNS))
    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, 1.2 + high * lines))
    inner = drawing.subfigures(1, 1, squeeze=False)[0, 0]
    axes = inner.subplots(lines, COLUMNS, squeeze=False).flatten().tolist()
    for empty in axes[len(panels) :]:
        empty.set_axis_off()
    return drawing, list(zip(axes, panels, strict=False))


def _finished(drawing: Drawing, panels: Sequence[tuple[Axes, Panel]], along: str = "y") -> Drawing:
    for axes, panel in panels:
        axes.set_title(panel.title, loc="left", fontweight="bold")
        name = "Reduction of the L2 error" if panel.score.startswith("reduction") else "Accuracy"
        (axes.set_xlabel if along == "x" else axes.set_ylabel)(name)
    if panels:
        legend(drawing.subfigs[0], style.DOUBLE_COLUMN_IN)
    return drawing


def _caption(frame: DataFrame) -> str:
    return (
        f"Mean ± one standard deviation over {counted(frame)}; noise in training: p10 is 10 % of each array's largest "
        "weight. Spoken digits are FSDD, not the speech commands of the authors, and photographs may be a JPEG mirror "
        f"({', '.join(sorted(set(frame['source'])))}): orderings and gaps compare, percentages do not."
    )


FIGURES = {
    "fig_neurram_scores": Figure(
        "NeuRRAM's workloads: published, and on the simulated chip", NEEDS, scores_table, draw_scores, _caption
    ),
    "fig_neurram_noise": Figure("Noise in training and in the test", NEEDS, noise_table, draw_noise, _caption),
    "fig_neurram_effects": Figure("Each effect of the chip by itself", NEEDS, effects_table, draw_effects, _caption),
}
