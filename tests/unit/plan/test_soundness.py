"""Networks that would be scored wrongly are refused at `plan`, with the file, the layer and the fix."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune, spectral_norm, weight_norm

from suite.contract import SuiteError, default_arrays, seeded
from suite.plan.rehearsal import NotReproducible, check_reproducible
from suite.plan.soundness import Unsound, check_network
from tests.reference import classifier
from tests.toys import WORKLOAD, plugin, refused, run_toy, suite, toy_study

BUILT = "return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))"


def refused_at_plan(folder, network, *edits):
    """What `suite plan` says of the toy with another network."""
    study = toy_study(folder)
    plugin(folder / "own", "workload", "toy", WORKLOAD, (BUILT, network), *edits)
    message = refused("plan", study, "--results", folder / "results")
    assert f"{folder}/own/workloads/toy.py: " in message
    return message.replace("\n", " ")


@pytest.mark.parametrize(
    ("norm", "sources"),
    [
        ("from torch.nn.utils import weight_norm as made", "weight_g, weight_v"),
        ("from torch.nn.utils import spectral_norm as made", "weight_orig, weight_u, weight_v"),
        (
            "from torch.nn.utils.parametrizations import weight_norm as made",
            "parametrizations.weight.original0, parametrizations.weight.original1",
        ),
        ("from torch.nn.utils.parametrizations import spectral_norm as made", "parametrizations.weight.original, "),
        ("from functools import partial; from torch.nn.utils import prune; "
         "made = partial(prune.random_unstructured, name='weight', amount=0.2)", "weight_orig, weight_mask"),
    ],
)  # fmt: skip
def test_computed_weights_are_to_be_folded(tmp_path, norm, sources):
    network = f"{norm}; return nn.Sequential(made(nn.Linear(2, 8)), nn.ReLU(), nn.Linear(8, 2))"
    message = refused_at_plan(tmp_path, network)
    assert f"fold parametrisations first (layer 0: its weight is no tensor of its own but computed from {sources}" in (
        message
    )


EXTRA = """
        class Extra(nn.Linear):
            def get_extra_state(self):
                return {"version": 1}

            def set_extra_state(self, state):
                pass

        return nn.Sequential(Extra(2, 8), nn.ReLU(), nn.Linear(8, 2))"""
COMPLEX = """
        import torch

        class Complex(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(2, 2, dtype=torch.complex64)

            def forward(self, inputs):
                return self.layer(inputs.to(torch.complex64)).abs()

        return Complex()"""
DROPOUT = """
        class AlwaysDropout(nn.Module):
            def forward(self, inputs):
                return nn.functional.dropout(inputs, 0.5, training=True)

        return nn.Sequential(nn.Linear(2, 8), AlwaysDropout(), nn.Linear(8, 2))"""


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (EXTRA, "layer 0 (Extra): get_extra_state returns a dict; the store keeps tensors alone: return a tensor, or"),
        (COMPLEX, "layer layer (Linear): weight is torch.complex64; cells hold real numbers: keep real and imaginary"),
        (DROPOUT, "layer 1 (AlwaysDropout) draws from a global random stream in evaluation mode, which no seed keys: "
                  "give the workload `outputs(network, batch, generator)` and draw from the generator that"),
        ("return nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.Linear(8, 2))",
         "layer 0 (LazyLinear): weight has no shape yet; call the network once"),
        ("return nn.Linear(3, 2)",
         "the network cannot be built and called on training samples: RuntimeError: mat1 and mat2 shapes cannot"),
    ],
)  # fmt: skip
def test_a_network_that_cannot_be_what_it_is_is_refused_with_its_layer(tmp_path, network, message):
    assert message in refused_at_plan(tmp_path, network)


def test_a_run_is_refused_before_anything_is_trained(tmp_path):
    study = toy_study(tmp_path)
    plugin(tmp_path / "own", "workload", "toy", WORKLOAD, (BUILT, EXTRA))
    assert "layer 0 (Extra)" in refused("run", study, "--executor", "serial", "--results", tmp_path / "results")
    assert not (tmp_path / "results" / "store").exists()


KEYED = (
    "def recipe(scale)",
    """def outputs(network, batch, generator):
    with seeded(generator):
        return network(batch[0])


def recipe(scale)""",
)


def test_a_forward_that_draws_from_the_generator_of_outputs_gives_the_same_bytes_twice(tmp_path):
    scores = []
    for folder in ("one", "two"):
        study = toy_study(tmp_path / folder)
        edits = (BUILT, DROPOUT), KEYED, ("    scores=scores,\n", "    scores=scores,\n    outputs=outputs,\n")
        plugin(tmp_path / folder / "own", "workload", "toy", WORKLOAD, *edits)
        torch.manual_seed(len(scores))
        assert not run_toy(study).failed
        done = suite("export", study, "--results", tmp_path / folder / "results", "--csv", tmp_path / f"{folder}.csv")
        assert done.exit_code == 0, done.output
        scores.append((tmp_path / f"{folder}.csv").read_bytes())
    assert scores[0] == scores[1]


# -------------------------------------------------------------------------------------- the checks by themselves

BATCH = (torch.randn(8, 6, generator=torch.Generator().manual_seed(0)), torch.zeros(8, dtype=torch.long))


def check(build, **changes):
    def keyed():
        with seeded(torch.Generator().manual_seed(0)):
            return build()

    check_network(classifier(keyed(), **changes), keyed, BATCH)


class Layers(nn.Module):
    """Two layers with a view, a copy or a cache of the first one's weight, as `keep` and `first` say."""

    def __init__(self):
        super().__init__()
        self.up, self.down = nn.Linear(6, 4, bias=False), nn.Linear(4, 6, bias=False)
        self.keep()

    def keep(self):
        pass

    def first(self):
        return self.up.weight

    def forward(self, inputs):
        return self.down(torch.tanh(inputs @ self.first().t()))


class ListOfParameters(Layers):
    def keep(self):
        self.weights = [self.up.weight]

    def first(self):
        return self.weights[0]


class Cached(Layers):
    def keep(self):
        self.cache = None

    def first(self):
        if self.cache is None:
            self.cache = self.up.weight.detach().clone()
        return self.cache


class TransposedView(Layers):
    def keep(self):
        self.down.weight = nn.Parameter(self.up.weight.detach().t())


@pytest.mark.parametrize("network", [ListOfParameters, Cached, TransposedView])
def test_arrays_that_are_read_from_elsewhere_are_refused(network):
    with pytest.raises(Unsound, match=r"^layer up \(Linear\): what is programmed into weight does not reach"):
        check(network)


class Tied(Layers):
    def keep(self):
        self.down = nn.Linear(4, 6, bias=False)
        self.again = nn.Linear(6, 4, bias=False)
        self.again.weight = self.up.weight

    def forward(self, inputs):
        return self.down(self.again(inputs) + self.up(inputs).tanh())


@pytest.mark.parametrize("network", [Layers, Tied])
def test_layers_that_read_their_own_tensors_pass(network):
    check(network)


@pytest.mark.filterwarnings("ignore:.*weight_norm. is deprecated:FutureWarning")
def test_parametrised_layers_that_hold_no_array_pass():
    def build():
        layers = (weight_norm, spectral_norm, parametrizations.weight_norm, parametrizations.spectral_norm)
        pruned = prune.random_unstructured(nn.Linear(6, 6), "weight", 0.2)
        return nn.Sequential(*(layer(nn.Linear(6, 6)) for layer in layers), pruned, nn.Linear(6, 6))

    check(build, arrays=lambda network: {"5.weight": network[5].weight})


def test_an_array_of_whole_numbers_is_refused():
    class Counts(Layers):
        def keep(self):
            self.register_buffer("counts", torch.ones(4, 4, dtype=torch.int64))

    with pytest.raises(Unsound, match=r"^the network \(Counts\): counts is torch.int64; arrays are floating point"):
        check(Counts, arrays=lambda network: {**default_arrays(network), "counts": network.counts})


class Made(nn.Module):
    """Has its matrix only while it is programmed, and costs much then."""

    def __init__(self):
        super().__init__()
        self.register_buffer("thin", torch.randn(6, 2))
        self.register_buffer("matrix", None)

    def forward(self, inputs):
        assert self.matrix is None, "evaluated through the matrix"
        return inputs @ self.thin @ self.thin.T


def test_an_array_that_is_made_where_it_is_programmed_is_not_evaluated_while_planning():
    check(Made, arrays=lambda network: {"matrix": network.thin @ network.thin.T})


class Drawing(nn.Module):
    """Adds what `draw` gives."""

    def __init__(self, draw):
        super().__init__()
        self.draw, self.calls = draw, 0

    def forward(self, inputs):
        self.calls += 1
        return inputs + self.draw(self)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda layer: torch.rand(()), "draws from a global random stream"),
        (lambda layer: float(np.random.rand()), "draws from a global random stream"),  # noqa: NPY002
        (lambda layer: random.random(), "draws from a global random stream"),
        (lambda layer: layer.calls, "gives other outputs when it is called again with the same inputs"),
    ],
)
def test_equal_calls_that_differ_name_the_layer(draw, message):
    network = nn.Sequential(nn.Linear(6, 6), nn.Sequential(Drawing(draw), nn.ReLU())).eval()
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[2]  # noqa: NPY002
    with pytest.raises(NotReproducible, match=rf"^layer 1\.0 \(Drawing\) {message}"):
        check_reproducible(classifier(network), network, BATCH)
    after = torch.get_rng_state(), random.getstate(), np.random.get_state()[2]  # noqa: NPY002
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_a_refusal_is_an_error_a_user_can_mend():
    assert issubclass(Unsound, SuiteError)
    assert issubclass(NotReproducible, SuiteError)
