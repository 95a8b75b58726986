"""The numbers behind the figure of one array: scores per crossbar, and what was observed of its states."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from suite.contract.sources import source_of
from suite.figures import held
from suite.figures.observed import last_per_method, observed
from suite.figures.summary import moments

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import Dataset, DataTree

CONDITION = ("crossbar", "sigma_log", "usability")
COLUMNS = (
    "workload",
    "source",
    "quantity",
    "contestant",
    *CONDITION,
    "row",
    "column",
    "mean",
    "std",
    "n_seeds",
    "n_realisations",
    "n",
)
# What is shown of each observed number, and in which unit.
ENERGIES = {
    "energy_low_fJ": ("low_J", 1e15),
    "energy_high_fJ": ("high_J", 1e15),
    "power_uW": ("power_W", 1e6),
    "write_low_fJ": ("write_low_J", 1e15),
    "write_high_fJ": ("write_high_J", 1e15),
}


def array_table(tree: DataTree, workload: str) -> DataFrame:
    """One row per number, with COLUMNS; `quantity` tells rows apart, the first three only where the cube has them.

    confusion (row: target, column: predicted; counts of one state), conductance_uS (row: word line, column: bit line;
    of one state), ENERGIES (of an inference, its power, and of programming the array; mean over seeds), accuracy (mean
    and sample standard deviation over all seeds x realisations).
    """
    import pandas

    if workload not in held(tree):
        return pandas.DataFrame(columns=list(COLUMNS))
    source = source_of(tree[workload].attrs["source"], "accuracy")
    rows = [*_pictures(tree, workload), *_energies(tree, workload)]
    frames = [pandas.DataFrame(rows), _accuracy(tree[workload].to_dataset())]
    table = pandas.concat([frame for frame in frames if len(frame)] or frames, ignore_index=True)
    return table.assign(workload=workload, source=source).reindex(columns=list(COLUMNS))


def _accuracy(dataset: Dataset) -> DataFrame:
    devices = (dataset["device"] == "lognormal").to_numpy().nonzero()[0]
    frame = moments(dataset["accuracy"].isel(condition=devices))
    return frame[frame["n"] > 0].assign(quantity="accuracy")


def _pictures(tree: DataTree, workload: str) -> Iterator[dict[str, Any]]:
    for what, name, quantity in (("confusion", "count", "confusion"), ("array", "conductance_uS", "conductance_uS")):
        for one in last_per_method(observed(tree, workload, what)).values():
            values = one[name].to_numpy()
            for (row, column), value in zip(_places(values.shape), values.ravel(), strict=True):
                yield {"quantity": quantity, **_labels(one), "row": row, "column": column, "mean": value, **_ONE}


_ONE = {"n_seeds": 1, "n_realisations": 1, "n": 1}


def _places(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    return [(row, column) for row in range(shape[0]) for column in range(shape[1])]


def _energies(tree: DataTree, workload: str) -> Iterator[dict[str, Any]]:
    """Every (contestant, condition) that was observed, over its seeds and realisations."""
    import numpy as np

    groups: dict[tuple[str, str], list[Dataset]] = {}
    for one in observed(tree, workload, "energy"):
        groups.setdefault((one.attrs["contestant"], one.attrs["condition"]), []).append(one)
    for group in groups.values():
        counts = {
            "n_seeds": len({one.attrs["seed"] for one in group}),
            "n_realisations": len({one.attrs["realisation"] for one in group}),
            "n": len(group),
        }
        for quantity, (name, unit) in ENERGIES.items():
            values = np.array([float(one[name]) for one in group]) * unit
            spread = values.std(ddof=1) if len(values) > 1 else np.nan
            yield {"quantity": quantity, **_labels(group[0]), "mean": values.mean(), "std": spread, **counts}


def _labels(one: Dataset) -> dict[str, Any]:
    return {name: one.attrs[name] for name in ("contestant", *CONDITION)}
