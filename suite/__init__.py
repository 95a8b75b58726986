"""crossbar-suite: train, program and score neural networks on simulated memristor crossbars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xarray import DataTree

__version__ = "0.1.0"
# Of Snakemake, for folders that are no checkout: snakemake --snakefile FILE --config study=STUDY.
WORKFLOW = str(Path(__file__).parent / "run/rules/study.smk")


def open(study: str, results: str | Path = "results", chunks: dict[str, int] | None = None) -> DataTree:
    """The result cube of a study: one child per workload, dims (contestant, seed, condition, realisation).

    open("quick")["mnist_lenet"]["accuracy"].sel(contestant="erm", usability=0.74) chooses by label and level.
    Observations lie below their workload, a node each: open("crossbar")["crossbar_10x10/observations/confusion"].
    chunks={} reads scores lazily with dask, for cubes larger than memory. Raises SuiteError where there is no cube yet.
    In place of a study, the URL that `suite export STUDY --to URL` was given: open("s3://bucket/quick.zarr").
    """
    from suite.results.cube import open_tree, open_url

    if "://" in study:
        return open_url(study, chunks)
    return open_tree(Path(results) / study / "cube.zarr", chunks)
