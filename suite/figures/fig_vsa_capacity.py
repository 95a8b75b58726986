"""How large an automaton attractor networks hold: success by states and edges, and the size at one half against N.

The rule that is drawn beside ours: Cotteret et al., Neural Computation 36(4), 2024, arXiv:2212.01196. All points are
our own measurements on networks with ideal weights (observation `capacity` of the workloads `vsa_fsm...`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from suite.figures import Figure, held, style
from suite.figures.observed import observed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame
    from xarray import DataTree

    from suite.statistics.capacity import Trials

ENTROPY = 22121196
COLUMNS = (
    "workload",
    "source",
    "quantity",
    "neurons",
    "active",
    "ratio",
    "states",
    "edges",
    "value",
    "low",
    "high",
    "n",
)
# states + EDGE_COST edges = LOAD neurons, of the authors.
EDGE_COST, LOAD = 2.2, 0.10
SUCCESS, HALF = "success", "half"
DENSE, SPARSE = "#0072B2", "#D55E00"


def table(tree: DataTree) -> DataFrame:
    """Rows with COLUMNS, by `quantity`: success (value: share of right walks at one size, n trials), half (value:
    states at which half of all walks are right, by network and ratio of edges to states), edge_cost, per_neuron,
    exponent_dense, exponent_sparse (value with its 95 % interval)."""
    import pandas

    measured = _measured(tree)
    rows = [row for label, trials in measured.items() for row in _rows(tree, label, trials)]
    if rows:
        everything = [group for trials in measured.values() for group in trials]
        rows += [{"workload": "", "source": rows[0]["source"], **row} for row in _fits(everything)]
    return pandas.DataFrame(rows, columns=list(COLUMNS))


def _measured(tree: DataTree) -> dict[str, list[Trials]]:
    """The trials of every workload's label, seeds together."""
    import numpy as np

    from suite.statistics.capacity import Trials

    found: dict[str, list[Trials]] = {}
    for label in held(tree):
        seeds = observed(tree, label, "capacity")
        if not seeds:
            continue
        first = seeds[0]
        states, edges = (first[name].to_numpy().astype(float) for name in ("states", "edges"))
        success = np.concatenate([one["success"].to_numpy() for one in seeds], axis=1)
        ratios = _nearest_ratios(edges / states)
        size = int(first["neurons"]), int(first["active"])
        found[label] = [
            Trials(*size, ratio, *(values[ratios == ratio] for values in (states, edges, success)))
            for ratio in np.unique(ratios).tolist()
        ]
    return found


def _nearest_ratios(ratios: Any) -> Any:
    """The ratio that was meant: automata of few states miss it."""
    import numpy as np

    meant = np.array([0.5, 1.0, 3.0])
    return meant[np.abs(np.log(ratios[:, None] / meant)).argmin(1)]


def _rows(tree: DataTree, label: str, trials: list[Trials]) -> Iterator[dict[str, Any]]:
    from suite.contract.seeds import numpy_generator
    from suite.statistics.capacity import estimate

    for group in trials:
        own = {"workload": label, "source": tree[label].attrs["source"], "neurons": group.neurons}
        own |= {"active": group.active, "ratio": group.ratio, "n": group.success.shape[1]}
        for states, edges, success in zip(group.states, group.edges, group.success.mean(1), strict=True):
            yield {**own, "quantity": SUCCESS, "states": states, "edges": edges, "value": success}
        generator = numpy_generator(ENTROPY, "capacity", group.neurons, group.active, str(group.ratio))
        yield {**own, "quantity": HALF, **vars(estimate([group], lambda some: some[0].half, generator))}


def _fits(groups: list[Trials]) -> Iterator[dict[str, Any]]:
    from suite.contract.seeds import numpy_generator
    from suite.statistics.capacity import edge_cost, estimate, exponent, per_neuron

    numbers: dict[str, Callable[[Sequence[Trials]], float]] = {
        "edge_cost": edge_cost,
        "per_neuron": per_neuron,
        "exponent_dense": partial(exponent, sparse=False),
        "exponent_sparse": partial(exponent, sparse=True),
    }
    for name, number in numbers.items():
        if number(groups) == number(groups):  # a number at all
            yield {"quantity": name, **vars(estimate(groups, number, numpy_generator(ENTROPY, name)))}


def draw(rows: DataFrame, tree: DataTree) -> Drawing:
    """(a) Success of dense networks of the largest N by states and edges; (b) the size at one half against N."""
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(style.DOUBLE_COLUMN_IN, style.PANEL_HEIGHT_IN + 0.9))
    left, right = drawing.subfigures(1, 1, squeeze=False)[0, 0].subplots(1, 2)
    _draw_success(left, rows[(rows["quantity"] == SUCCESS) & (rows["active"] == 0)])
    _draw_growth(right, rows[(rows["quantity"] == HALF) & (rows["ratio"] == 1)])
    return drawing


def _draw_success(axes: Axes, rows: DataFrame) -> None:
    neurons = rows["neurons"].max()
    largest = rows[rows["neurons"] == neurons]
    points = axes.scatter(largest["states"], largest["edges"], c=largest["value"], cmap="viridis", vmin=0, vmax=1, s=18)
    axes.figure.colorbar(points, ax=axes, label="Walks without an error")
    axes.plot(
        [0, LOAD * neurons], [LOAD * neurons / EDGE_COST, 0], color="black", linewidth=0.8, label="rule of the authors"
    )
    axes.set_xlim(0, 1.1 * largest["states"].max())
    axes.set_ylim(0, 1.1 * largest["edges"].max())
    axes.set_title(f"(a) Dense codes, N = {neurons:,.0f}", loc="left", fontweight="bold")
    axes.set_xlabel("States")
    axes.set_ylabel("Edges")
    axes.legend(loc="upper right")


def _draw_growth(axes: Axes, rows: DataFrame) -> None:
    for sparse, colour, name in ((False, DENSE, "dense"), (True, SPARSE, "sparse, best of k")):
        own = rows[(rows["active"] > 0) == sparse].dropna(subset=["value"])
        if own.empty:
            continue
        own = own.sort_values("value").groupby("neurons").tail(1).sort_values("neurons")
        bars = [own["value"] - own["low"].fillna(own["value"]), own["high"].fillna(own["value"]) - own["value"]]
        axes.errorbar(
            own["neurons"], own["value"], [bar.clip(lower=0) for bar in bars], fmt="o-", color=colour, label=name
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    neurons = rows["neurons"].unique()
    # Dense and sparse sizes that are nearly equal share a tick.
    told = [number for number in sorted(neurons) if not any(number < other < 1.1 * number for other in neurons)]
    axes.set_xticks(told, [f"{number:g}" for number in told])
    axes.minorticks_off()
    axes.set_title("(b) As many edges as states", loc="left", fontweight="bold")
    axes.set_xlabel("Neurons")
    axes.set_ylabel("States at half success")
    axes.legend(loc="upper left")


def caption(rows: DataFrame) -> str:
    """The numbers of the fits."""
    names = {
        "edge_cost": "an edge costs {} states",
        "per_neuron": "C = {} N for as many edges as states",
        "exponent_dense": "dense exponent {}",
        "exponent_sparse": "sparse exponent {}",
    }
    fits = rows[rows["quantity"].isin(list(names))]
    told = [names[row.quantity].format(f"{row.value:.3g} [{row.low:.3g}, {row.high:.3g}]") for row in fits.itertuples()]
    trials = " or ".join(f"{count:.0f}" for count in rows.loc[rows["quantity"] == SUCCESS, "n"].unique())
    return (
        f"Our measurements, ideal weights, {trials} random automata a point, 4 walks of 6 edges each; at half success "
        f"{'; '.join(told) or 'nothing can be fitted'} (95 % bootstrap intervals over automata). Line: states + 2.2 "
        "edges = 0.1 N of arXiv:2212.01196."
    )


FIGURE = Figure("State machines: capacity", (), table, draw, caption)
