"""Figure 1: usability found against search round, usability by factor of fabrication, and two devices' sweeps.

Source: Ye et al., arXiv:2412.02779, Fig. 1(a) (the loop); the devices are theirs. The sweeps stand in the authors'
workbooks, which are not part of this repository: without `perovskite/` in the data root that row is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.figures import Figure, style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree

COLUMNS = ("workload", "source", "panel", "series", "level", "x", "y", "low", "high")
SEARCH, HONEST, SWEEP, RATIO = "search", "search, whole loop", "sweep", "log ratio"
# Panel: the pool of the replay.
POOLS = {SEARCH: "all 37", HONEST: "43, whole loop"}
AUTHORS = "authors"
FACTORS = {
    "conversion_time_h": "Conversion (h)",
    "halide": "Halide",
    "ag_thickness_nm": "Silver (nm)",
    "pmma": "PMMA layer",
}
STRATEGIES = {
    "random": style.Line("random", style.GREY, "o", ":"),
    "gp_log_sigma": style.Line("Gaussian process, EI", "#0072B2", "s", "-"),
    "nearest": style.Line("nearest to the best", "#D55E00", "^", "--"),
}
# Of no replay: one search of the authors over their later table, on a scale of its own.
THEIRS = style.Line("the authors' search, their scale", "black", "", "-.")
# By the electrode of the three devices whose sweeps are public: the best and the worst of them.
SWEPT = {"probe": "good", "silver_paste": "bad"}
_USABILITIES = (0.7, 0.9, 0.97, 0.99, 0.997, 0.999, 0.9997, 0.99999)


def table(tree: DataTree) -> DataFrame:
    """Rows of all panels; no workload has a part in any. By panel: search: x round, y mean usability with its 95 % t
    interval, and of the series `authors` the best so far of their own search; a factor's name: level (also x where it
    is a number), y usability of one device; sweep: x volts, y microamperes; log ratio: y ln(G / mean G)."""
    import pandas

    from suite.data.facts import SOURCE

    rows = pandas.DataFrame([*_search_rows(), *_factor_rows(), *_sweep_rows()])
    return rows.assign(workload="", source=SOURCE).reindex(columns=list(COLUMNS))


def _search_rows() -> Iterator[dict[str, Any]]:
    import pandas

    from suite.lab.fabrication.outcome import AUTHORS_SEARCH, ROUNDS

    found = pandas.read_csv(ROUNDS)
    for panel, pool in POOLS.items():
        shown = found[(found["pool"] == pool) & found["strategy"].isin(list(STRATEGIES))]
        for row in shown.itertuples():
            series = {"panel": panel, "series": row.strategy}
            yield {**series, "x": row.round, "y": row.usability, "low": row.low, "high": row.high}
    theirs = pandas.read_csv(AUTHORS_SEARCH)
    for number, best in zip(theirs["evaluation"], theirs["usability"].cummax(), strict=True):
        yield {"panel": HONEST, "series": AUTHORS, "x": number, "y": best}


def _factor_rows() -> Iterator[dict[str, Any]]:
    from suite.data.facts import perovskite_devices

    for factor in FACTORS:
        for device in perovskite_devices():
            value = getattr(device, factor)
            level = {"level": value} if isinstance(value, str) else {"level": f"{value:g}", "x": value}
            yield {"panel": factor, "series": device.name, **level, "y": device.usability}


def _sweep_rows() -> Iterator[dict[str, Any]]:
    from suite.data.datasets import data_root
    from suite.data.facts import perovskite_devices
    from suite.lab.characterise.fit import fit_device
    from suite.lab.characterise.readers import read_devices

    for device in perovskite_devices():
        file = data_root() / "perovskite" / f"I-V_data_{device.name}.xlsx"
        if device.electrode not in SWEPT or not file.is_file():
            continue
        (sweeps,) = read_devices(file)
        fitted = fit_device(sweeps)
        for cycle, current in enumerate(fitted.sweeps.current.T, start=1):
            series = {"panel": f"{SWEEP}: {SWEPT[device.electrode]}", "series": f"cycle {cycle}"}
            for volts, amperes in zip(fitted.sweeps.voltage, current, strict=True):
                yield {**series, "x": volts, "y": 1e6 * amperes}
        for logarithm in fitted.spread.log_ratio:
            yield {"panel": f"{RATIO}: {SWEPT[device.electrode]}", "series": device.name, "y": logarithm}


def caption(rows: DataFrame) -> str:
    """What the panels show, and what they do not allow to conclude."""
    swept = rows["panel"].str.startswith(SWEEP).any()
    return (
        "(a) Best usability so far in replays over measured devices, five random ones first: mean and 95 % t interval "
        f"of {_repetitions()} repetitions; left by the stored sigma of the 37, right by ours over the whole loop of "
        "the 43, with the best so far of the authors' own search over them: monotonicity x exp(-sigma) "
        "of their later table and no more than 0.35. (b) Usability of each device, bars: medians; the factors are "
        "confounded (all 1 h devices have MAI and 100 nm of silver), so no effect is shown. "
        + (
            "(c) All cycles of a good and a bad device. (d) Their ln(G / mean G) in the monotone window."
            if swept
            else ""
        )
        + ("" if swept else "The sweeps of two devices are left out: the data root has no perovskite/ workbooks.")
    )


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """Three rows of panels; two where there are no sweeps."""
    from matplotlib.figure import Figure as Drawing

    labels = [label for label in SWEPT.values() if (rows["panel"] == f"{SWEEP}: {label}").any()]
    height = 3 if labels else 2
    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, style.PANEL_HEIGHT_IN * height + 0.9))
    grid = drawing.subfigures(1, 1, squeeze=False)[0, 0].add_gridspec(height, 4)
    _draw_search(grid.figure.add_subplot(grid[0, :2]), rows[rows["panel"] == SEARCH], "(a) Replayed search: stored σ")
    _draw_search(grid.figure.add_subplot(grid[0, 2:]), rows[rows["panel"] == HONEST], "σ over the whole loop")
    for place, (factor, title) in enumerate(FACTORS.items()):
        axes = grid.figure.add_subplot(grid[1, place])
        _draw_strip(axes, rows[rows["panel"] == factor], title)
        axes.set_title("(b) By factor" if place == 0 else "", loc="left", fontweight="bold")
        axes.set_ylabel("Usability" if place == 0 else "")
    for place, label in enumerate(labels):
        _draw_sweep(grid.figure.add_subplot(grid[2, place]), rows[rows["panel"] == f"{SWEEP}: {label}"], label)
        _draw_ratio(grid.figure.add_subplot(grid[2, 2 + place]), rows[rows["panel"] == f"{RATIO}: {label}"], label)
    return drawing


def _repetitions() -> str:
    """Of each replay that is shown."""
    import pandas

    from suite.lab.fabrication.outcome import ROUNDS

    found = pandas.read_csv(ROUNDS)
    counts = sorted(set(found.loc[found["pool"].isin(POOLS.values()), "repetitions"]))
    return " or ".join(map(str, counts))


def _draw_search(axes: Axes, rows: DataFrame, title: str) -> None:
    """1 - usability on a logarithmic axis, upside down: where the good devices are, usability saturates."""
    best = 1 - rows["y"].max()
    for name, line in STRATEGIES.items():
        own = rows[rows["series"] == name]
        axes.fill_between(
            own["x"], (1 - own["high"]).clip(lower=best), 1 - own["low"], color=line.colour, alpha=0.18, linewidth=0
        )
        axes.plot(
            own["x"], 1 - own["y"], color=line.colour, marker=line.marker, linestyle=line.dashes, label=line.label
        )
    if len(theirs := rows[rows["series"] == AUTHORS]):
        axes.plot(theirs["x"], 1 - theirs["y"], color=THEIRS.colour, linestyle=THEIRS.dashes, label=THEIRS.label)
    axes.set_yscale("log")
    ticks = [value for value in _USABILITIES if value <= rows["y"].max()]
    axes.set_yticks([1 - value for value in ticks], labels=[f"{value:g}" for value in ticks])
    axes.minorticks_off()
    axes.invert_yaxis()
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xlabel("Devices made")
    axes.set_ylabel("Best usability so far")
    # Where there is room: above their curve on the right, below the steep end on the left.
    axes.legend(loc="center right", bbox_to_anchor=(1, 0.36)) if len(theirs) else axes.legend(loc="lower right")


def _draw_strip(axes: Axes, rows: DataFrame, title: str) -> None:
    levels = list(dict.fromkeys(rows.sort_values(["x", "level"])["level"]))
    for place, level in enumerate(levels):
        usability = rows.loc[rows["level"] == level, "y"].sort_values()
        # Neighbours in rank stand side by side, so that equal devices do not hide each other.
        shifted = [place + 0.12 * (rank % 3 - 1) * (len(usability) > 1) for rank in range(len(usability))]
        axes.plot(shifted, usability, ".", color="#0072B2", markersize=4, alpha=0.7)
        axes.hlines(usability.median(), place - 0.3, place + 0.3, color="black", linewidth=1.2)
    axes.set_xticks(range(len(levels)), labels=levels)
    axes.set_xlim(-0.6, len(levels) - 0.4)
    axes.set_ylim(0, 1.05)
    axes.set_xlabel(title)


def _draw_sweep(axes: Axes, rows: DataFrame, label: str) -> None:
    for _, cycle in rows.groupby("series", sort=False):
        axes.plot(cycle["x"], cycle["y"] / 1e3, color=style.GREY, linewidth=0.5, alpha=0.6)
    axes.set_title(f"(c) Sweeps: {label}", loc="left", fontweight="bold")
    axes.set_xlabel("Voltage (V)")
    axes.set_ylabel("Current (mA)")


def _draw_ratio(axes: Axes, rows: DataFrame, label: str) -> None:
    axes.hist(rows["y"], bins=30, color="#0072B2", alpha=0.6)
    axes.set_title(f"(d) Log ratio: {label}", loc="left", fontweight="bold")
    sigma = f"σ = {rows['y'].std(ddof=0):.2f}"
    axes.text(0.04, 0.95, sigma, transform=axes.transAxes, va="top", fontsize=style.SMALL_PT)
    axes.set_xlabel("ln(G / mean G)")
    axes.set_ylabel("Samples")


FIGURE = Figure("Fabrication: searching for the next device", (), table, draw, caption)
