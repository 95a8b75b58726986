"""Sweeps with labelled and found boxes, in 3D and from above: rows are levels, columns are methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from suite.contract.sources import source_of
from suite.data.kitti.boxes import EDGES, corners
from suite.figures import style
from suite.figures.observed import first_per_level, observed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure
    from pandas import DataFrame
    from xarray import DataTree

Floats = NDArray[np.floating]

WHAT = "pictures"
CLASSES = {"car": "#0072B2", "pedestrian": "#D55E00", "cyclist": "#009E73"}
BOX = ("x", "y", "z", "length", "width", "height", "yaw")
ROW_IN = 1.15
METHODS = 2
# Boxes of a lower score are not drawn.
LEAST_SCORE = 0.3
# The eye of the pictures in 3D: so far behind the sensor and above it (metres), looking so far down (radians).
BEHIND, ABOVE, DOWN = 5.0, 5.0, 0.22
VIEW = ((-0.55, 0.55), (-0.42, 0.18))


@dataclass(frozen=True)
class Found:
    """What one method found at one level."""

    contestant: str
    sigma_log: float
    boxes: Floats


@dataclass(frozen=True)
class Picture:
    """A sweep: points (n, 3), labelled boxes (m, 8) with their class first, and found ones (k, 9), class and score."""

    title: str
    points: Floats
    truth: Floats
    found: tuple[Found, ...]

    @property
    def levels(self) -> list[float]:
        """The sigmas, from the best crossbar on."""
        return sorted({one.sigma_log for one in self.found})

    @property
    def height_in(self) -> float:
        """Of all rows."""
        return ROW_IN * (1 + len(self.levels)) + 0.3


def labelled(tree: DataTree, workload: str) -> list[Picture]:
    """One picture per sweep that was observed: of two methods, and of each level the first seed and realisation."""
    nodes = first_per_level(observed(tree, workload, WHAT), METHODS)
    if not nodes:
        return []
    first = next(iter(nodes.values()))
    names, sets = (first[name].to_numpy().tolist() for name in ("name", "set"))
    return [
        Picture(
            f"{source_of(tree[workload].attrs['source'], f'ap@{sets[sweep]}')}, {names[sweep]}",
            _of(first["points"].to_numpy(), sweep),
            _of(first["truth"].to_numpy(), sweep),
            tuple(Found(*key, _of(one["found"].to_numpy(), sweep)) for key, one in nodes.items()),
        )
        for sweep in range(len(names))
    ]


def picture_rows(tree: DataTree, workload: str) -> DataFrame:
    """One row per box: quantity (truth or found), source, contestant, sigma_log, class, confidence and the box."""
    import pandas

    frames = []
    for picture in labelled(tree, workload):
        frames.append(_frame(picture.truth[:, 0], picture.truth[:, 1:], quantity="truth", source=picture.title))
        for one in picture.found:
            labels = {"quantity": "found", "source": picture.title, "contestant": one.contestant}
            found = _frame(one.boxes[:, 0], one.boxes[:, 2:], **labels)
            frames.append(found.assign(sigma_log=one.sigma_log, confidence=one.boxes[:, 1]))
    filled = [frame for frame in frames if len(frame)]
    return pandas.concat(filled, ignore_index=True) if filled else pandas.DataFrame()


def draw_pictures(part: SubFigure, picture: Picture) -> None:
    """Labels above; below a row per level, each method in 3D and from above, the first method on the right."""
    contestants = [*style.lines(one.contestant for one in picture.found).items()][::-1]
    axes = part.subplots(1 + len(picture.levels), 2 * len(contestants), squeeze=False)
    for unused in axes[0, 2:]:
        unused.set_visible(False)
    _pair(axes[0, :2], picture, picture.truth[:, [0, 0, *range(1, 8)]], f"c  labels ({picture.title})")
    for row, sigma in zip(axes[1:], picture.levels, strict=True):
        for place, (contestant, line) in enumerate(contestants):
            boxes = [one.boxes for one in picture.found if (one.contestant, one.sigma_log) == (contestant, sigma)]
            pair = row[2 * place : 2 * place + 2]
            if boxes:
                _pair(pair, picture, boxes[0][boxes[0][:, 1] >= LEAST_SCORE], f"{line.label}, σ = {sigma:g}")
            else:
                for unused in pair:
                    unused.set_visible(False)


def _pair(pair: NDArray[np.object_], picture: Picture, boxes: Floats, title: str) -> None:
    _in_space(pair[0], picture, boxes)
    _from_above(pair[1], picture, boxes)
    pair[0].set_title(title, loc="left", fontsize=style.SMALL_PT)
    for axes in pair:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(visible=False)


def _in_space(axes: Axes, picture: Picture, boxes: Floats) -> None:
    _scatter(axes, *_seen(picture.points).T)
    for colour, row in _coloured(picture.truth[:, 1:], boxes):
        ends = _seen(corners(row[None].astype(np.float64))[0])
        axes.plot(*ends[EDGES].transpose(2, 0, 1), color=colour, linewidth=0.6)
    axes.set_xlim(*VIEW[0])
    axes.set_ylim(*VIEW[1])


def _from_above(axes: Axes, picture: Picture, boxes: Floats) -> None:
    """x to the right, y upwards, in metres."""
    _scatter(axes, picture.points[:, 0], picture.points[:, 1])
    for colour, row in _coloured(picture.truth[:, 1:], boxes):
        around = corners(row[None].astype(np.float64))[0][[0, 1, 2, 3, 0], :2]
        axes.plot(*around.T, color=colour, linewidth=0.6)
    axes.set_xlim(0, 48)
    axes.set_ylim(-16, 16)
    axes.set_aspect("equal")


def _scatter(axes: Axes, u: Floats, v: Floats) -> None:
    axes.plot(u, v, linestyle="", marker=",", color="#b0b0b0", alpha=0.5, rasterized=True)


def _coloured(truth: Floats, boxes: Floats) -> list[tuple[str, Floats]]:
    """Labels in grey, then boxes (class, score, box) in the colour of their class."""
    colours = list(CLASSES.values())
    found = [(colours[int(row[0])], row[2:]) for row in boxes]
    return [("#777777", row) for row in truth] + found


def _seen(points: Floats) -> Floats:
    """(n, 3) lidar coordinates -> (n, 2) in perspective, as seen from behind and above the sensor."""
    x, y, z = points[:, 0] + BEHIND, points[:, 1], points[:, 2] - ABOVE
    depth = np.maximum(x * np.cos(DOWN) - z * np.sin(DOWN), 0.1)
    return np.column_stack([-y / depth, (x * np.sin(DOWN) + z * np.cos(DOWN)) / depth])


def _of(rows: Floats, sweep: int) -> Floats:
    return rows[rows[:, 0] == sweep, 1:]


def _frame(kinds: Floats, boxes: Floats, **labels: str) -> DataFrame:
    import pandas

    names = list(CLASSES)
    frame = pandas.DataFrame(boxes, columns=list(BOX)).assign(**labels)
    return frame.assign(**{"class": [names[int(kind)] for kind in kinds]})
