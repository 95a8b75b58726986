"""Real read-outs and trained weights of the NeuRRAM chip, for whoever has them (see SUITE_DATA/neurram/CARD.md)."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from suite.contract import DataMissing
from suite.data import load
from workloads.shared.quantised_resnet import Block, QuantisedResNet
from workloads.shared.recovery import BoltzmannMachine

ROOT = Path(os.environ.get("SUITE_DATA", "no data")).expanduser()


def arrays(name):
    """The arrays of one file; the test is skipped where it is not there."""
    path = ROOT / "neurram" / f"{name}.npz"
    if not path.is_file():
        pytest.skip(f"{name}.npz of the NeuRRAM chip is not here: set SUITE_DATA to a folder with neurram/")
    return np.load(path, allow_pickle=False)


def line_fits(experiment):
    """Rows of the table of line fits, single columns only."""
    path = ROOT / "neurram" / "mvm_line_fits.csv"
    if not path.is_file():
        pytest.skip("mvm_line_fits.csv of the NeuRRAM chip is not here: set SUITE_DATA to a folder with neurram/")
    with path.open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["experiment"] == experiment and row["column"].isdigit()]


def official(source):
    """The content of a data source; the test is skipped where it is not there."""
    try:
        return load(source, ROOT if ROOT.is_dir() else None)
    except DataMissing as missing:
        pytest.skip(str(missing))


def tensor(values) -> Tensor:
    return torch.from_numpy(np.asarray(values, dtype=np.float32).copy())


def resnet():
    """The authors' ResNet-20, trained under noise of 20 %, in evaluation mode."""
    stored, network = arrays("weights_resnet20_p020"), QuantisedResNet(10).eval()
    number = iter(range(60))

    def fill(layer: nn.Module) -> None:
        own = f"layer{next(number)}/"
        if isinstance(layer, nn.BatchNorm2d):
            layer.weight.copy_(tensor(stored[f"{own}gamma"]))
            layer.bias.copy_(tensor(stored[f"{own}beta"]))
            layer.running_mean.copy_(tensor(stored[f"{own}moving_mean"]))
            layer.running_var.copy_(tensor(stored[f"{own}moving_variance"]))
        elif isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.weight.copy_(matrix_first(tensor(stored[f"{own}kernel"])))
            layer.bias.copy_(tensor(stored[f"{own}bias"]))
        else:
            layer.clip.copy_(tensor(stored[f"{own}relux"]))

    with torch.no_grad():
        for layer in (network.stem, network.norm, network.quantised):
            fill(layer)
        for block in network.blocks:
            for layer in in_their_order(block):
                fill(layer)
        fill(network.classify)
    return network


def in_their_order(block: Block):
    """The layers of a block as the authors' files number them."""
    around = [block.around] if isinstance(block.around, nn.Conv2d) else []
    return [block.conv1, block.norm1, block.inner, block.conv2, *around, block.norm2, block.out]


def matrix_first(kernel: Tensor) -> Tensor:
    """(height, width, in, out) or (in, out) -> as torch has it."""
    return kernel.permute(3, 2, 0, 1) if kernel.ndim == 4 else kernel.t()


def mnist_cnn(network: nn.Module) -> nn.Module:
    """The authors' weights in the network of `neurram_mnist`."""
    stored = arrays("weights_mnist_cnn_p015")
    with torch.no_grad():
        for number in range(6):
            getattr(network, f"conv{number + 1}").weight.copy_(
                matrix_first(tensor(stored[f"layer{2 * number}/kernel"]))
            )
            getattr(network, f"conv{number + 1}").bias.copy_(tensor(stored[f"layer{2 * number}/bias"]))
            # The second layer's activation has no file of its own number: clips follow their convolutions.
            getattr(network, f"quantised{number + 1}").clip.copy_(tensor(stored[f"layer{2 * number + 1}/relux"]))
        dense = tensor(stored["layer12/kernel"]).view(4, 4, 32, 10).permute(3, 2, 0, 1).flatten(1)
        network.dense.weight.copy_(dense)
        network.dense.bias.copy_(tensor(stored["layer12/bias"]))
    return network.eval()


def boltzmann_machine():
    """The authors' machine, trained under noise of 20 %."""
    stored, machine = arrays("weights_rbm_p020"), BoltzmannMachine()
    with torch.no_grad():
        machine.weight.copy_(tensor(stored["weights"].T).clamp(-1, 1))
        machine.bias.copy_(tensor(stored["hidden_bias"]))
        machine.bias_visible.copy_(tensor(stored["visible_bias"]))
    return machine
