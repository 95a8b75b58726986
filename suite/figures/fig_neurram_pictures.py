"""Digits before and after they were recovered by the Boltzmann machine, and what simple filters reach.

The task is that of Wan et al., Nature 608, 504-512 (2022); pictures are of the workload `neurram_rbm`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.figures import Figure, style
from suite.figures.observed import last_per_method, observed

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import Dataset, DataTree

WORKLOAD = "neurram_rbm"
CORRUPTIONS, STATES = ("pixels", "bottom"), ("clean", "spoilt", "recovered")


def table(tree: DataTree) -> DataFrame:
    """One row per method, corruption and filter: by which share the L2 error is less."""
    import pandas

    rows: list[dict[str, Any]] = []
    for contestant, found in last_per_method(observed(tree, WORKLOAD, "filters")).items():
        names = [str(name) for name in found["filter"].to_numpy()]
        rows += [
            {
                **{"workload": WORKLOAD, "source": found.attrs["source"], "contestant": contestant},
                **{"condition": found.attrs["condition"], "corruption": corruption, "filter": name},
                "reduction": float(found["reduction"].to_numpy()[place, number]),
            }
            for place, corruption in enumerate(CORRUPTIONS)
            for number, name in enumerate(names)
        ]
    return pandas.DataFrame(
        rows, columns=["workload", "source", "contestant", "condition", "corruption", "filter", "reduction"]
    )


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """A block of pictures for each corruption (of the last method), and the bars of the filters."""
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, 4.6))
    above, below = drawing.subfigures(2, 1, squeeze=False, height_ratios=[1.7, 1.0])[:, 0]
    pictures = last_per_method(observed(tree, WORKLOAD, "recovered"))
    if pictures:
        contestant = list(pictures)[-1]
        _pictures(above, pictures[contestant], style.lines([contestant])[contestant].label)
    for axes, corruption in zip(below.subplots(1, 2), CORRUPTIONS, strict=True):
        own = rows[rows["corruption"] == corruption]
        bars = [
            (f"{row.contestant}" if row.filter == "network" else row.filter, row.reduction) for row in own.itertuples()
        ]
        bars = list(dict(bars).items())
        axes.barh([name for name, _ in bars], [value for _, value in bars], color="#0072B2")
        axes.set_title(f"Unknown: {corruption}", loc="left", fontweight="bold")
        axes.set_xlabel("Reduction of the L2 error")
    return drawing


def _pictures(part: Any, found: Dataset, label: str) -> None:
    pixels = found["pixel"].to_numpy()
    for place, (corruption, axes) in enumerate(zip(CORRUPTIONS, part.subplots(1, 2), strict=True)):
        # (picture, state, row, column) -> states below each other, pictures side by side.
        block = pixels[place].transpose(1, 2, 0, 3).reshape(len(STATES) * 28, -1)
        axes.imshow(1 - block, cmap="gray", vmin=0, vmax=1)
        axes.set_yticks([14 + 28 * state for state in range(len(STATES))], STATES)
        axes.set_xticks([])
        axes.grid(visible=False)
        axes.set_title(f"{label}: {corruption}", loc="left", fontweight="bold")


def caption(rows: DataFrame) -> str:
    """What stands beside the network."""
    return (
        "Pictures: the first ones of the test set, one state and realisation. Mean: unknown pixels at their mean over "
        f"the training pictures; median: of the 3 × 3 pixels around each. Condition: {rows['condition'].iloc[-1]}. "
        f"Data: {rows['source'].iloc[0]}."
    )


FIGURE = Figure("Recovery of spoilt digits", (WORKLOAD,), table, draw, caption)
