"""From a cube to files: a figure as PDF and PNG, and the CSV of the numbers behind it, equal bytes every time."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from suite.figures import Figure, find, held, style
from suite.results.files import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree

# No date, and no version of the software that drew it: bytes depend on the numbers and the fonts alone.
_METADATA: dict[str, dict[str, str | None]] = {
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}

# What is said of one workload and of several: of those that a cube has not, and of those that it has.
_LACKING = (
    ("is not in this cube", "are not in this cube"),
    ("has no finished cell for this figure", "have no finished cell for this figure"),
)


@dataclass(frozen=True)
class Rendered:
    """The files of a figure, its caption, and a line for everything that is not in it."""

    name: str
    paths: tuple[Path, ...]
    caption: str
    gaps: tuple[str, ...]


@dataclass(frozen=True)
class Skipped:
    """A figure of which the cube holds nothing, and why."""

    name: str
    reason: str


def render(name: str, tree: DataTree, out: Path, study: str) -> Rendered | Skipped:
    """Draw figure `name` of `tree` (suite.open) into `out` as NAME.pdf, NAME.png (300 dpi) and NAME.csv.

    What the cube lacks is left out, named in the footer and in `gaps`; where it lacks everything nothing is written.
    Raises FigureError for an unknown figure or a cube it cannot show, ResultsNotWritable for the folder.
    """
    return render_figure(name, find(name), tree, out, study)


def render_figure(name: str, figure: Figure, tree: DataTree, out: Path, study: str) -> Rendered | Skipped:
    """`render` of a figure that is made on the spot."""
    table = figure.table(tree)
    gaps = _gaps(figure, table, tree)
    if table.empty:
        return Skipped(name, "; ".join(gaps))
    caption = " ".join([figure.caption(table), *(f"Not drawn: {gap}." for gap in gaps), f"Study: {study}."])
    files = _files(figure, table, tree, caption)
    for suffix, content in files.items():
        write_bytes(out / f"{name}.{suffix}", content)
    return Rendered(name, tuple(out / f"{name}.{suffix}" for suffix in files), caption, gaps)


def _gaps(figure: Figure, table: DataFrame, tree: DataTree) -> tuple[str, ...]:
    shown = set(table["workload"])
    missing: dict[tuple[str, str], list[str]] = {}
    for name in figure.needs:
        if name not in shown:
            missing.setdefault(_LACKING[name in held(tree)], []).append(name)
    told = (f"{', '.join(lacking)} {words[len(lacking) > 1]}" for words, lacking in missing.items())
    return (*told, *(_without_usability(tree, shown) if "usability" in table else ()), *figure.left_out(tree))


def _without_usability(tree: DataTree, workloads: set[str]) -> Iterator[str]:
    """What of the workloads has no place on a figure's axis of usability."""
    for name in sorted(workloads & held(tree).keys()):
        node = held(tree)[name]
        if devices := sorted({*node["device"].to_numpy()[node["usability"].isnull().to_numpy()]}):
            yield f"{name} on {', '.join(devices)}, which has no usability"


def _files(figure: Figure, table: DataFrame, tree: DataTree, caption: str) -> dict[str, bytes]:
    with style.house_style():
        drawing = figure.draw(table, tree)
        drawing.suptitle(_wrap(_title(figure, table), drawing, characters_per_inch=13), fontweight="bold")
        drawing.supxlabel(_wrap(caption, drawing, characters_per_inch=18), fontsize=style.SMALL_PT, color=style.GREY)
        files = encoded(drawing)
    csv = table.to_csv(index=False, float_format="%.6f", lineterminator="\n")
    return {**files, "csv": csv.encode()}


def _title(figure: Figure, table: DataFrame) -> str:
    synthetic = table["source"].str.contains("synthetic").any()
    return f"{figure.title} (synthetic data)" if synthetic else figure.title


def _wrap(text: str, drawing: Drawing, characters_per_inch: int) -> str:
    return textwrap.fill(text, int(drawing.get_figwidth() * characters_per_inch))


def encoded(drawing: Drawing, dpi: int = style.PNG_DPI) -> dict[str, bytes]:
    """{suffix: content} of a drawing as PDF and PNG, laid out once for both."""
    from matplotlib import rc_context

    drawing.set_dpi(dpi)
    if (layout := drawing.get_layout_engine()) is not None:
        layout.execute(drawing)
    # No engine, where "none" is one that does nothing: for any engine Matplotlib draws once more before each file.
    with rc_context({"figure.constrained_layout.use": False}):
        drawing.set_layout_engine(None)
        return {suffix: _bytes(drawing, suffix, dpi) for suffix in _METADATA}


def _bytes(drawing: Drawing, suffix: str, dpi: int) -> bytes:
    buffer = BytesIO()
    drawing.savefig(buffer, format=suffix, dpi=dpi, metadata=_METADATA[suffix])
    return buffer.getvalue()
