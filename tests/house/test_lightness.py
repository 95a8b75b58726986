"""Listing is instant, and training needs none of the libraries that orchestrate: seen from fresh processes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.sources import ROOT

HEAVY = {"torch", "ray", "zarr", "optuna", "xarray", "matplotlib", "pandas", "scipy", "snakemake", "dask", "mlxtend"}

TRAIN_AND_SWEEP = """
import sys
for absent in ("ray", "optuna", "zarr", "xarray", "dask", "snakemake"):
    sys.modules[absent] = None
from suite.contract import Condition
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.contract.registry import registry
from suite.sweep.sweep import sweep
from suite.training.loop import train

found = registry()
workload = found.workload("mnist_mlp").at("ci", {})
splits, recipe = workload.data("ci", None, 0), workload.recipe("ci")
names = {"name": "mnist_mlp", "entropy": 1, "seed": 0}
network = train(workload, found.method("erm"), splits, recipe, params={}, options={}, **names)
key = Key("mnist_mlp", 1, 0, {"lognormal": found.device("lognormal")}, {"weights": Crossbar()}, recipe.test_block)
result = sweep(workload, network, splits.tests, [Condition.of(usability=u) for u in (1.0, 0.1)], (0, 1), key)
print(*result.scores["accuracy"].mean(1))
"""


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded(code: str) -> set[str]:
    """The packages in memory after some code."""
    last = python(f"import sys\n{code}\nprint()\nprint(*{{name.split('.')[0] for name in sys.modules}})")
    return set(last.splitlines()[-1].split())


def test_the_measure_sees_what_is_loaded():
    assert "xarray" in loaded("import xarray") & HEAVY


def test_importing_the_suite_loads_nothing_of_weight():
    assert not loaded("import suite") & {*HEAVY, "numpy", "pydantic", "yaml", "click"}


@pytest.mark.parametrize("verb", ["list", "--help"])
def test_listing_loads_no_heavy_library(verb):
    packages = loaded(f"from suite.cli import main\nmain([{verb!r}], standalone_mode=False)")
    assert not packages & HEAVY
    assert "suite" in packages


def test_training_and_sweeping_need_no_ray_no_optuna_and_no_zarr():
    clean, noisy = map(float, python(TRAIN_AND_SWEEP).split())
    assert 0.5 < clean <= 1
    assert 0 <= noisy < clean
