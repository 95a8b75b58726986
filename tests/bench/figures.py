"""Every figure from a stored cube of the paper's full protocol: its workloads and labels, made-up scores."""

from __future__ import annotations

import tempfile
from itertools import product
from pathlib import Path

import numpy as np

from suite.contract.registry import registry
from suite.contract.seeds import numpy_generator
from suite.results.cube import Cube, Layout, Place, Status, arrays, chunk_shape, expect, write_observation
from suite.studies.study import Study, load_study
from tests.bench.machine import verb
from tests.bench.rows import Measured, measured

BENCH, STUDY, SEEDS, REALISATIONS, ENTROPY = "orchestration", "paper", 10, 30, 20412
METHODS = ("erm", "dropout", "gaussian_weight", "lognormal_weight")
METHODS += ("bayesmulti", "bayesmulti/fixed", "bayesmulti/random", "bayesmulti/weight")
MADE_UP = "made-up"
# As many as there are of the real ones.
GLYCANS, KINGDOMS = 2_000, ("Animalia", "Bacteria", "Plantae", "Fungi")
# Test sets, which only the data tell; the others have one, `test`.
TESTS = {"hiv_neutralisation": ("seen", "unseen"), "cov_neutralisation_leaky": ("seen", "unseen")}


def run(quick: bool = False) -> list[Measured]:
    """13 workloads x 8 methods x 10 seeds x 27 or 32 conditions x 30 realisations, quick: x 3, by the command line,
    each verb in a process of its own. What the protocol cannot feed is not drawn, and not counted."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results"
        cells = stored(results, REALISATIONS // 10 if quick else REALISATIONS)
        drawn = verb("figure", "all", STUDY, "--results", results)
        status = verb("status", STUDY, "--results", results)
    count = sum(line.endswith(".csv") for line in drawn.output.splitlines())
    name = f"all figures ({count}) from {cells:,} cells"
    return [
        measured(BENCH, f"{name}, CPU with Python's start", drawn.cpu_s, "s", "<= 30"),
        measured(BENCH, f"{name}, peak memory", drawn.peak_gb, "GB", "<= 2"),
        measured(BENCH, f"suite status on {cells:,} cells, CPU with Python's start", status.cpu_s, "s", "<= 5"),
    ]


def stored(results: Path, realisations: int = REALISATIONS) -> int:
    """Writes the cube below `results`, all of it done; how many cells (condition x realisation) it has."""
    study, cells = load_study(STUDY), 0
    cube = Cube.create_or_open(results / STUDY / "cube.zarr", STUDY, study.entropy)
    for name in study.workloads:
        workload, conditions = registry().workload(name), study.conditions_of(name)
        chunk = chunk_shape(len(conditions), realisations, workload.recipe("paper").unit_evaluations)
        wanted = Layout.make(METHODS, range(SEEDS), conditions, range(realisations), chunk)
        tests = [f"@{test}" for test in TESTS.get(name, ())] or [""]
        measures = {score + test: known for test in tests for score, known in workload.measures.items()}
        _fill(cube, name, cube.ensure(name, wanted, measures, f"synthetic:{MADE_UP}", workload.title), [*measures])
        cells += len(METHODS) * SEEDS * len(conditions) * realisations
    _embed(cube, study)
    return cells


def _fill(cube: Cube, name: str, layout: Layout, measures: list[str]) -> None:
    """Scores between one half and one, all chunks in one write of Zarr: thousands of `write_block` take minutes."""
    generator = numpy_generator(ENTROPY, "bench-protocol", name)
    values = {score: generator.uniform(0.5, 1.0, layout.shape) for score in measures}
    values |= {arrays.NONFINITE: np.zeros(layout.shape, "int32"), arrays.UNIT_HASH: np.ones(layout.shape, "uint64")}
    for variable, cells in values.items():
        arrays.opened(cube.path, name, variable, "r+")[...] = cells
    blocks = list(layout.blocks())
    cube.mark(name, blocks, Status.DONE, [1] * len(blocks))


def _embed(cube: Cube, study: Study) -> None:
    """The observations that the study asks for, of every method: made-up points of made-up kingdoms."""
    for entry in study.observe:
        conditions = [condition for levels in entry.conditions for condition in levels.conditions()]
        for name in entry.workloads:
            places = [Place(name, entry.what, *labels, 0) for labels in product(METHODS, (0,), conditions)]
            expect(cube.path, name, dict.fromkeys(places, MADE_UP))
            dims = registry().workload(name).observations[entry.what].dims
            for place in places:
                points = numpy_generator(ENTROPY, "bench-embedding", place.name).normal(size=(GLYCANS, 2))
                found = {"place": points, "kingdom": np.resize(np.array(KINGDOMS), GLYCANS)}
                write_observation(cube.path, place, found, dims, MADE_UP)
