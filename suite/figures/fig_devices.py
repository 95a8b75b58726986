"""The measured devices: accuracy against usability, one marker per device, beside the authors' own accuracies.

A study programs each device with a sigma of one of three tables (`sigma_of`): a panel for each. Where it is that of the
authors' later table, crosses are the accuracies of a LeNet that stand in the same table; with which training they were
made is not known. A device is hollow where its curve was made up (by older code).

Source of the devices: Ye et al., arXiv:2412.02779, and their later collection of 43 (`suite.data.facts`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.figures import Figure, style
from suite.figures.device_panels import Part, by_workload, draw_panels, source_words
from suite.figures.specimens import specimen_rows
from suite.figures.summary import Panel

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame, Series
    from xarray import DataTree

    Array = np.ndarray[Any, Any]

PANELS = (Panel("mnist_mlp", "MLP"), Panel("mnist_lenet", "LeNet"))
SIGMAS = {"stored": "stored σ", "later": "the authors' later σ", "whole": "σ, whole loop"}
# Accuracy by which an authors' point lies off what falls with sigma through all of them.
_OFF = 0.1


def table(tree: DataTree) -> DataFrame:
    """One row per panel, contestant and device. authors: their LeNet's accuracy, on their sigma alone; monotonicity: as
    their later table has it; off: whether their accuracy lies off the trend of all of theirs."""
    rows = specimen_rows(tree, PANELS)
    found = _authors()
    theirs = (rows["sigma_of"] == "later") & (rows["workload"] == "mnist_lenet")
    joined = rows[["specimen"]].merge(found, left_on="specimen", right_index=True, how="left").set_index(rows.index)
    return rows.assign(
        authors=joined["lenet"].where(theirs),
        monotonicity=joined["monotonicity"],
        off=theirs & (joined["off"] == True),  # noqa: E712  missing for devices of one's own
    )


def _authors() -> DataFrame:
    import pandas

    from suite.data.facts.conditions import perovskite_conditions

    rows = pandas.DataFrame(vars(device) for device in perovskite_conditions().values()).set_index("device")
    return rows.assign(off=_off_trend(rows["sigma_log"], rows["lenet"]))


def _off_trend(sigma: Series, accuracy: Series) -> Array:
    """Where an accuracy differs from the nearest curve that never rises with sigma by more than _OFF."""
    from sklearn.isotonic import IsotonicRegression

    trend = IsotonicRegression(increasing=False).fit(sigma, accuracy)
    # Once more without what is far off: the curve gives way to it.
    near = (accuracy - trend.predict(sigma)).abs() <= _OFF
    again = IsotonicRegression(increasing=False, out_of_bounds="clip").fit(sigma[near], accuracy[near])
    return ((accuracy - again.predict(sigma)).abs() > _OFF).to_numpy()


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """Markers: devices with their own levels; lines: the plain log-normal device of the same sigmas."""
    parts = [
        Part(f"{part.title}, {words}", part.panel, part.rows[part.rows["sigma_of"] == which])
        for part in by_workload(rows, PANELS)
        for which, words in SIGMAS.items()
    ]
    shown = [part for part in parts if len(part.rows)]
    drawing = draw_panels(shown, tree, x="usability", y="mean", extra=_plain_line)
    for axes, part in zip(drawing.axes, shown, strict=True):
        axes.set_xlabel("Usability")
        _draw_authors(axes, part.rows)
    return drawing


def _plain_line(axes: Axes, rows: DataFrame, line: style.Line) -> None:
    known = rows.dropna(subset="plain")
    axes.plot(known["usability"], known["plain"], color=line.colour, linewidth=0.7, linestyle=":", zorder=1)


def _draw_authors(axes: Axes, rows: DataFrame) -> None:
    known = rows.dropna(subset="authors").drop_duplicates("specimen")
    off = known[known["off"]]
    if len(known):
        axes.plot(known["usability"], known["authors"], "x", color="black", markersize=4, label="authors' LeNet")
        axes.plot(
            off["usability"],
            off["authors"],
            "o",
            color="black",
            markerfacecolor="none",
            markersize=8,
            label="off trend",
        )
        axes.legend(loc="lower right", handles=axes.get_legend_handles_labels()[0][-2:])


def caption(rows: DataFrame) -> str:
    """What marker and line are, and over how many samples."""
    spread = f"over {rows['n_seeds'].max()} seeds, {rows['n'].max()} programmings in all"
    said = (
        f"{rows['specimen'].nunique()} devices; markers: mean {spread}, {source_words(rows)}. Dotted: the plain "
        "log-normal device of the same sigma; a marker below it has lost weights outside its monotone window."
    )
    if not (off := rows[rows["off"]].drop_duplicates("specimen")).empty:
        named = ", ".join(f"{sigma:.2f}" for sigma in sorted(off["sigma_log"]))
        said += (
            f" Crosses: the authors' accuracies of a LeNet, by a training that is not stated; ringed (σ = {named}): "
            "off their own trend."
        )
    return said


FIGURE = Figure("Measured devices: accuracy against usability", ("mnist_mlp", "mnist_lenet"), table, draw, caption)
