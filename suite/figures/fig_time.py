"""Accuracy against time since programming, on RRAM and on phase-change cells.

Sources of the devices: their files in `suite/devices`. Devices that a study sweeps by `seconds` are shown, on any
crossbar of conductances; where drift is compensated is told by the crossbar's settings in the study, not by its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract.sources import source_of
from suite.figures import Figure, held, style
from suite.figures.summary import COLUMNS, Panel, moments

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree

PANELS = (Panel("mnist_mlp", "MLP"), Panel("mnist_lenet", "LeNet"))
# What shares a panel, by the device's name, with its title.
KINDS = {"rram": "RRAM", "pcm": "PCM", "": "others"}
_DASHES = ("-", "--", ":", "-.")


def table(tree: DataTree) -> DataFrame:
    """One row per panel, contestant, device, crossbar and time, over all seeds and realisations that are done."""
    import pandas

    frames = [_rows(tree, panel) for panel in PANELS if panel.workload in held(tree)]
    columns = [*(name for name in COLUMNS if name not in ("usability", "sigma_log")), "device", "crossbar", "seconds"]
    rows = pandas.concat(frames) if frames else pandas.DataFrame(columns=columns)
    by = ["workload", "device", "crossbar", "contestant", "seconds"]
    return rows[columns].sort_values(by, ignore_index=True)


def _rows(tree: DataTree, panel: Panel) -> DataFrame:
    dataset = tree[panel.workload].to_dataset()
    if "seconds" not in dataset.coords:
        return moments(dataset[panel.score]).iloc[:0].assign(workload="", source="", score="", seconds=[])
    timed = dataset["seconds"].notnull().to_numpy().nonzero()[0]
    frame = moments(dataset[panel.score].isel(condition=timed))
    source = source_of(dataset.attrs["source"], panel.score)
    return frame[frame["n"] > 0].assign(workload=panel.workload, source=source, score=panel.score)


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """A row of panels per kind of cells, a column per workload; a colour per method, a dash per device and crossbar."""
    from matplotlib.figure import Figure as Drawing

    shown = [panel for panel in PANELS if (rows["workload"] == panel.workload).any()]
    kinds = list(dict.fromkeys(map(_kind, rows["device"])))
    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, style.PANEL_HEIGHT_IN * len(kinds) + 0.9))
    inner, lines = drawing.subfigures(1, 1, squeeze=False)[0, 0], style.lines(rows["contestant"])
    grid = inner.subplots(len(kinds), len(shown), squeeze=False)
    for kind, row in zip(kinds, grid, strict=True):
        for panel, axes in zip(shown, row, strict=True):
            here = rows[(rows["workload"] == panel.workload) & (rows["device"].map(_kind) == kind)]
            _draw_panel(axes, here, lines)
            attrs = tree[panel.workload].attrs
            axes.set_title(f"{panel.title}, {KINDS[kind]}", loc="left", fontweight="bold")
            source = source_of(attrs["source"], panel.score)
            axes.set_title(source, loc="right", fontsize=style.SMALL_PT, color=style.GREY)
            axes.set_ylabel(attrs["measures"][panel.score]["title"])
        low = min(axes.get_ylim()[0] for axes in row)
        for axes in row:
            axes.set_ylim(low, 1)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    found = dict(zip(labels, handles, strict=True))
    inner.legend(list(found.values()), list(found), loc="outside upper center", ncols=len(found))
    return drawing


def _kind(device: str) -> str:
    return next(kind for kind in KINDS if device.startswith(kind))


def _draw_panel(axes: Axes, rows: DataFrame, lines: dict[str, style.Line]) -> None:
    grey, series = [], list(dict.fromkeys(zip(rows["device"], rows["crossbar"], strict=True)))
    for (device, crossbar), dashes in zip(series, _DASHES, strict=False):
        for contestant, line in lines.items():
            own = rows[(rows["device"] == device) & (rows["crossbar"] == crossbar) & (rows["contestant"] == contestant)]
            spread = own["std"].where(own["n_seeds"] > 1)
            axes.fill_between(
                own["seconds"], own["mean"] - spread, own["mean"] + spread, color=line.colour, alpha=0.1, linewidth=0
            )
            axes.plot(
                own["seconds"],
                own["mean"],
                color=line.colour,
                marker=line.marker,
                linestyle=dashes,
                label=line.label if dashes == _DASHES[0] else "_other",
            )
        grey += axes.plot([], [], color=style.GREY, linestyle=dashes)
    words = [f"{device} on {crossbar}" for device, crossbar in series]
    axes.legend(grey, words, loc="lower left", fontsize=style.SMALL_PT)
    axes.set_xscale("log")
    axes.set_xlabel("Time since programming (s)")


def caption(rows: DataFrame) -> str:
    """What lines and bands are, and over how many samples."""
    return (
        f"Lines: mean over {rows['n_seeds'].max()} seeds × {rows['n_realisations'].max()} programmings; bands: ± one "
        "standard deviation. Dashes: device and crossbar. The same programmings stand at all times of a device."
    )


FIGURE = Figure("Accuracy against time since programming", ("mnist_mlp", "mnist_lenet"), table, draw, caption)
