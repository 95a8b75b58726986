"""State machines on weights that are not ideal: walks that are right and the overlap, device by device and by crossbar.

After the figures on one-bit and ternary weights of Cotteret et al., Neural Computation 36(4), 2024, arXiv:2212.01196;
all numbers are our own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from suite.figures import Figure, held, style
from suite.figures.observed import observed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import Dataset, DataTree

FILE = "vsa_fsm"
SCORES = ("success", "overlap")
COLUMNS = ("workload", "source", "device", "crossbar", "level", "x", "score", "mean", "std", "n", "zeros")
# What stands for the level where only the crossbar tells conditions apart.
CROSSBAR = "crossbar"
COLUMNS_WIDE = 3


def table(tree: DataTree) -> DataFrame:
    """Rows with COLUMNS: mean and sample standard deviation over n cells (seeds x realisations) of each score under
    each condition; x: of the level called `level`; zeros: share of programmed weights that are 0, where observed."""
    import pandas

    labels = [label for label in held(tree) if label.split("/")[0].startswith(FILE)]
    rows = [row for label in labels for row in _rows(label, tree[label].to_dataset(), _zeros(tree, label))]
    found = pandas.DataFrame(rows, columns=list(COLUMNS))
    # Conditions are drawn against each other: a machine that was tried on ideal weights alone has nothing to show.
    tried = found.groupby("workload")["x"].transform("size") > len(SCORES)
    return found[tried].reset_index(drop=True)


def _zeros(tree: DataTree, label: str) -> dict[str, float]:
    """Mean share of zeros by condition."""
    found: dict[str, list[float]] = {}
    for one in observed(tree, label, "weights"):
        found.setdefault(one.attrs["condition"], []).append(float(one["zeros"]))
    return {condition: sum(shares) / len(shares) for condition, shares in found.items()}


def _rows(label: str, dataset: Dataset, zeros: dict[str, float]) -> Iterator[dict[str, Any]]:
    import numpy as np

    for at, condition in enumerate(dataset["condition"].to_numpy()):
        if not condition:
            continue
        cells = dataset.isel(condition=at)
        own = {"workload": label, "source": dataset.attrs["source"], "zeros": zeros.get(condition, math.nan)}
        own |= {name: str(cells[name].item()) for name in ("device", "crossbar")} | _level(cells)
        for score in SCORES:
            values = cells[score].to_numpy()
            values = values[~np.isnan(values)]
            if len(values):
                spread = float(values.std(ddof=1)) if len(values) > 1 else math.nan
                yield {**own, "score": score, "mean": float(values.mean()), "std": spread, "n": len(values)}


def _level(cells: Dataset) -> dict[str, Any]:
    """The level of a condition: sigma where it has one, else the device's own."""
    sigma = float(cells["sigma_log"])
    if not math.isnan(sigma):
        return {"level": CROSSBAR if cells["crossbar"].item() != "weights" else "sigma_log", "x": sigma}
    known = {"usability", "sigma_log", "seed", "realisation"}
    for name, value in cells.coords.items():
        if name not in known and value.ndim == 0 and value.dtype.kind == "f" and not math.isnan(float(value)):
            plain = cells["crossbar"].item() == "weights"
            return {"level": str(name) if plain else CROSSBAR, "x": float(value)}
    return {"level": "", "x": math.nan}


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """A panel per device with its level below, ideal weights at the left, and one of all crossbars."""
    from matplotlib.figure import Figure as Drawing

    shown = rows[(rows["level"] != CROSSBAR) & ~((rows["level"] == "sigma_log") & (rows["x"] == 0))]
    panels = list(shown.groupby(["device", "level"], sort=False))
    crossbars = rows[(rows["level"] == CROSSBAR) | ((rows["level"] == "sigma_log") & (rows["x"] == 0))]
    with_crossbars = crossbars["crossbar"].nunique() > 1
    count = len(panels) + with_crossbars
    width = min(COLUMNS_WIDE, count)
    height = -(-count // width)
    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, style.PANEL_HEIGHT_IN * height + 1.0))
    axes = drawing.subfigures(1, 1, squeeze=False)[0, 0].subplots(height, width, squeeze=False).ravel()
    lines = style.lines(rows["workload"])
    for own, ((device, level), group) in zip(axes, panels, strict=False):
        _draw_levels(own, group, lines, f"{device}: {level}")
    if with_crossbars:
        _draw_crossbars(axes[len(panels)], crossbars, lines)
    for empty in axes[count:]:
        empty.set_visible(False)
    axes[0].set_ylabel("Overlap, success")
    axes[0].legend(loc="lower left")
    return drawing


def _draw_levels(axes: Axes, rows: DataFrame, lines: dict[str, style.Line], title: str) -> None:
    for workload, group in rows.groupby("workload", sort=False):
        line = lines[workload]
        for score, dashes in (("overlap", "-"), ("success", ":")):
            own = group[group["score"] == score].sort_values("x")
            label = f"{workload}, {score}"
            axes.plot(own["x"], own["mean"], dashes, color=line.colour, marker=line.marker, markersize=3, label=label)
    axes.set_ylim(-0.1, 1.05)
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xlabel("Level")


def _draw_crossbars(axes: Axes, rows: DataFrame, lines: dict[str, style.Line]) -> None:
    crossbars = list(dict.fromkeys(rows["crossbar"]))
    shown = rows[rows["score"] == "success"]
    for workload, group in shown.groupby("workload", sort=False):
        line = lines[workload]
        places = [crossbars.index(crossbar) for crossbar in group["crossbar"]]
        axes.plot(places, group["mean"], color=line.colour, marker=line.marker, linestyle="", label=workload)
    axes.set_xticks(range(len(crossbars)), crossbars, rotation=45, ha="right")
    axes.set_ylim(-0.1, 1.05)
    axes.set_title("By crossbar: success", loc="left", fontweight="bold")
    axes.legend(loc="lower left")


def caption(rows: DataFrame) -> str:
    """What the lines are, and the zeros that were reached."""
    reached = rows.dropna(subset=["zeros"]).query("device == 'ternary'").drop_duplicates(["workload", "x"])
    told = ", ".join(f"{100 * row.zeros:.1f} % for {100 * row.x:g} %" for row in reached.itertuples())
    cells = " or ".join(map(str, sorted(rows["n"].unique())))
    return (
        f"Our simulation, means over {cells} networks and draws. Solid: overlap with the right "
        "state in the middle of every interval; dotted: share of walks of 6 edges without an error."
        + (f" Zeros reached by ternary weights: {told}." if told else "")
    )


FIGURE = Figure("State machines: weights that are not ideal", (), table, draw, caption)
