"""One file per figure, `suite/figures/fig*.py` with `FIGURE = Figure(...)`: cube -> tidy table -> matplotlib.

Figures that differ in a table alone share a file `figs_*.py` with `FIGURES = {name: Figure(...)}`. The other modules
of this folder are what figures share. Matplotlib, pandas and xarray load only when one is drawn.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from suite.contract import SuiteError
from suite.contract.names import meant

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree

_FOLDER = Path(__file__).parent
_SEVERAL = "figs_"


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
    of_every_study: drawn of every study that can feed it; any other figure is drawn where a study's `figures` names it.
    """

    title: str
    needs: tuple[str, ...]
    table: Callable[[DataTree], DataFrame]
    draw: Callable[[DataFrame, DataTree], Drawing]
    caption: Callable[[DataFrame], str]
    left_out: Callable[[DataTree], Sequence[str]] = lambda tree: ()
    of_every_study: bool = False


def held(tree: DataTree) -> dict[str, DataTree]:
    """The workloads of a cube by label; one called `a/b` is a child of `a`, which is none."""
    return {node.path.strip("/"): node for node in tree.subtree if "measures" in node.attrs}


def names() -> list[str]:
    """The names of all figures: stems of the files `fig*.py`, none of which is imported, and what `figs_*.py` hold."""
    return sorted(_modules())


def of_study(named: Sequence[str]) -> list[str]:
    """What a study draws: the figures of every study, and those that its `figures` name."""
    return sorted({*named, *(name for name in names() if find(name).of_every_study)})


def code_of(named: Sequence[str]) -> list[Path]:
    """The files that decide what these figures look like, less what they import."""
    modules = _modules()
    return [*(_FOLDER / f"{stem}.py" for stem in sorted({modules[name] for name in named})), _FOLDER / "render.py"]


def find(name: str) -> Figure:
    """The figure of this name; raises FigureError for an unknown name or a file that defines none."""
    modules = _modules()
    if name not in modules:
        raise FigureError(f"unknown figure {name!r}{meant(name, modules)}")
    figure = _shared(modules[name]).get(name) or getattr(_module(name), "FIGURE", None)
    if not isinstance(figure, Figure):
        raise FigureError(f"suite/figures/{name}.py: define FIGURE = Figure(...); found {type(figure).__name__}")
    return figure


def _modules() -> dict[str, str]:
    """{figure: its module}."""
    stems = [path.stem for path in _FOLDER.glob("fig*.py")]
    return {name: stem for stem in stems for name in _shared(stem) or (stem,)}


def _shared(stem: str) -> dict[str, Figure]:
    """The figures of a module that holds several, by name; {} where it is one figure's own."""
    return getattr(_module(stem), "FIGURES", {}) if stem.startswith(_SEVERAL) else {}


def _module(stem: str) -> ModuleType:
    return importlib.import_module(f"suite.figures.{stem}")
