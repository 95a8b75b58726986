"""Figure 3: driving by lidar. The task; 3D average precision against usability; what is found at several levels.

Source: Ye et al., arXiv:2412.02779, Fig. 3, with the numbers that the authors stored beside ours (their network is the
published size, their data are KITTI's, and their noise is on all parameters).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.data.facts.kitti_authors import authors_points
from suite.figures import Figure, held, style
from suite.figures.curves import curve_caption, draw_panels, legend
from suite.figures.summary import Panel, summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from matplotlib.figure import SubFigure
    from pandas import DataFrame
    from xarray import DataTree

    from suite.figures.sketch import Symbol

WORKLOAD = "kitti_pointpillars"
PANELS = (
    Panel(WORKLOAD, "Easy", "easy"),
    Panel(WORKLOAD, "Moderate", "ap"),
    Panel(WORKLOAD, "Hard", "hard"),
    Panel(WORKLOAD, "Average", "average"),
)
AUTHORS = {"easy": "easy", "ap": "moderate", "hard": "hard", "average": "average"}
CONTESTANTS = {"ERM": "erm", "BayesMulti": "bayesmulti"}
SKETCH_IN, PANELS_IN = 1.3, 5.0
STEPS: tuple[tuple[str, Symbol], ...] = (
    ("lidar sweep", "sweep"),
    ("pillars", "crossbar"),
    ("backbone", "crossbar"),
    ("upsampling", "crossbar"),
    ("heads", "crossbar"),
    ("boxes", "boxes"),
)


def table(tree: DataTree) -> DataFrame:
    """One row per number, told apart by `quantity`: scores (ours), authors (theirs: mean over programmings), truth and
    found (boxes of the pictures)."""
    import pandas

    from suite.figures.detection_pictures import picture_rows

    scores = summary(tree, PANELS)
    if scores.empty:
        return scores
    boxes = picture_rows(tree, WORKLOAD)
    frames = [scores.assign(quantity="scores"), _authors(), *([boxes] if len(boxes) else [])]
    return pandas.concat(frames, ignore_index=True).assign(workload=WORKLOAD)


def _authors() -> DataFrame:
    import pandas

    rows = [
        {
            "quantity": "authors",
            "source": "kitti, the authors' numbers",
            "contestant": CONTESTANTS[point.method],
            "usability": point.usability,
            "sigma_log": point.sigma_log,
            "score": score,
            "mean": getattr(point, difficulty),
            "n_realisations": point.count,
        }
        for point in authors_points()
        for score, difficulty in AUTHORS.items()
    ]
    return pandas.DataFrame(rows)


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """(a), (b) and, as far as the cube has pictures, (c), one below the other."""
    from matplotlib.figure import Figure as Drawing

    from suite.figures.detection_pictures import draw_pictures, labelled
    from suite.figures.sketch import draw_sketch

    pictures = labelled(tree, WORKLOAD)
    heights = [SKETCH_IN, PANELS_IN, *(picture.height_in for picture in pictures)]
    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, sum(heights) + 0.9))
    parts = drawing.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    draw_sketch(parts[0], STEPS)
    _curves(parts[1], rows, tree)
    for part, picture in zip(parts[2:], pictures, strict=True):
        draw_pictures(part, picture)
    return drawing


def _curves(part: SubFigure, rows: DataFrame, tree: DataTree) -> None:
    ours, theirs = rows[rows["quantity"] == "scores"], rows[rows["quantity"] == "authors"]
    panels = [panel for panel in PANELS if (ours["score"] == panel.score).any()]
    for axes, panel in zip(draw_panels(part, ours, tree, panels, 2, style.DOUBLE_COLUMN_IN), panels, strict=True):
        _points(axes, theirs[theirs["score"] == panel.score])
    legend(part, style.DOUBLE_COLUMN_IN)
    part.text(0.01, 0.97, "b", fontweight="bold")


def _points(axes: Axes, rows: DataFrame) -> None:
    """The authors' points within the axis of our levels, hollow."""
    low, high = axes.get_xlim()
    for contestant, line in style.lines(rows["contestant"]).items():
        some = rows[(rows["contestant"] == contestant) & rows["usability"].between(low, high)]
        axes.plot(
            some["usability"],
            some["mean"],
            color=line.colour,
            marker=line.marker,
            markerfacecolor="none",
            linestyle="",
            label=f"{line.label}, the authors'",
        )
        axes.set_ylim(top=max(axes.get_ylim()[1], 1.08 * some["mean"].max()) if len(some) else None)


def caption(rows: DataFrame) -> str:
    """What is ours and what is not, and what the pictures show."""
    text = (
        "(a) The network; grids mark what lies on crossbars. (b) Mean of the three classes' 3D average precision, "
        f"official, 40 recall samples. {curve_caption(rows[rows['quantity'] == 'scores'])} Hollow: the authors' stored "
        "numbers, on KITTI, with a larger network and noise on all parameters, not on the arrays alone."
    )
    if rows["quantity"].isin(["truth", "found"]).any():
        text += (
            " (c) Sweeps in 3D and from above: labelled boxes (first row), then what is found at one realisation a "
            "level, over the labels in grey; first seed."
        )
    return text


def _others(tree: DataTree) -> list[str]:
    from suite.figures.detection_pictures import labelled

    if WORKLOAD not in held(tree) or labelled(tree, WORKLOAD):
        return []
    return ["(c) pictures: the study observes none"]


FIGURE = Figure("KITTI: 3D detection against usability", (WORKLOAD,), table, draw, caption, _others)
