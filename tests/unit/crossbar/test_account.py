"""How much of a network lies on crossbars, where it is told, and what a plan refuses."""

import csv
import json

import pytest
import torch
from torch import nn

from suite.contract import SuiteError, default_arrays
from suite.crossbar.account import MOST_NAMED, NothingProgrammed, account_of
from suite.crossbar.arrays import crossbar_arrays
from suite.crossbar.settings import Crossbar
from suite.plan.plan import make_plan
from suite.results.cube import Cube, Status
from tests.networks import Attractor, Tied
from tests.reference import classifier
from tests.toys import WORKLOAD, context_of, plugin, refused, run_toy, suite, toy_study


class Reader(nn.Module):
    """A bidirectional GRU with 2,304 weights of 2,432, read out by a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.GRU(8, 16, bidirectional=True, batch_first=True)
        self.head = nn.Linear(32, 4)


class Mixed(nn.Module):
    """Weights in every place that a network may keep them in."""

    def __init__(self) -> None:
        super().__init__()
        self.look_up = nn.Embedding(5, 4)
        self.own = nn.ParameterList([nn.Parameter(torch.ones(4, 3)), nn.Parameter(torch.ones(3))])
        self.norm = nn.LayerNorm(4)
        self.register_buffer("reservoir", torch.ones(3, 3))
        self.register_buffer("mask", torch.ones(3, 3, dtype=torch.bool))
        self.head = nn.Linear(3, 2)


def account(network, arrays=default_arrays, cells="weights"):
    return account_of(network, crossbar_arrays(classifier(network, arrays=arrays), network, Crossbar(cells)))


def test_recurrent_and_attention_weights_are_programmed():
    assert str(account(Reader())) == "programmed 2,432 of 2,432 weights"
    assert str(account(nn.TransformerEncoderLayer(8, 2, 32))) == "programmed 768 of 768 weights"


def test_what_a_workload_leaves_out_is_counted_and_named():
    found = account(Reader(), lambda network: {"head.weight": network.head.weight})
    assert (found.programmed, found.ideal) == (128, 2304)
    assert str(found) == (
        "programmed 128 of 2,432 weights; ideal: read.weight_ih_l0, read.weight_hh_l0, read.weight_ih_l0_reverse, "
        "read.weight_hh_l0_reverse"
    )


def test_embeddings_parameters_of_its_own_and_buffers_stay_ideal():
    assert str(account(Mixed())) == "programmed 6 of 47 weights; ideal: reservoir, look_up.weight, own.0"
    assert account(Mixed(), cells="all_parameters").left_out == ("reservoir",)


def test_tied_weights_count_once():
    assert str(account(Tied())) == "programmed 120 of 120 weights"
    network = Mixed()
    network.again = nn.Embedding(5, 4)
    network.again.weight = network.look_up.weight
    assert account(network) == account(Mixed())


def test_an_array_may_be_a_buffer():
    assert str(account(Attractor(), lambda network: {"couplings": network.couplings})) == (
        "programmed 100 of 100 weights"
    )


def test_long_lists_end_in_a_count():
    network = nn.Sequential(nn.Linear(2, 2), *[nn.Embedding(2, 2) for _ in range(MOST_NAMED + 3)])
    assert str(account(network)).endswith(f"{MOST_NAMED}.weight and 3 more")
    assert len(account(network).left_out) == MOST_NAMED + 3


def test_a_network_without_arrays_is_refused_with_what_it_has():
    with pytest.raises(NothingProgrammed, match=r"say which do in Workload\(arrays=.*; it has weight$"):
        account(nn.Embedding(3, 2))


# ------------------------------------------------------------------------------------------------- in a study

LAYERS = "return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))"
LOOK_UP = """class LookUp(nn.Module):
            def __init__(self):
                super().__init__()
                self.rows = nn.Embedding(2, 2)

            def forward(self, x):
                return self.rows((x[:, 0] > 0).long())

        return LookUp()"""
BOTH = """class Both(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
                self.rows = nn.Embedding(2, 2)

            def forward(self, x):
                return self.body(x) + 0.1 * self.rows((x[:, 0] > 0).long())

        return Both()"""
RECURRENT = """class Recurrent(nn.Module):
            def __init__(self):
                super().__init__()
                self.cells = nn.GRU(1, 8, batch_first=True)
                self.head = nn.Linear(8, 2)

            def forward(self, x):
                return self.head(self.cells(x[:, :, None])[0][:, -1])

        return Recurrent()"""


def study_of(folder, network, *edits, **changes):
    path = toy_study(folder, workloads=["own"], **changes)
    return path, plugin(folder / "own", "workload", "own", WORKLOAD, (LAYERS, network), *edits)


def test_plan_receipts_and_tables_tell_the_account(tmp_path):
    path, _ = study_of(tmp_path, BOTH, seeds=1, methods={"erm": {"tuning": "none"}})
    results = ("--results", tmp_path / "results")
    assert "  programmed 32 of 36 weights; ideal: rows.weight\n" in suite("plan", path, *results).output
    assert not run_toy(path).failed
    told = {"own": {"programmed": 32, "ideal": 4, "left_out": ["rows.weight"], "frozen": 0}}
    assert json.loads((tmp_path / "results" / "toy" / "receipts" / "run.json").read_text())["arrays"] == told
    assert suite("publish", path, *results, "--to", tmp_path / "tables").exit_code == 0
    assert json.loads((tmp_path / "tables" / "receipt.json").read_text())["arrays"] == told
    assert list(csv.DictReader((tmp_path / "tables" / "arrays.csv").open())) == [
        {"workload": "own", "programmed": "32", "ideal": "4", "left_out": "rows.weight", "frozen": "0"}
    ]


def test_a_plan_refuses_a_workload_of_which_nothing_is_programmed(tmp_path):
    path, file = study_of(tmp_path, LOOK_UP)
    assert f"{file}: no weight of the network lies on a crossbar" in refused("plan", path)


def test_tuning_searches_rates_of_the_workloads_own_arrays(tmp_path):
    """Of one array, the last, BayesMulti spares all: the method has no meaning, whatever other layers there are."""
    one = (
        'floor=("accuracy", 0.8),',
        "floor=('accuracy', 0.8),\n    arrays=lambda network: {'2.weight': network[2].weight},",
    )
    method = {"method": "bayesmulti", "options": {"target": "weight"}}
    path, _ = study_of(tmp_path, LAYERS, one, seeds=1, methods={"spared": method})
    run_toy(path)
    cube = Cube.open(context_of(path).cube)
    assert (cube.status("own") == Status.NOT_APPLICABLE).all()


ALL = {"weights": {}, "all": {"cells": "all_parameters"}}


@pytest.mark.parametrize(("labels", "ideal"), [(["weights", "all"], 4), (["all"], 0)])
def test_what_one_crossbar_leaves_ideal_is_told(tmp_path, labels, ideal):
    levels = [{"usability": [1.0, 0.5], "crossbar": label} for label in labels]
    path, _ = study_of(tmp_path, BOTH, crossbars=ALL, conditions=levels)
    assert make_plan(context_of(path), None).workloads["own"].account.ideal == ideal


NOISY, RESTING = {"g_max_uS": 100, "read_noise_uS": 1}, {"g_max_uS": 100, "levels": 64}


OBSERVED = (
    '    floor=("accuracy", 0.8),',
    "    floor=('accuracy', 0.8),\n    observations={'confusion': confusion(2)},",
)
IMPORTED = ("import Recipe,", "import confusion, Recipe,")


@pytest.mark.parametrize("settings", [NOISY, {"g_max_uS": 100, "input_bits": 6}])
@pytest.mark.parametrize("observed", [False, True])
def test_a_plan_refuses_arrays_that_a_circuit_cannot_read(tmp_path, settings, observed):
    levels = [{"usability": [0.5], "crossbar": "chip"}]
    asked = {"observe": [{"what": "confusion", "workloads": ["own"], "conditions": levels}]}
    path, file = study_of(
        tmp_path, RECURRENT, OBSERVED, IMPORTED, crossbars={"weights": {}, "chip": settings},
        **(asked if observed else {"conditions": levels}),
    )  # fmt: skip
    message = refused("plan", path)
    assert f"{file}: crossbar 'chip': array 'cells.weight_ih_l0' is used by `gru`, which is no read" in message


def test_a_circuit_that_ends_at_programming_takes_recurrent_arrays(tmp_path):
    levels = [{"usability": [1.0, 0.5], "crossbar": "chip"}]
    path, _ = study_of(tmp_path, RECURRENT, crossbars={"weights": {}, "chip": RESTING}, conditions=levels)
    summary = run_toy(path)
    assert not summary.failed
    assert summary.done


def test_names_that_the_network_does_not_hold_are_refused_with_the_file(tmp_path):
    path, file = study_of(
        tmp_path, LAYERS, ('floor=("accuracy", 0.8),', "floor=('accuracy', 0.8),\n    arrays=lambda network: {'w': 0},")
    )
    with pytest.raises(SuiteError) as caught:
        make_plan(context_of(path), None)
    assert str(caught.value).startswith(f"{file}: workload 'Toy': arrays() names 'w'")
