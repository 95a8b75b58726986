"""What sensed lines of the simulated NeuRRAM chip show, beside what its authors logged, and what reading them takes.

Logged: layer conv15 of the authors' ResNet-20, segment 5, 64 columns (repository weierwan/Neurram_48core, commit
2ed5f8d): slopes against the inverse of the columns' conductance r = 0.93, residual after the line fit 0.79 codes, which
is 0.30 of the columns' standard deviation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from suite.figures import Figure, style
from suite.figures.curves import legend
from suite.figures.neurram_rows import PANELS
from suite.figures.observed import last_per_method, observed

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import Dataset, DataTree

WORKLOADS = tuple(dict.fromkeys(panel.workload for panel in PANELS))
LOGGED_R, LOGGED_CODES, LOGGED_SHARE = 0.93, 0.79, 0.30
TILE = ("array", "direction", "tile")
STATISTICS = ("lines", "r_inverse_conductance", "slope_spread", "scaled_slope_spread", "residual_codes")
LINES = ("workload", "source", "contestant", "condition", *TILE, *STATISTICS, "residual_share")
# The share of slopes, on either side, that the axis need not show.
OUTSIDE = 0.005
# Between methods on an axis of workloads.
APART = 0.1
COUNTED = ("products", "rows", "columns", "pulses", "decrements")
ENERGY = ("workload", "source", "contestant", "condition", "array", *COUNTED, "low_nJ", "high_nJ", "relative")


def lines_table(tree: DataTree) -> DataFrame:
    """One row per method and tile; spreads are standard deviations over lines in units of their mean, scaled slopes
    slopes times conductance; residual_share: of the standard deviation of the ideal outputs."""
    import pandas

    rows = [
        {**labels, **dict(zip(TILE, tile, strict=True)), **_statistics(of_tile)}
        for labels, lines in _lines(tree)
        for tile, of_tile in lines.groupby(list(TILE), sort=False)
    ]
    return pandas.DataFrame(rows, columns=list(LINES))


def energy_table(tree: DataTree) -> DataFrame:
    """One row per method and array, and `all`: `relative` is then that of the sums."""
    import pandas

    rows = []
    for labels, found in _observed(tree, "energy"):
        frame = found.to_dataframe().assign(
            low_nJ=lambda own: 1e9 * own["low_J"], high_nJ=lambda own: 1e9 * own["high_J"]
        )
        sums = frame[[*COUNTED, "low_nJ", "high_nJ"]].sum()
        sums["relative"] = sums["high_nJ"] / (frame["high_nJ"] / frame["relative"]).sum()
        rows += [{**labels, **row} for row in (*frame.to_dict("records"), {"array": "all", **sums.to_dict()})]
    return pandas.DataFrame(rows, columns=list(ENERGY))


def _observed(tree: DataTree, what: str) -> Iterator[tuple[dict[str, Any], Dataset]]:
    for workload in WORKLOADS:
        for contestant, found in last_per_method(observed(tree, workload, what)).items():
            place = {"workload": workload, "source": found.attrs["source"], "contestant": contestant}
            yield {**place, "condition": found.attrs["condition"]}, found


def _lines(tree: DataTree) -> Iterator[tuple[dict[str, Any], DataFrame]]:
    """Lines whose ideal outputs change."""
    for labels, found in _observed(tree, "lines"):
        yield labels, found.to_dataframe().dropna()


def _statistics(lines: DataFrame) -> dict[str, float]:
    slope, scaled = lines["slope"], lines["slope"] * lines["conductance_uS"]
    return {
        "lines": len(lines),
        "r_inverse_conductance": slope.corr(1 / lines["conductance_uS"]),
        "slope_spread": slope.std() / slope.mean(),
        "scaled_slope_spread": scaled.std() / scaled.mean(),
        "residual_codes": (lines["residual"] * slope.abs()).mean(),
        "residual_share": (lines["residual"] / lines["spread"]).mean(),
    }


def draw_lines(rows: DataFrame, tree: DataTree) -> Drawing:
    """Slopes against the inverse of the conductance, both in units of their tile's mean; residuals by workload."""
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, 3.2))
    inner = drawing.subfigures(1, 1, squeeze=False)[0, 0]
    slopes, residuals = inner.subplots(1, 2)
    last = {labels["workload"]: lines for labels, lines in _lines(tree)}
    looks = style.lines(last)
    # The most lines first: they would cover the others.
    for workload, lines in sorted(last.items(), key=lambda entry: -len(entry[1])):
        by_tile = lines.assign(inverse=1 / lines["conductance_uS"]).groupby(list(TILE))[["inverse", "slope"]]
        means = by_tile.transform("mean")
        slopes.plot(
            1 / lines["conductance_uS"] / means["inverse"],
            lines["slope"] / means["slope"],
            **{"linestyle": "", "marker": ".", "markersize": 2, "color": looks[workload].colour, "label": workload},
        )
    slopes.set_xlabel("Inverse of the line's conductance (mean of its tile 1)")
    slopes.set_ylabel("Slope (mean of its tile 1)")
    slopes.set_ylim(*_inner([place for line in slopes.lines for place in line.get_ydata()]))
    tiles = {name: rows.loc[rows["workload"] == name, "residual_share"].dropna().tolist() for name in last}
    residuals.boxplot(list(tiles.values()), tick_labels=list(tiles))
    residuals.axhline(LOGGED_SHARE, color="black", linewidth=0.8, label="logged, one layer of the chip")
    residuals.set_yscale("log")
    residuals.set_ylabel("Residual (sd of the line)")
    legend(inner, style.DOUBLE_COLUMN_IN)
    return drawing


def _inner(values: Sequence[float]) -> tuple[float, float]:
    """What holds all but the outermost ones: lines that hardly conduct have slopes of any size."""
    import numpy as np

    low, high = np.quantile(values, [OUTSIDE, 1 - OUTSIDE])
    return low - 0.1 * (high - low), high + 0.1 * (high - low)


def draw_energy(rows: DataFrame, tree: DataTree) -> Drawing:
    """Per workload: energy of the cells from the shortest to the longest pulse, and in units of current mode."""
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, 2.8))
    inner = drawing.subfigures(1, 1, squeeze=False)[0, 0]
    joules, relative = inner.subplots(1, 2)
    sums = rows[rows["array"] == "all"]
    workloads = list(dict.fromkeys(sums["workload"]))
    looks = style.lines(sums["contestant"])
    for place, (contestant, line) in enumerate(looks.items()):
        own, aside = sums[sums["contestant"] == contestant], APART * (place - (len(looks) - 1) / 2)
        at = [workloads.index(name) + aside for name in own["workload"]]
        joules.vlines(at, own["low_nJ"], own["high_nJ"], color=line.colour)
        look = {"color": line.colour, "marker": line.marker, "linestyle": "", "label": line.label}
        joules.plot(at, own["high_nJ"], **look)
        relative.plot(at, own["relative"], **look)
    joules.set_yscale("log")
    joules.set_ylabel("Energy of the cells (nJ)")
    relative.set_ylabel("Energy × delay\n(current mode: 1)")
    for axes in (joules, relative):
        axes.set_xticks(range(len(workloads)), [name.removeprefix("neurram_") for name in workloads])
    legend(inner, style.DOUBLE_COLUMN_IN)
    return drawing


def _lines_caption(rows: DataFrame) -> str:
    middle = rows[["r_inverse_conductance", "residual_codes", "residual_share"]].median()
    return (
        "Networks trained here on the simulated chip, one state and realisation of each method; lines are drawn of the "
        f"last method, but for the outermost {100 * OUTSIDE:g} % of slopes on either side. Medians of all tiles: "
        f"correlation {middle.iloc[0]:.2f}, residual {middle.iloc[1]:.2f} codes or "
        f"{middle.iloc[2]:.2f} standard deviations of the line. Logged on the chip for 64 columns of one layer, whose "
        f"outputs filled little of the range: {LOGGED_R:g}, {LOGGED_CODES:g} and {LOGGED_SHARE:g}. Condition: "
        f"{rows['condition'].iloc[-1]}."
    )


def _energy_caption(rows: DataFrame) -> str:
    return (
        "Modelled, not measured, no claim about the chip: the cells alone, driven at ±0.2 V with two pulses of 10 ns "
        "(low end) to 1 µs (mark) for each magnitude bit and weight, without converters, drivers and logic. Current "
        "mode: the same cells and pulses with the sensed lines at virtual ground. Condition: "
        f"{rows['condition'].iloc[-1]}."
    )


FIGURES = {
    "fig_neurram_lines": Figure(
        "Sensed lines of the simulated chip", WORKLOADS, lines_table, draw_lines, _lines_caption
    ),
    "fig_neurram_energy": Figure(
        "Energy of an inference in voltage mode", WORKLOADS, energy_table, draw_energy, _energy_caption
    ),
}
