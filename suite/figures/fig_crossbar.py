"""One array of 10 x 10 cells: accuracy by what its crossbar is like, confusion matrices, its cells, its energy.

The array and its task in Ye et al., arXiv:2412.02779, are not available to us; data and task here are those of the
workload `crossbar_10x10`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from suite.figures import Figure, style
from suite.figures.array_table import array_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from matplotlib.figure import SubFigure
    from pandas import DataFrame
    from xarray import DataTree

WORKLOAD = "crossbar_10x10"
HEIGHT_IN = 4.9
# Between the methods of one crossbar, in widths of a place on the axis.
APART = 0.16


def table(tree: DataTree) -> DataFrame:
    """See `array_table`."""
    return array_table(tree, WORKLOAD)


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """Scores above; below what was observed, as far as the cube has it."""
    from matplotlib.figure import Figure as Drawing

    pictures = [name for name in ("confusion", "conductance_uS") if (rows["quantity"] == name).any()]
    has_energy = (rows["quantity"] == "energy_low_fJ").any()
    below = bool(pictures) or has_energy
    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, HEIGHT_IN if below else HEIGHT_IN / 2 + 0.4))
    above, *rest = drawing.subfigures(2 if below else 1, 1, squeeze=False)[:, 0]
    _scores(above, rows[rows["quantity"] == "accuracy"], tree[WORKLOAD].attrs["measures"]["accuracy"]["chance"])
    if rest:
        _observed(rest[0], rows, pictures, has_energy=has_energy)
    return drawing


def _scores(part: SubFigure, rows: DataFrame, chance: float) -> None:
    by_crossbar, by_usability = part.subplots(1, 2, width_ratios=[1.25, 1.0])
    crossbars, lines = list(dict.fromkeys(rows["crossbar"])), style.lines(rows["contestant"])
    _by_crossbar(by_crossbar, rows, lines, crossbars)
    shown = list(dict.fromkeys([crossbars[0], crossbars[-1]]))
    for place, crossbar in enumerate(shown):
        _curves(by_usability, rows[rows["crossbar"] == crossbar], lines, crossbar, dashed=place > 0)
    by_usability.axhline(chance, color=style.GREY, linestyle=":", linewidth=0.8, label="chance")
    by_usability.set_title("By usability", loc="left", fontweight="bold")
    by_usability.set_xlabel("Usability")
    by_usability.legend(loc="lower right")


def _by_crossbar(axes: Axes, rows: DataFrame, lines: Mapping[str, style.Line], crossbars: list[str]) -> None:
    """Every crossbar at the lowest spread above 0 that all of them have, else at the lowest."""
    common = [
        sigma for sigma, group in rows.groupby("sigma_log") if group["crossbar"].nunique() == len(crossbars)
    ] or sorted(rows["sigma_log"])
    sigma = next((level for level in common if level > 0), common[0])
    level = rows[rows["sigma_log"] == sigma]
    for place, (contestant, line) in enumerate(lines.items()):
        found = level[level["contestant"] == contestant].set_index("crossbar").reindex(crossbars)
        at = [number + APART * (place - (len(lines) - 1) / 2) for number in range(len(crossbars))]
        spread = found["std"].where(found["n"] > 1).fillna(0.0)
        axes.errorbar(at, found["mean"], spread, color=line.colour, marker=line.marker, linestyle="", label=line.label)
    axes.set_xticks(range(len(crossbars)), crossbars)
    axes.set_title(f"By crossbar, at σ = {sigma:g}", loc="left", fontweight="bold")
    axes.set_ylabel("Accuracy")
    axes.set_xlabel("Crossbar")
    axes.legend(loc="lower left")


def _curves(axes: Axes, rows: DataFrame, lines: Mapping[str, style.Line], crossbar: str, *, dashed: bool) -> None:
    for contestant, line in lines.items():
        found = rows[rows["contestant"] == contestant].sort_values("usability")
        face = "white" if dashed else line.colour
        axes.plot(
            found["usability"],
            found["mean"],
            color=line.colour,
            marker=line.marker,
            markerfacecolor=face,
            linestyle="--" if dashed else "-",
            label=f"{line.label}, {crossbar}",
        )


def _observed(part: SubFigure, rows: DataFrame, pictures: list[str], *, has_energy: bool) -> None:
    shown = [
        (name, contestant)
        for name in pictures
        for contestant in style.lines(rows.loc[rows["quantity"] == name, "contestant"])
        if name == "confusion" or contestant == _last_contestant(rows, name)
    ]
    panels = part.subplots(1, len(shown) + has_energy, squeeze=False)[0]
    for axes, (name, contestant) in zip(panels, shown, strict=False):
        chosen = rows[(rows["quantity"] == name) & (rows["contestant"] == contestant)]
        (_matrix if name == "confusion" else _cells)(axes, chosen, style.lines([contestant])[contestant].label, part)
    if has_energy:
        _energy(panels[-1], rows)


def _last_contestant(rows: DataFrame, quantity: str) -> str:
    return list(style.lines(rows.loc[rows["quantity"] == quantity, "contestant"]))[-1]


def _matrix(axes: Axes, rows: DataFrame, contestant: str, part: SubFigure) -> None:
    counts = rows.pivot(index="row", columns="column", values="mean").to_numpy()
    axes.imshow(counts, cmap="Greys", vmin=0, vmax=counts.sum(1).max())
    for row, column, count in rows[["row", "column", "mean"]].itertuples(index=False):
        colour = "white" if count > counts.sum(1).max() / 2 else "black"
        axes.text(column, row, f"{count:.0f}", ha="center", va="center", color=colour, size=style.SMALL_PT)
    axes.set_title(f"{contestant}, {rows['crossbar'].iloc[0]}", loc="left", fontweight="bold")
    axes.set_xlabel("Predicted")
    axes.set_ylabel("Digit")
    axes.set_xticks(range(len(counts)))
    axes.set_yticks(range(len(counts)))
    axes.grid(visible=False)


def _cells(axes: Axes, rows: DataFrame, contestant: str, part: SubFigure) -> None:
    cells = rows.pivot(index="row", columns="column", values="mean").to_numpy()
    image = axes.imshow(cells, cmap="viridis", vmin=0)
    # Pairs are neighbours: + and - of one class.
    for pair in range(2, cells.shape[1], 2):
        axes.axvline(pair - 0.5, color="white", linewidth=0.8)
    axes.set_title(f"{contestant}: cells (µS)", loc="left", fontweight="bold")
    axes.set_xlabel("Bit line (+, − per digit)")
    axes.set_ylabel("Word line")
    axes.set_xticks(range(0, cells.shape[1], 2))
    axes.grid(visible=False)
    part.colorbar(image, ax=axes, shrink=0.8)


def _energy(axes: Axes, rows: DataFrame) -> None:
    """Per method and crossbar, at the last level observed: a bar from the shortest to the longest read, and an outline
    from the gentlest to the hardest programming."""
    bounds = rows[rows["quantity"].str.match("(energy|write)_(low|high)_fJ")]
    bounds = bounds.drop_duplicates(["crossbar", "contestant", "quantity"], keep="last")
    wide = bounds.pivot(index=["crossbar", "contestant"], columns="quantity", values="mean")
    crossbars = list(dict.fromkeys(bounds["crossbar"]))
    observed = {*bounds["contestant"]}
    lines = {contestant: line for contestant, line in style.lines(rows["contestant"]).items() if contestant in observed}
    for place, (contestant, line) in enumerate(lines.items()):
        for number, crossbar in enumerate(crossbars):
            if (crossbar, contestant) not in wide.index:
                continue
            found = wide.loc[(crossbar, contestant)]
            at = number + 0.3 * (place - (len(lines) - 1) / 2)
            low, high = found["energy_low_fJ"], found["energy_high_fJ"]
            axes.bar(at, high - low, 0.24, bottom=low, color=line.colour, label=line.label if number == 0 else None)
            low, high = found["write_low_fJ"], found["write_high_fJ"]
            axes.bar(at, high - low, 0.24, bottom=low, facecolor="none", edgecolor=line.colour)
    axes.set_yscale("log")
    axes.set_xticks(range(len(crossbars)), crossbars)
    axes.use_sticky_edges = False
    axes.margins(y=0.1)
    axes.set_title("Energy (fJ)", loc="left", fontweight="bold")
    axes.set_xlabel("Crossbar")


def caption(rows: DataFrame) -> str:
    """Samples behind the points, and what the energy is an estimate of."""
    scores = rows[rows["quantity"] == "accuracy"]
    text = (
        f"Points: mean ± one standard deviation over {scores['n_seeds'].max()} seeds × "
        f"{scores['n_realisations'].max()} realisations. Data: {rows['source'].iloc[0]}."
    )
    if (rows["quantity"] == "confusion").any():
        text += " Confusion matrices and cells: one state, one realisation."
    if (rows["quantity"] == "energy_low_fJ").any():
        text += (
            " Energy per inference (bars): the array alone, no converters; reads of 10 ns to 1 µs at 0.1 V. Outlines: "
            "programming all cells once, one pulse of 100 ns at 1 V to 10 µs at 8 V."
        )
    return text


FIGURE = Figure("Five digits on one 10 × 10 array", (WORKLOAD,), table, draw, caption)
