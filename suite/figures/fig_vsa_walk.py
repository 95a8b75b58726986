"""Walks through state machines: what is driven, and how alike the network is to every state and every edge, over time.

After the walk pictures of Cotteret et al., Neural Computation 36(4), 2024, arXiv:2212.01196; all curves are our own
(observation `walk` of the workloads `vsa_fsm...`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.contract.condition_words import in_words
from suite.figures import Figure, held, style
from suite.figures.observed import observed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import Dataset, DataTree

LABELS = ("workload", "source", "condition", "time", "stimulus")
# Columns of a quantity are called by this word and a number.
STATE, EDGE, OUTPUT = "state", "edge", "output"
ARRAYS = {"similarity": STATE, "edge_similarity": EDGE, "output_similarity": OUTPUT}
# As many as can be read side by side.
MOST = 4
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
HEIGHT_IN = 4.2


def table(tree: DataTree) -> DataFrame:
    """A row per step of every walk: LABELS, and a column per state, edge and output with the likeness to each (empty
    where a machine has fewer); stimulus -1: none. Of the first seed and realisation of each condition."""
    import pandas

    frames = [_rows(label, one) for label in held(tree) for one in _first_of_each(observed(tree, label, "walk"))]
    return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame(columns=list(LABELS))


def _first_of_each(found: list[Dataset]) -> list[Dataset]:
    first: dict[str, Dataset] = {}
    for one in found:
        first.setdefault(one.attrs["condition"], one)
    return list(first.values())


def _rows(label: str, one: Dataset) -> DataFrame:
    import pandas

    stimulus = one["stimulus"].to_numpy()
    columns: dict[str, Any] = {"workload": label, "source": one.attrs["source"], "condition": one.attrs["condition"]}
    columns |= {"time": range(len(stimulus)), "stimulus": stimulus}
    for name, word in ARRAYS.items():
        columns |= {f"{word} {number}": values for number, values in enumerate(one[name].to_numpy().T)}
    return pandas.DataFrame(columns)


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """A column per walk: stimuli above, then states, then edges and outputs."""
    from matplotlib.figure import Figure as Drawing

    shown = list(rows.groupby(["workload", "condition"], sort=False))[:MOST]
    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, HEIGHT_IN))
    inner = drawing.subfigures(1, 1, squeeze=False)[0, 0]
    panels = inner.subplots(3, len(shown), squeeze=False, sharex="col", sharey="row", height_ratios=[1, 2, 2])
    for column, ((workload, condition), walk) in zip(panels.T, shown, strict=True):
        _draw_stimuli(column[0], walk)
        _draw_lines(column[1], walk, STATE, "-")
        _draw_lines(column[2], walk, EDGE, "-")
        _draw_lines(column[2], walk, OUTPUT, ":")
        column[0].set_title(f"{workload}\n{in_words(condition)}", loc="left", fontsize=style.SMALL_PT)
        column[2].set_xlabel("Step")
    for axes, name in zip(panels[:, 0], ("Stimulus", "States", "Edges, outputs"), strict=True):
        axes.set_ylabel(name)
    return drawing


def _draw_stimuli(axes: Axes, walk: DataFrame) -> None:
    driven = walk[walk["stimulus"] >= 0]
    axes.plot(driven["time"], driven["stimulus"], "s", color="black", markersize=1.5)


def _draw_lines(axes: Axes, walk: DataFrame, word: str, dashes: str) -> None:
    columns = [name for name in walk if name.startswith(f"{word} ") and walk[name].notna().any()]
    for number, name in enumerate(columns):
        axes.plot(walk["time"], walk[name], dashes, color=COLOURS[number % len(COLOURS)], linewidth=0.8)


def caption(rows: DataFrame) -> str:
    """What the lines are."""
    walks = rows.groupby(["workload", "condition"], sort=False).ngroups
    more = f" The first {MOST} of {walks} walks; all are in the table." if walks > MOST else ""
    return (
        "Our simulation: a random walk of 6 edges, then an invalid stimulus and a time without input. Likeness of the "
        "network to every state (middle), every edge (below) and every output (dotted); 1 is the vector itself. Of "
        f"spiking neurons, the share of spikes on its neurons in steps of 10 ms.{more}"
    )


FIGURE = Figure("State machines: walks", (), table, draw, caption)
