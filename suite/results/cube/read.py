"""What readers see: an xarray DataTree, a tidy table, a CSV file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from suite.contract import Condition
from suite.contract.sources import source_of, told
from suite.results.cube import arrays
from suite.results.cube.axes import filled
from suite.results.cube.layout import Layout
from suite.results.cube.observations import HASH, Place, complete, load_register, read_observation
from suite.results.cube.selection import Selection, select, selections
from suite.results.files import write_bytes

if TYPE_CHECKING:
    import pandas
    import xarray

# What `.sel` takes beside the dimensions and the levels that devices declare.
SPREADS = ("usability", "sigma_log")
TEXTS = ("device", "crossbar", "curve_source", "specimen")
CONDITION_COORDINATES = (*SPREADS, *TEXTS)


def open_tree(path: Path, chunks: Mapping[str, int] | None = None) -> xarray.DataTree:
    """The cube as an xarray DataTree: a node per workload's label, dims (contestant, seed, condition, realisation).

    Only what the study last asked for: contestants, seeds and realisations in its order, conditions by usability
    from high to low (then in its order). Scores of cells that are not done are NaN, `n_nonfinite` is -1 there.
    Coordinates of a condition: its key, usability, sigma_log (standard deviation of ln w), device, crossbar,
    curve_source, specimen, and the levels that devices of the study declare, each by its name; NaN where a device does
    not know the level. `.sel` takes a level (usability, sigma_log, seconds, ...) as it takes a dimension, and gives all
    conditions of that level, without the dimension where it is one; of a usability 12 digits are kept. Before
    `to_dataframe`, `stack` and `swap_dims`, which know one index per dimension, `.drop_indexes` with all levels.
    Attributes of each: title, source ({test set: source} where they differ), measures; of the root: study, entropy.
    Finished observations lie at WORKLOAD/observations/WHAT, a node for each: take `to_dataset(inherit=False)`. Its
    attributes are its contestant, seed, realisation, condition (the key), the condition's coordinates, and the source.
    chunks: None loads; a mapping as in `Dataset.chunk` gives dask arrays ({}: one per contestant), for big cubes.
    """
    import xarray

    children: dict[str, xarray.Dataset] = {}
    for chosen in selections(path):
        children[chosen.workload] = _dataset(chosen, chunks)
        children |= _observations(path, chosen)
    attributes = arrays.attributes(path)
    root = xarray.Dataset(attrs={"study": attributes["study"], "entropy": attributes["entropy"]})
    return xarray.DataTree.from_dict({"/": root, **children})


def _dataset(selection: Selection, chunks: Mapping[str, int] | None) -> xarray.Dataset:
    import xarray

    wanted = selection.labels.wanted
    conditions = filled(wanted.conditions)
    coordinates = (*CONDITION_COORDINATES, *_declared(conditions))
    names = [name for name in selection.variables if name != arrays.UNIT_HASH]
    dataset = xarray.Dataset(
        {name: (arrays.DIMENSIONS, _values(selection, name, lazy=chunks is not None)) for name in names},
        coords={
            "contestant": np.array(wanted.contestants, dtype=object),
            "seed": list(wanted.seeds),
            "condition": np.array([condition.key for condition in conditions], dtype=object),
            "realisation": list(filled(wanted.realisations)),
            **{name: ("condition", _column(conditions, name)) for name in coordinates},
        },
        attrs={name: selection.labels.to_json()[name] for name in ("title", "source", "measures")},
    )
    order = np.argsort([-condition.usability for condition in conditions], kind="stable")
    dataset = dataset.isel(condition=order)
    for name in (*SPREADS, *_declared(conditions)):
        # Device and crossbar repeat in every cube: arithmetic between unlike conditions would fail with their indexes.
        dataset = dataset.set_xindex(name)
    return dataset.chunk(chunks) if chunks else dataset


def _observations(path: Path, selection: Selection) -> dict[str, xarray.Dataset]:
    import xarray

    return {
        place.group: xarray.Dataset(
            read_observation(path, place, unit_hash),
            attrs={**_labels(place), "source": told(selection.labels.source), HASH: unit_hash},
        )
        for place, unit_hash in complete(path, load_register(path, selection.workload)).items()
    }


def _labels(place: Place) -> dict[str, Any]:
    names = (*CONDITION_COORDINATES, *_declared([place.condition]))
    return {**place.labels, **{name: _coordinate(place.condition, name) for name in names}}


def _declared(conditions: Iterable[Condition]) -> list[str]:
    """The levels beside usability and sigma_log that any of the conditions has."""
    return sorted({name for condition in conditions for name, _ in condition.levels})


def _coordinate(condition: Condition, name: str) -> Any:
    if name not in CONDITION_COORDINATES:
        return dict(condition.levels).get(name, math.nan)
    value = getattr(condition, name)
    # exp(-sigma) may miss a level by rounding alone, and would then not be found under it.
    return float(f"{value:.12g}") if name == "usability" else value


def _column(conditions: tuple[Condition, ...], name: str) -> np.ndarray[Any, Any]:
    values = [_coordinate(condition, name) for condition in conditions]
    return np.array(values, dtype=object if name in TEXTS else float)


def _values(selection: Selection, name: str, *, lazy: bool) -> Any:
    contestants = range(selection.status.shape[0])
    if not lazy:
        return np.stack([selection.rows(name, contestant) for contestant in contestants])
    from dask import array, delayed

    dtype, shape = arrays.kind(name)[0], selection.status.shape[1:]
    rows = delayed(selection.rows, pure=True)
    return array.stack([array.from_delayed(rows(name, contestant), shape, dtype) for contestant in contestants])


def read_scores(path: Path, workload: str, asked: Layout) -> dict[str, np.ndarray[Any, Any]]:
    """Every score of the labels `asked`, (contestants, seeds, conditions, realisations); NaN where not done."""
    selection = select(path, workload, asked)
    contestants = range(len(asked.contestants))
    return {name: np.stack([selection.rows(name, at) for at in contestants]) for name in selection.labels.measures}


def to_frame(path: Path) -> pandas.DataFrame:
    """One row per score of a cell that is done: workload, source, contestant, seed, condition (its key) and the
    condition's coordinates, realisation, score, value, n_nonfinite. In the order of `open_tree`."""
    import pandas

    tree = open_tree(path)
    datasets = {name: tree[name].to_dataset() for name in arrays.workloads(path)}
    frames = [_rows(name, dataset) for name, dataset in datasets.items()]
    declared = sorted({name for dataset in datasets.values() for name in _levels(dataset)} - {*SPREADS})
    coordinates = [*CONDITION_COORDINATES, *declared]
    identity = ["workload", "source", "contestant", "seed", "condition", *coordinates, "realisation"]
    columns = [*identity, "score", "value", arrays.NONFINITE]
    return pandas.concat(frames, ignore_index=True)[columns] if frames else pandas.DataFrame(columns=columns)


def _levels(dataset: xarray.Dataset) -> list[str]:
    """The coordinates with an index that are no dimension."""
    return [str(name) for name in dataset.xindexes if name not in dataset.dims]


def _rows(workload: str, dataset: xarray.Dataset) -> pandas.DataFrame:
    import pandas

    frame = dataset.drop_indexes(_levels(dataset)).to_dataframe(dim_order=list(arrays.DIMENSIONS)).reset_index()
    frame = frame[frame[arrays.NONFINITE] >= 0]
    parts = [
        frame.assign(
            workload=workload, source=source_of(dataset.attrs["source"], score), score=score, value=frame[score]
        )
        for score in dataset.attrs["measures"]
    ]
    return pandas.concat(parts, ignore_index=True)


def export_csv(path: Path, out: Path) -> None:
    """Writes `to_frame` as CSV; numbers keep every digit. Raises ResultsNotWritable."""
    write_bytes(out, to_frame(path).to_csv(index=False, lineterminator="\n").encode())
