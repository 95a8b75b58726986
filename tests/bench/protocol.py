"""Every figure from a stored cube of the paper's full protocol: its workloads and labels, made-up scores."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from suite.contract import Score
from suite.contract.registry import registry
from suite.contract.seeds import numpy_generator
from suite.results.cube import Cube, Layout, Place, Status, arrays, chunk_shape, digest, expect, write_observation
from suite.studies.study import Study, load_study
from tests.bench.fresh import python
from tests.bench.overhead import BENCH
from tests.bench.rows import Measured, measured
from tests.bench.tables import seconds

STUDY, SEEDS, REALISATIONS, ENTROPY = "paper", 10, 30, 20412
METHODS = (
    "erm",
    "bayesmulti",
    "bayesmulti/fixed",
    "bayesmulti/random",
    "dropout",
    "gaussian_weight",
    "lognormal_weight",
    "bayesmulti/weight",
)
MADE_UP = "made-up"
# As many as there are of the real ones.
GLYCANS, KINGDOMS = 2_000, ("Animalia", "Bacteria", "Plantae", "Fungi")
# Test sets, which only the data tell; the others have one, `test`.
TESTS = {"hiv_neutralisation": ("seen", "unseen"), "cov_neutralisation_leaky": ("seen", "unseen")}


@dataclass(frozen=True)
class Drawn:
    """cpu_s: CPU of `suite figure all`, Python's start included, and peak_mb its largest memory; status_s: of
    `suite status`; digest_s: CPU of the digest that the receipt of every run holds."""

    cells: int
    units: int
    figures: int
    cpu_s: float
    peak_mb: float
    status_s: float
    digest_s: float


def draw(realisations: int = REALISATIONS) -> Drawn:
    """12 workloads x 8 methods x 10 seeds x 27 conditions x 30 realisations, by the command line."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results"
        cells, path = stored(results, realisations), results / STUDY / "cube.zarr"
        used = python("-m", "suite", "figure", "all", STUDY, "--results", results)
        status = python("-m", "suite", "status", STUDY, "--results", results)
        cube = Cube.open(path)
        units = sum(cube.status(name).size for name in cube.workloads)
        digest_s = seconds(lambda: digest(path))
    figures = len([line for line in used.output.splitlines() if line.endswith(".csv")])
    return Drawn(cells, units, figures, used.cpu_s, used.peak_mb, status.cpu_s, digest_s)


def protocol_rows(found: Drawn) -> list[Measured]:
    """The bars are for the full protocol; figures that it cannot feed are skipped, and not counted."""
    size = f"{found.cells:,} cells in {found.units:,} units"
    drawn = f"all figures ({found.figures}) from {size}"
    return [
        measured(BENCH, f"{drawn}, CPU with Python's start", found.cpu_s, "s", "<= 30"),
        measured(BENCH, f"{drawn}, peak memory", found.peak_mb / 1e3, "GB", "<= 2"),
        measured(BENCH, f"suite status on {size}, CPU with Python's start", found.status_s, "s", "<= 5"),
        measured(BENCH, f"digest of {size}, CPU", found.digest_s, "s"),
    ]


def stored(results: Path, realisations: int = REALISATIONS) -> int:
    """Writes the cube below `results`, all of it done; how many cells (condition x realisation) it has."""
    study = load_study(STUDY)
    cube = Cube.create_or_open(results / STUDY / "cube.zarr", STUDY, study.entropy)
    cells = 0
    for name in study.workloads:
        workload, conditions = registry().workload(name), study.conditions_of(name)
        chunk = chunk_shape(len(conditions), realisations, workload.recipe("paper").unit_evaluations)
        wanted = Layout.make(METHODS, range(SEEDS), conditions, range(realisations), chunk)
        layout = cube.ensure(name, wanted, _measures(name, workload.measures), "synthetic:made-up", workload.title)
        _fill(cube, name, layout, cube.labels(name).measures)
        cells += len(METHODS) * SEEDS * len(conditions) * realisations
    _embed(cube, study)
    return cells


def _embed(cube: Cube, study: Study) -> None:
    """The observations that the study asks for, of every method: made-up points of made-up kingdoms."""
    places: dict[str, list[Place]] = defaultdict(list)
    for entry in study.observe:
        conditions = [condition for levels in entry.conditions for condition in levels.conditions()]
        for name in entry.workloads:
            places[name] += [Place(name, entry.what, *labels, 0) for labels in product(METHODS, (0,), conditions)]
    for name, own in places.items():
        expect(cube.path, name, dict.fromkeys(own, MADE_UP))
        for place in own:
            points = numpy_generator(ENTROPY, "bench-embedding", place.name).normal(size=(GLYCANS, 2))
            found = {"place": points, "kingdom": np.resize(np.array(KINGDOMS), GLYCANS)}
            dims = registry().workload(name).observations[place.what].dims
            write_observation(cube.path, place, found, dims, MADE_UP)


def _fill(cube: Cube, name: str, layout: Layout, measures: Mapping[str, Score]) -> None:
    """Scores between one half and one, all chunks in one write of Zarr: thousands of `write_block` take minutes."""
    generator = numpy_generator(ENTROPY, "bench-protocol", name)
    values = {score: generator.uniform(0.5, 1.0, layout.shape) for score in measures}
    values |= {arrays.NONFINITE: np.zeros(layout.shape, "int32"), arrays.UNIT_HASH: np.ones(layout.shape, "uint64")}
    for variable, cells in values.items():
        arrays.opened(cube.path, name, variable, "r+")[...] = cells
    blocks = list(layout.blocks())
    cube.mark(name, blocks, Status.DONE, [1] * len(blocks))


def _measures(name: str, scores: Mapping[str, Score]) -> dict[str, Score]:
    sets = TESTS.get(name, ("test",))
    return {score if test == "test" else f"{score}@{test}": known for test in sets for score, known in scores.items()}
