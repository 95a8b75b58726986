"""A published number can be had again: the perceptron on the official MNIST, trained with seed 0, has the scores of
results/reference/tables at every level, for ERM as tuned and for BayesMulti at its first point.

Of a tuned BayesMulti the tables hold parameters to six digits: another training that is as good, not the same one.
"""

from pathlib import Path

import pandas
import pytest

from suite.contract import DataMissing
from suite.contract.registry import registry
from suite.contract.seeds import torch_generator
from suite.crossbar.arrays import crossbar_arrays
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.data.datasets import data_root
from suite.studies.study import load_study
from suite.sweep.sweep import sweep
from suite.training.loop import train
from suite.training.search import search_space

FILES = ("workloads/mnist_mlp.py", "suite/methods/bayesmulti.py", "suite/devices/lognormal.py")
WORKLOAD, SEED = "mnist_mlp", 0
TOLERANCE = 0.01


@pytest.mark.parametrize(("label", "method"), [("erm", "erm"), ("bayesmulti/fixed", "bayesmulti")])
def test_a_training_repeats_its_published_scores(label, method, measured):
    tables = Path(__file__).parents[2] / "results" / "reference" / "tables"
    study, known = load_study("reference"), registry()
    workload = known.workload(WORKLOAD).at("reference", {})
    try:
        splits = workload.data("reference", data_root(), SEED)
    except DataMissing as error:
        pytest.skip(str(error))
    scores, chosen = (pandas.read_csv(tables / name) for name in ("scores.csv", "chosen.csv"))
    scores, chosen = (
        table[(table["workload"] == WORKLOAD) & (table["contestant"] == label)] for table in (scores, chosen)
    )
    published = scores[scores["seed"] == SEED].sort_values("sigma_log")
    assert set(published["source"]) == {splits.source}
    recipe = workload.recipe("reference")
    fresh = workload.network(torch_generator(0, "space"))
    space = search_space(known.method(method), fresh, crossbar_arrays(workload, fresh, Crossbar()), {}, {})
    fixed = {name: found.probe for name, found in space.items()}
    params = fixed | dict(zip(chosen["parameter"], chosen["value"], strict=True))
    network = train(
        workload,
        known.method(method),
        splits,
        recipe,
        name=WORKLOAD,
        entropy=study.entropy,
        seed=SEED,
        params=params,
        options={},
    )
    conditions = study.conditions_of(WORKLOAD)
    devices = {"lognormal": known.device("lognormal")}
    key = Key(WORKLOAD, study.entropy, SEED, devices, {"weights": Crossbar()}, recipe.test_block)
    found = sweep(workload, network, splits.tests, conditions, range(study.realisations), key)
    means = dict(zip((condition.key for condition in conditions), found.scores["accuracy"].mean(1), strict=True))
    apart = (published["condition"].map(means) - published["mean"]).abs()
    assert apart.notna().all()
    measured(f"{label}: largest difference of {len(apart)} levels", round(float(apart.max()), 6))
    assert apart.max() <= TOLERANCE
