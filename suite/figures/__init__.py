"""One file per figure, `suite/figures/fig*.py` with `FIGURE = Figure(...)`: cube -> tidy table -> matplotlib.

The other modules of this folder are what figures share. Matplotlib, pandas and xarray load only when one is drawn.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import SuiteError
from suite.contract.names import meant

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree


class FigureError(SuiteError):
    """A figure that cannot be found or drawn; the message says what to change."""


@dataclass(frozen=True)
class Figure:
    """How one figure is made of a cube.

    needs: the workloads it shows; those that the cube lacks are left out and named under the figure. () for a figure
        of no workload, which is drawn whatever the cube holds.
    table(tree) -> tidy rows with at least the columns `workload` (may be empty) and `source`, only of what is
        finished; it becomes the CSV beside the figure.
    draw(table, tree) -> the drawing without title and caption; `tree` gives the attributes (titles, chance levels).
    caption(table) -> what the figure shows and how many samples stand behind it.
    left_out(tree) -> a line for everything else that the cube holds and the figure cannot show.
    """

    title: str
    needs: tuple[str, ...]
    table: Callable[[DataTree], DataFrame]
    draw: Callable[[DataFrame, DataTree], Drawing]
    caption: Callable[[DataFrame], str]
    left_out: Callable[[DataTree], Sequence[str]] = lambda tree: ()


def held(tree: DataTree) -> dict[str, DataTree]:
    """The workloads of a cube by label; one called `a/b` is a child of `a`, which is none."""
    return {node.path.strip("/"): node for node in tree.subtree if "measures" in node.attrs}


def names() -> list[str]:
    """The names of all figures: the stems of the files `fig*.py`, none of which is imported."""
    return sorted(path.stem for path in Path(__file__).parent.glob("fig*.py"))


def code_of(name: str) -> tuple[Path, ...]:
    """The files that decide what a figure looks like, less what they import."""
    folder = Path(__file__).parent
    return folder / f"{name}.py", folder / "render.py"


def find(name: str) -> Figure:
    """The FIGURE of suite/figures/NAME.py; raises FigureError for an unknown name or a file that defines none."""
    if name not in names():
        raise FigureError(f"unknown figure {name!r}{meant(name, names())}")
    figure = getattr(importlib.import_module(f"suite.figures.{name}"), "FIGURE", None)
    if not isinstance(figure, Figure):
        raise FigureError(f"suite/figures/{name}.py: define FIGURE = Figure(...); found {type(figure).__name__}")
    return figure
