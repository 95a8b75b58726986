"""Figure 5: answers on images. The networks; accuracy against usability, a panel per task; descriptions of an image.

Source: Ye et al., arXiv:2412.02779, Fig. 5, whose network is MiniGPT-4. All of ours are stand-ins: a small network that
is trained from scratch, and a projection before a frozen language model of 135 M weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.figures import Figure, held, style
from suite.figures.curves import curve_caption, draw_panels, legend
from suite.figures.summary import Panel, summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame, Series
    from xarray import DataTree

    from suite.figures.sketch import Symbol

SMALL, CIFAR, COCO = "vlm_small", "vlm_smollm2_cifar", "vlm_smollm2_coco"
# The same with the language model on crossbars too, as studies call it.
WHOLE = "vlm_smollm2_whole"
PANELS = (
    Panel(SMALL, "Counting", "accuracy@counting"),
    Panel(SMALL, "CIFAR-10", "accuracy@cifar10"),
    Panel(SMALL, "easy-VQA", "accuracy@easy_vqa"),
    Panel(CIFAR, "CIFAR-10, 135 M"),
    Panel(COCO, "Which, 135 M", "accuracy@which"),
    Panel(WHOLE, "Which, all 135 M", "accuracy@which"),
)
DESCRIBED = {COCO: "projection on crossbars", WHOLE: "language model on crossbars too"}
STEPS: dict[str, tuple[tuple[str, Symbol], ...]] = {
    "a  small, trained from scratch": (
        ("image", "picture"),
        ("encoder, frozen", "frozen"),
        ("projection", "crossbar"),
        ("layers", "crossbar"),
        ("answer layer", "crossbar"),
        ("a word", "words"),
    ),
    "a  MiniGPT-4-shaped, 135 M": (
        ("image", "picture"),
        ("encoder, frozen", "frozen"),
        ("projection", "crossbar"),
        ("language model, frozen", "frozen"),
        ("words", "words"),
    ),
}
SKETCH_IN, COLUMNS = 1.2, 3
# A clean score is drawn as a curve where it is above what needs no image by so many standard errors.
CLEAR = 3.0


def table(tree: DataTree) -> DataFrame:
    """One row per number, told apart by `quantity`: scores; baselines (what needs no image reaches on the test set,
    `contestant` says which); validation (clean score of the network there, `std` the standard error of its margin);
    descriptions (a text and its scores)."""
    import pandas

    from suite.figures.answer_baselines import baseline_rows
    from suite.figures.descriptions import description_rows

    scores = summary(tree, _held(tree))
    if scores.empty:
        return scores
    others = [baseline_rows(tree, _held(tree)), *(description_rows(tree, name) for name in DESCRIBED)]
    return pandas.concat([scores.assign(quantity="scores"), *filter(len, others)], ignore_index=True)


def _held(tree: DataTree) -> list[Panel]:
    """The panels whose score the cube has."""
    found = held(tree)
    return [panel for panel in PANELS if panel.workload in found and panel.score in found[panel.workload].data_vars]


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """(a), (b) and, as far as the cube has descriptions, (c), one below the other."""
    from matplotlib.figure import Figure as Drawing

    from suite.figures.descriptions import Described, draw_descriptions
    from suite.figures.sketch import draw_sketch

    scores = rows[rows["quantity"] == "scores"]
    panels = [panel for panel in _held(tree) if _of(scores, panel).any()]
    lines = -(-len(panels) // COLUMNS)
    told = [Described(name, own) for name in DESCRIBED if len(own := _described(rows, name))]
    heights = [SKETCH_IN] * len(STEPS) + [style.PANEL_HEIGHT_IN * lines + 0.7] + [one.height_in for one in told]
    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, sum(heights)))
    parts = drawing.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, (title, steps) in zip(parts, STEPS.items(), strict=False):
        draw_sketch(part, steps, title)
    middle = parts[len(STEPS)]
    every = draw_panels(middle, scores, tree, panels, min(COLUMNS, len(panels)), style.DOUBLE_COLUMN_IN)
    for axes, panel in zip(every, panels, strict=True):
        _without_image(axes, rows[_of(rows, panel)])
    legend(middle, style.DOUBLE_COLUMN_IN)
    middle.text(0.01, 0.97, "b", fontweight="bold")
    for part, one in zip(parts[len(STEPS) + 1 :], told, strict=True):
        draw_descriptions(part, one, f"c  {DESCRIBED[one.workload]}")
    return drawing


def _described(rows: DataFrame, workload: str) -> DataFrame:
    return rows[(rows["quantity"] == "descriptions") & (rows["workload"] == workload)]


def _of(rows: DataFrame, panel: Panel) -> Series:
    return (rows["workload"] == panel.workload) & (rows["score"] == panel.score)


def _without_image(axes: Axes, rows: DataFrame) -> None:
    """Lines of what needs no image; in place of curves that are not clear of them, the number reached."""
    for dashes, (_, row) in zip(("-.", "--"), rows[rows["quantity"] == "baselines"].iterrows(), strict=False):
        axes.axhline(row["mean"], color=style.GREY, linestyle=dashes, linewidth=0.8, label=row["contestant"])
    for _, row in rows[~clear(rows)].iterrows():
        for drawn in [*axes.get_lines(), *axes.collections]:
            drawn.set_visible(False)
        told = f"validation: {100 * row['mean']:.1f} %,\nnot {CLEAR:g} standard errors\nabove the best without image"
        axes.text(0.5, 0.5, told, transform=axes.transAxes, ha="center", va="center", size=style.SMALL_PT)


def clear(rows: DataFrame) -> Series:
    """Of every row, whether it is of a score that may be drawn: all but validation scores with a small margin."""
    validated = rows["quantity"] == "validation"
    return ~validated | (rows["margin"] > CLEAR * rows["std"]) if validated.any() else ~validated


def caption(rows: DataFrame) -> str:
    """That these are stand-ins, and what lines are."""
    text = (
        "Stand-ins for MiniGPT-4. (a) The networks; grids mark what lies on crossbars, hatched parts are frozen and "
        "digital. (b) Share of right answers; panels without 135 M are of the small network, the one of all 135 M has "
        f"the language model on crossbars too. {curve_caption(rows[rows['quantity'] == 'scores'])}"
    )
    if (rows["quantity"] == "baselines").any():
        text += " Grey lines: the most frequent answer of all, and to the same question, without the image."
    if len(texts := rows[rows["quantity"] == "descriptions"]):
        text += (
            " (c) What is said of the first test image, one seed and realisation a level; scores: means over "
            f"{texts['image'].nunique()} images. Recall of what is there, share of things named that are not there, "
            "perplexity to the language model as it was read, share of repeated pairs of tokens."
        )
    return text


def _others(tree: DataTree) -> list[str]:
    drawn = {(panel.workload, panel.score) for panel in _held(tree)}
    return [
        f"{panel.title}: the study has no such test set"
        for panel in PANELS
        if panel.workload in held(tree) and (panel.workload, panel.score) not in drawn
    ]


FIGURE = Figure("Answers on images against usability", (SMALL, CIFAR, COCO, WHOLE), table, draw, caption, _others)
