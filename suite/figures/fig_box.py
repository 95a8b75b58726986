"""How the main score of every workload spreads over seeds and realisations, at a few levels from the first to the last.

A panel per workload and line of the cube (device, crossbar); boxes of all contestants side by side at each level.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from suite.contract.condition_words import in_words
from suite.contract.sources import source_of
from suite.figures import Figure, held, style
from suite.figures.cube_lines import score_title
from suite.statistics.lines import points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import Dataset, DataTree

COLUMNS = ("workload", "source", "score", "line", "condition", "level", "contestant", "seed", "realisation", "value")
# At most so many of a line's levels: its ends, and others evenly between them.
MOST_LEVELS = 4
_PANEL_IN = 2.1


def table(tree: DataTree) -> DataFrame:
    """One row, with COLUMNS, per cell that is done at the levels shown; `level` is the condition in words."""
    import pandas

    frames = [frame for name, node in held(tree).items() for frame in _frames(name, node.to_dataset()) if len(frame)]
    return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame(columns=list(COLUMNS))


def _frames(workload: str, dataset: Dataset) -> Iterator[DataFrame]:
    """A frame for each line of the workload, its levels in the cube's order; specimens are on none."""
    score = next(iter(dataset.attrs["measures"]))
    keys = dataset["condition"].to_numpy().tolist()
    places = points(keys)
    lines: dict[str, list[str]] = {}
    for key in keys:
        if places[key].joined:
            lines.setdefault(places[key].line, []).append(key)
    for line, own in lines.items():
        cells = dataset[score].reset_coords(drop=True).sel(condition=_spaced(own))
        frame = cells.to_series().dropna().rename("value").reset_index()
        labels = {"workload": workload, "source": source_of(dataset.attrs["source"], score), "score": score}
        yield frame.assign(**labels, line=line, level=frame["condition"].map(in_words))[list(COLUMNS)]


def _spaced(keys: list[str]) -> list[str]:
    count = min(MOST_LEVELS, len(keys))
    return [keys[round(place * (len(keys) - 1) / max(1, count - 1))] for place in range(count)]


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """Panels in two columns under one legend."""
    from matplotlib.figure import Figure as Drawing
    from matplotlib.patches import Patch

    panels = list(rows.groupby(["workload", "line"], sort=False))
    columns, several = min(2, len(panels)), rows["line"].nunique() > 1
    height, width = math.ceil(len(panels) / columns), style.SINGLE_COLUMN_IN if columns == 1 else style.DOUBLE_COLUMN_IN
    drawing = Drawing(figsize=(width, _PANEL_IN * height + 0.9))
    inner = drawing.subfigures(1, 1, squeeze=False)[0, 0]
    looks = style.lines(rows["contestant"])
    for place, ((workload, line), own) in enumerate(panels, start=1):
        axes, score = inner.add_subplot(height, columns, place), own["score"].iloc[0]
        _boxes(axes, own, looks)
        measure = tree[workload].attrs["measures"][score]
        axes.axhline(measure["chance"], color=style.GREY, linestyle=":", linewidth=0.8)
        axes.set_ylabel(score_title(measure, score))
        axes.set_title(f"{workload}, {line}\n" if several else f"{workload}\n", loc="left", fontweight="bold", y=1.0)
        axes.set_title(own["source"].iloc[0], loc="right", fontsize=style.SMALL_PT, color=style.GREY, y=1.0)
    handles = [Patch(facecolor=look.colour, alpha=0.5, label=look.label) for look in looks.values()]
    inner.legend(handles=handles, loc="outside upper center", ncols=min(3 if columns == 2 else 1, len(handles)))
    return drawing


def _boxes(axes: Axes, rows: DataFrame, looks: dict[str, style.Line]) -> None:
    levels = list(dict.fromkeys(rows["condition"]))
    width = 0.8 / len(looks)
    for place, (contestant, look) in enumerate(looks.items()):
        own = rows[rows["contestant"] == contestant]
        shown = [
            (at, values) for at, key in enumerate(levels) if len(values := own.loc[own["condition"] == key, "value"])
        ]
        if not shown:
            continue
        axes.boxplot(
            [values for _, values in shown],
            positions=[at + width * (place - (len(looks) - 1) / 2) for at, _ in shown],
            widths=0.85 * width,
            manage_ticks=False,
            patch_artist=True,
            boxprops={"facecolor": look.colour, "alpha": 0.5, "linewidth": 0.6},
            medianprops={"color": "black", "linewidth": 0.9},
            whiskerprops={"linewidth": 0.6},
            capprops={"linewidth": 0.6},
            flierprops={"marker": ".", "markersize": 2.5, "markeredgecolor": look.colour},
        )
    words = dict(zip(rows["condition"], rows["level"], strict=True))
    axes.set_xticks(range(len(levels)), [_folded(words[key]) for key in levels])
    axes.set_xlim(-0.6, len(levels) - 0.4)


def _folded(words: str) -> str:
    """Over several lines, so that neighbours have room."""
    return words.replace(" (", "\n(").replace(" on ", "\non ").replace(", ", ",\n")


def caption(rows: DataFrame) -> str:
    """What a box is, and how many cells are in the fullest."""
    most = rows.groupby(["workload", "line", "condition", "contestant"]).size().max()
    return (
        f"Boxes: quartiles of up to {most} cells (seeds × realisations), whiskers to the furthest within 1.5 box "
        "heights, dots beyond. Dotted: chance. Cells of one seed share its training: boxes show what happens, they are "
        "no test of a difference."
    )


FIGURE = Figure("Spread of the main scores", (), table, draw, caption, of_every_study=True)
