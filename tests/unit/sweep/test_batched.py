"""The batched evaluator against the slow reference, network by network."""

import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

from suite.crossbar.settings import Crossbar
from suite.sweep.engine.evaluate import Prepared, WholeNetwork, evaluator
from suite.sweep.engine.graph import SharedGraph
from suite.sweep.sweep import sweep
from tests.networks import NETWORKS, Attractor, built, images
from tests.reference import (
    accuracies,
    classifier,
    conditions,
    every_output,
    key,
    reference_outputs,
)

SIGMAS, REALISATIONS, BLOCK = (0.0, 0.1, 0.6), (0, 4), 96


def swept(network, inputs, targets, cells, **changes):
    return sweep(
        classifier(network, **changes),
        network,
        {"test": TensorDataset(inputs, targets)},
        conditions(*SIGMAS),
        REALISATIONS,
        key(BLOCK, weights=Crossbar(cells)),
    )


def programmed_names(network, cells):
    """All that is no vector is a matrix in these networks: none has embeddings."""
    named = network.named_parameters()
    return [name for name, tensor in named if cells == "all_parameters" or tensor.ndim >= 2]


@pytest.mark.parametrize("cells", ["weights", "all_parameters"])
@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_outputs_agree_to_1e_5_and_scores_exactly(name, cells):
    network, inputs = built(name), images(1000)
    targets = torch.randint(10, (1000,), generator=torch.Generator().manual_seed(2))
    names = programmed_names(network, cells)
    parts = inputs.split(BLOCK if name in ("branching", "in-place") else 1000)  # these two depend on the block
    expected = torch.cat([reference_outputs(network, names, x, conditions(*SIGMAS), REALISATIONS) for x in parts], 2)
    outputs = swept(network, inputs, targets, cells, scores=every_output).scores
    found = torch.stack([torch.from_numpy(outputs[str(i)]) for i in range(10_000)], dim=-1).view(expected.shape)
    assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()
    scores = swept(network, inputs, targets, cells).scores["accuracy"]
    assert torch.equal(torch.from_numpy(scores), accuracies(expected, targets))


def weights_of(network):
    return {name: tensor.detach() for name, tensor in network.named_parameters()}


def engine(network, inputs, arrays=None):
    with torch.inference_mode():
        return evaluator(network, arrays or weights_of(network), inputs)


@pytest.mark.parametrize("name", ["mlp", "lenet", "residual", "tied", "unknown", "viewed", "recurrent", "attending"])
def test_networks_that_trace_share_their_common_work(name):
    assert isinstance(engine(built(name), images(8)), SharedGraph)


@pytest.mark.parametrize("name", ["branching", "in-place", "back-door"])
def test_networks_that_cannot_share_are_run_whole(name):
    assert isinstance(engine(built(name), images(8)), WholeNetwork)


def test_inputs_that_are_no_tensor_and_networks_without_arrays_are_run_whole():
    network = built("mlp")
    assert isinstance(engine(network, [images(8)]), WholeNetwork)
    assert isinstance(evaluator(network, {}, images(8)), WholeNetwork)


class Counting(nn.Module):
    """Counts its calls."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, inputs):
        self.calls += 1
        return inputs.flatten(1)


def test_what_no_array_reaches_runs_once_per_block():
    trunk = Counting()
    network = nn.Sequential(trunk, nn.Linear(784, 10)).eval()

    class Leafy(nn.Module):
        """Hides the trunk from tracing, as a library layer is."""

        __module__ = "torch.nn.hidden"

        def __init__(self):
            super().__init__()
            self.trunk = trunk

        def forward(self, inputs):
            return self.trunk(inputs)

    network[0] = Leafy().eval()
    shared = engine(network, images(8))
    blocks = Prepared(shared, images(8).split(4), budget=2**20)
    trunk.calls = 0
    with torch.inference_mode():
        for _ in range(5):
            for block in blocks:
                shared.outputs(block, weights_of(network))
    assert trunk.calls == 2


@pytest.mark.parametrize(("budget", "kept"), [(0, 0), (2**40, 3)])
def test_prepared_blocks_are_kept_as_far_as_the_budget_goes(budget, kept):
    network = built("lenet")
    inputs, shared = images(12), engine(network, images(4))
    blocks = Prepared(shared, inputs.split(4), budget)
    with torch.inference_mode():
        passes = [torch.cat([shared.outputs(block, weights_of(network)) for block in blocks]) for _ in range(2)]
        torch.testing.assert_close(passes[0], network(inputs))
    assert torch.equal(*passes)
    assert len(blocks.kept) == kept


def test_a_shared_matrix_is_laid_out_once_with_the_samples_innermost():
    network, inputs = nn.Sequential(nn.Linear(7, 3)).eval(), torch.randn(5, 7)
    shared = engine(network, inputs, weights_of(network))
    (laid_out,) = [value for node, value in shared.prepare(inputs).items() if node is not shared.input]
    assert torch.equal(laid_out, inputs) and laid_out.stride() == (1, 5)


def test_a_shared_sequence_of_vectors_stays_as_it_is():
    network, inputs = nn.Sequential(nn.Linear(7, 3)).eval(), torch.randn(5, 2, 7)
    shared = engine(network, inputs, weights_of(network))
    assert all(value.is_contiguous() for value in shared.prepare(inputs).values())
    torch.testing.assert_close(shared.outputs(shared.prepare(inputs), weights_of(network)), network(inputs))


def test_a_network_is_the_same_after_a_sweep():
    network = built("unknown")
    before = {name: (tensor, tensor.clone()) for name, tensor in network.state_dict(keep_vars=True).items()}
    swept(network, images(20), torch.zeros(20, dtype=torch.long), "all_parameters")
    after = network.state_dict(keep_vars=True)
    assert all(after[name] is tensor and torch.equal(tensor, copy) for name, (tensor, copy) in before.items())


def test_a_buffer_that_is_worked_on_before_it_meets_the_input_is_read_anew():
    network, inputs = Attractor().eval(), images(8)
    shared = engine(network, inputs, {"couplings": network.couplings})
    assert isinstance(shared, SharedGraph)
    doubled = {"couplings": 2 * network.couplings}
    found = shared.outputs(shared.prepare(inputs), doubled)
    network.couplings *= 2
    torch.testing.assert_close(found, network(inputs))


@pytest.mark.parametrize("network", [Attractor(), built("back-door")])
def test_tracing_leaves_nothing_behind(network):
    arrays = {name: tensor.detach() for name, tensor in network.state_dict().items()}
    before = dict(network.__dict__)
    with torch.inference_mode():
        SharedGraph(network, arrays)
    assert network.__dict__ == before
