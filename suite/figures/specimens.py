"""Scores of the measured devices in a cube as tidy rows: each device beside the plain log-normal one of its sigma."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from suite.contract.sources import source_of
from suite.data.facts import perovskite_devices, perovskite_workbooks
from suite.data.facts.conditions import perovskite_conditions
from suite.figures import held
from suite.figures.summary import Panel

if TYPE_CHECKING:
    import numpy as np
    from pandas import DataFrame
    from xarray import DataArray, DataTree

COLUMNS = (
    "workload",
    "source",
    "contestant",
    "specimen",
    "curve_source",
    "mono_len",
    "sigma_of",
    "usability",
    "sigma_log",
    "score",
    "mean",
    "std",
    "plain",
    "effect",
    "half_width",
    "n_seeds",
    "n",
)


def specimen_rows(tree: DataTree, panels: Sequence[Panel]) -> DataFrame:
    """One row, with COLUMNS, per panel, contestant and measured device on the crossbar `weights` with a finished cell.

    mean, std: over its finished seeds x realisations (n of them; std with n - 1, missing for n = 1). plain: mean of the
    log-normal device of the same sigma; effect: mean difference of the cells that both have, which share their draws;
    half_width: of its 95 % t interval on seed means (missing for one seed). mono_len: of the whole loop of the packaged
    table, or, where a cube's curve was made up from it, as the authors store it; missing for a user's
    device. sigma_of: as a study calls it, `stored` for a user's device too. Rows are sorted by workload, contestant
    and usability.
    """
    import pandas

    rows = [row for panel in panels if panel.workload in held(tree) for row in _rows(tree, panel)]
    table = pandas.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["workload", "contestant", "usability", "specimen"], ignore_index=True)


def _rows(tree: DataTree, panel: Panel) -> list[dict[str, object]]:
    import numpy as np

    dataset = tree[panel.workload].to_dataset()
    lengths = {(device.name, "synthetic"): device.mono_len for device in perovskite_devices()}
    lengths |= {(book.device, "measured"): book.whole.mono_len for book in perovskite_workbooks() if book.stands}
    on_weights = dataset["crossbar"].to_numpy() == "weights"
    device, sigma = dataset["device"].to_numpy(), dataset["sigma_log"].to_numpy()
    rows: list[dict[str, object]] = []
    measured = np.flatnonzero(on_weights & (device == "measured"))
    which = _which_sigma(dataset["specimen"].to_numpy()[measured], sigma[measured])
    for at, sigma_of in zip(measured, which, strict=True):
        twins = np.flatnonzero(on_weights & (device == "lognormal") & (sigma == sigma[at]))
        labels = {name: dataset[name].to_numpy()[at] for name in ("specimen", "curve_source", "usability", "sigma_log")}
        source = source_of(dataset.attrs["source"], panel.score)
        labels |= {"workload": panel.workload, "source": source, "score": panel.score}
        labels["sigma_of"] = sigma_of
        labels["mono_len"] = lengths.get((labels["specimen"], labels["curve_source"]), math.nan)
        for contestant in dataset["contestant"].to_numpy():
            cells = dataset[panel.score].sel({"contestant": contestant})
            numbers = _numbers(cells.isel(condition=at), cells.isel(condition=twins[0]) if len(twins) else None)
            if numbers["n"]:
                rows.append({**labels, "contestant": contestant, **numbers})
    return rows


def _which_sigma(specimens: Iterable[str], sigma: Iterable[float]) -> list[str]:
    """Of which table each sigma is. Six devices have no stored one and ours instead: they alone prove nothing."""
    later = {name: found.sigma_log for name, found in perovskite_conditions().items()}
    books = {book.device: book for book in perovskite_workbooks() if book.stands}
    pairs = list(zip(specimens, sigma, strict=True))
    ours = [name for name, value in pairs if name in books and books[name].whole.sigma_log == value]
    whole = set(ours) if any(books[name].sigma_stored is not None for name in ours) else set()

    def which(name: str, value: float) -> str:
        if later.get(name) == value:
            return "later"
        return "whole" if name in whole and books[name].whole.sigma_log == value else "stored"

    return [which(name, value) for name, value in pairs]


def _numbers(cells: DataArray, plain: DataArray | None) -> dict[str, float]:
    """What one device's cells (seed, realisation) say, alone and against its plain twin."""
    import numpy as np

    values = cells.to_numpy()
    done = ~np.isnan(values)
    if not done.any():
        return {"n": 0}
    std = float(values[done].std(ddof=1)) if done.sum() > 1 else math.nan
    found = {"mean": float(values[done].mean()), "std": std, "n_seeds": int(done.any(axis=1).sum())}
    return {**found, "n": int(done.sum()), **({} if plain is None else _effect(values, plain.to_numpy()))}


def _effect(values: np.ndarray[Any, Any], plain: np.ndarray[Any, Any]) -> dict[str, float]:
    """Over the cells (seed, realisation) that both have; nothing where there is none."""
    import numpy as np

    from suite.statistics.paired import paired

    both = ~np.isnan(values - plain)
    seeds = both.any(axis=1)
    if not seeds.any():
        return {}
    ours, theirs = (np.nanmean(np.where(both, cells, np.nan)[seeds], axis=1) for cells in (values, plain))
    found = paired(ours, theirs)
    return {"plain": float(theirs.mean()), "effect": found.mean, "half_width": found.half_width}
