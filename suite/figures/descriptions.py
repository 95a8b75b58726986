"""Descriptions of an image: rows are levels, columns are methods; below each text its scores."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from suite.figures import style
from suite.figures.observed import first_per_level, observed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure
    from pandas import DataFrame, Series
    from xarray import Dataset, DataTree

WHAT = "descriptions"
SCORES = ("recall", "hallucinated", "perplexity", "repeated")
METHODS = 2
HEAD_IN, ROW_IN, WRAPPED, LEFT = 0.45, 0.62, 52, 0.11
# Beyond it, the fonts of the figure have few signs.
LAST_SIGN = 0x24F


@dataclass(frozen=True)
class Described:
    """The rows of one workload (see `description_rows`), and how high they are drawn."""

    workload: str
    rows: DataFrame

    @property
    def levels(self) -> list[float]:
        """The sigmas, from the best crossbar on."""
        return sorted({*self.rows["sigma_log"]})

    @property
    def height_in(self) -> float:
        """Of all rows."""
        return HEAD_IN + ROW_IN * len(self.levels)


def description_rows(tree: DataTree, workload: str) -> DataFrame:
    """One row per text: of two methods, and of each level the first seed and realisation. image, on, text and SCORES as
    the workload observes them."""
    import pandas

    nodes = first_per_level(observed(tree, workload, WHAT), METHODS)
    frames = [_frame(one, workload) for one in nodes.values()]
    return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame()


def _frame(one: Dataset, workload: str) -> DataFrame:
    import pandas

    from suite.contract.sources import source_of

    columns = {name: one[name].to_numpy() for name in ("name", "on", "text", *SCORES)}
    labels = {name: one.attrs[name] for name in ("contestant", "sigma_log", "usability")}
    source = source_of(one.attrs["source"], "accuracy@which")
    found = pandas.DataFrame(columns).rename(columns={"name": "image"})
    return found.assign(workload=workload, source=source, quantity="descriptions", **labels)


def draw_descriptions(part: SubFigure, described: Described, title: str) -> None:
    """What is said of the first image, and the means of the scores over all of them."""
    rows, lines = described.rows, style.lines(described.rows["contestant"])
    axes = part.subplots()
    axes.set_xlim(0, 1)
    axes.set_ylim(len(described.levels), -HEAD_IN / ROW_IN)
    axes.axis("off")
    image = rows["image"].iloc[0]
    axes.set_title(f"{title}; {image}, on it: {rows['on'].iloc[0]}", loc="left", fontsize=style.SMALL_PT)
    width = (1 - LEFT) / len(lines)
    for column, (contestant, line) in enumerate(lines.items()):
        left = LEFT + column * width
        axes.text(left, -0.1, line.label, color=line.colour, fontweight="bold", va="bottom")
        for row, sigma in enumerate(described.levels):
            some = rows[(rows["contestant"] == contestant) & (rows["sigma_log"] == sigma)]
            if len(some):
                _text(axes, left, row, some)
    for row, sigma in enumerate(described.levels):
        usability = rows["usability"][rows["sigma_log"] == sigma].iloc[0]
        axes.text(0, row + 0.05, f"u = {usability:.2f}\nσ = {sigma:.2f}", va="top", size=style.SMALL_PT)


def _text(axes: Axes, left: float, row: int, some: DataFrame) -> None:
    told = "\n".join(textwrap.wrap(_drawable(some["text"].iloc[0]), WRAPPED)[:3]) or "(no word)"
    axes.text(left, row + 0.05, told, va="top", size=style.SMALL_PT, parse_math=False)
    axes.text(left, row + 0.95, _scores(some[list(SCORES)].mean()), va="bottom", size=style.SMALL_PT, color=style.GREY)


def _drawable(text: str) -> str:
    """Signs that the fonts lack, and breaks, as boxes."""
    return "".join(sign if sign.isprintable() and ord(sign) <= LAST_SIGN else "□" for sign in text.strip(" "))


def _scores(means: Series) -> str:
    """Of texts none of which names a thing, or has a token, there is no such mean."""
    told = {
        name: "none" if isnan(mean) else f"{mean:,.{0 if name == 'perplexity' else 2}f}" for name, mean in means.items()
    }
    return "recall {recall}, not there {hallucinated}, perplexity {perplexity}, repeated {repeated}".format(**told)
