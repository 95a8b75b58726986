"""The batched evaluator against the slow reference, network by network."""

import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

from suite.crossbar.evaluate import Prepared, WholeNetwork, evaluator
from suite.crossbar.graph import SharedGraph
from suite.crossbar.settings import Crossbar
from suite.devices.lognormal import DEVICE
from suite.sweep import sweep
from tests.networks import NETWORKS, built, images
from tests.reference import (
    ENTROPY,
    NAME,
    SEED,
    accuracies,
    classifier,
    conditions,
    every_output,
    reference_outputs,
)

SIGMAS, REALISATIONS = (0.0, 0.1, 0.6), (0, 4)


def swept(network, inputs, targets, cells, **changes):
    return sweep(
        classifier(network, **changes),
        network,
        {"test": TensorDataset(inputs, targets)},
        conditions(*SIGMAS),
        REALISATIONS,
        name=NAME,
        entropy=ENTROPY,
        seed=SEED,
        devices={"lognormal": DEVICE},
        crossbars={"weights": Crossbar(cells)},
        block=96,
    )


def programmed_names(network, cells):
    kinds = (nn.Linear, nn.Conv2d)
    weights = [f"{path}.weight" for path, module in network.named_modules() if isinstance(module, kinds)]
    own = [name for name, _ in network.named_parameters()]
    return own if cells == "all_parameters" else [name for name in own if name in weights]


@pytest.mark.parametrize("cells", ["weights", "all_parameters"])
@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_outputs_agree_to_1e_5_and_scores_exactly(name, cells):
    network, inputs = built(name), images(1000)
    targets = torch.randint(10, (1000,), generator=torch.Generator().manual_seed(2))
    if name == "branching":  # decides by block: the reference must see the same blocks
        parts = [reference_outputs(network, programmed_names(network, cells), part, conditions(*SIGMAS), REALISATIONS)
                 for part in inputs.split(96)]  # fmt: skip
        expected = torch.cat(parts, dim=2)
    elif name == "in-place":  # mixes the samples of a block
        parts = [reference_outputs(network, programmed_names(network, cells), part, conditions(*SIGMAS), REALISATIONS)
                 for part in inputs.split(96)]  # fmt: skip
        expected = torch.cat(parts, dim=2)
    else:
        expected = reference_outputs(
            network, programmed_names(network, cells), inputs, conditions(*SIGMAS), REALISATIONS
        )
    outputs = swept(network, inputs, targets, cells, scores=every_output).scores
    found = torch.stack([torch.from_numpy(outputs[str(i)]) for i in range(10_000)], dim=-1).view(expected.shape)
    assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()
    scores = swept(network, inputs, targets, cells).scores["accuracy"]
    assert torch.equal(torch.from_numpy(scores), accuracies(expected, targets))
