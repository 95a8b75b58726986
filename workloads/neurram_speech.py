"""Spoken digits on four LSTM cells that vote, as on the NeuRRAM chip (Wan et al., Nature 608, 504-512, 2022): 40 MFCC
in 50 frames, 4 x 112 units, votes summed; inputs and states of 4 bits, products of 6, gates of 8.

Data: FSDD (Z. Jackson et al.; source `fsdd`; CC BY-SA 4.0), 3,000 real recordings of ten digits by six speakers at
8 kHz. It is NOT Google's speech commands, which the authors took (12 classes, official set not at hand): orderings and
gaps compare, percentages do not. Takes 0 to 4 are the test (300), 5 to 9 validation; `quick` takes every third
recording of each split, `ci` every seventh. All speakers are in training and test; with `unheard: true` a seed leaves
one speaker out (number seed mod 6) and is tested on all clips of that one.
Published on their data: 88.06 % in software, 84.66 % on the chip. No dropped connections and no penalty on alike cells
in training here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import (
    Recipe,
    Scale,
    Score,
    Settings,
    Splits,
    Workload,
    accuracy,
    pulse_energy,
    seeded,
    sensed_lines,
)
from suite.data import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch
    from torch import Tensor, nn

CELLS, WIDTH, CLASSES, LARGEST_INPUT = 4, 112, 10, 128.0
# Of inputs and states, beside their sign.
MAGNITUDE_BITS = 3
TEST_TAKES, VALIDATION_TAKES = range(5), range(5, 10)
# Of the recordings of a split, where all would take minutes.
EVERY: dict[Scale, int] = {"ci": 7, "quick": 3}
RECIPES: dict[Scale, Recipe] = {
    "ci": Recipe(epochs=3, batch=50, learning_rate=5e-3, test_block=100),
    "quick": Recipe(epochs=10, batch=100, learning_rate=5e-3, test_block=100),
    "reference": Recipe(epochs=40, batch=100, learning_rate=5e-3, test_block=300, unit_evaluations=20),
    "paper": Recipe(epochs=80, batch=100, learning_rate=5e-3, test_block=300, unit_evaluations=20),
}


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """MFCC (50, 40) and digits; the same for every seed unless one speaker each is left out."""
    import numpy as np
    import torch
    from torch.utils.data import TensorDataset

    from workloads.shared.mfcc import features

    recordings = load("fsdd", root)
    test, validation = (np.isin(recordings.take, takes) for takes in (TEST_TAKES, VALIDATION_TAKES))
    if settings["unheard"]:
        test = recordings.speaker == seed % len(recordings.speakers)
        validation &= ~test

    def dataset(chosen: Any) -> TensorDataset:
        index = np.flatnonzero(chosen)[:: EVERY.get(scale, 1)]
        clips = [recordings.clips[number] for number in index]
        return TensorDataset(features(clips, recordings.rate), torch.from_numpy(recordings.digit[index]))

    return Splits(dataset(~test & ~validation), dataset(validation), {"test": dataset(test)}, recordings.source)


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """Uniform weights within +-1 / sqrt(112), as torch's own; votes (N, 4, 10)."""
    from workloads.shared.mfcc import COEFFICIENTS
    from workloads.shared.voting_cells import VotingCells

    with seeded(generator):
        return VotingCells(CELLS, COEFFICIENTS, WIDTH, CLASSES, LARGEST_INPUT)


def arrays(network: nn.Module) -> Mapping[str, Tensor]:
    """Twelve matrices: what each cell does with its inputs, with its state, and its votes."""
    return network.arrays()  # type: ignore[operator]


def loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy of the summed votes."""
    from torch.nn import functional

    return functional.cross_entropy(outputs.sum(1), targets)


def step(workload: Workload, network: nn.Module, batch: Any) -> Tensor:
    """The loss of a batch, with weights within their clips."""
    network.clip_weights()  # type: ignore[operator]
    return workload.loss(network(batch[0]), batch[1])


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy of the summed votes, and of the best cell alone."""
    cells = [accuracy(votes, targets) for votes in outputs.unbind(1)]
    return {"accuracy": accuracy(outputs.sum(1), targets), "best_cell": max(cells)}


WORKLOAD = Workload(
    title="Spoken digits (FSDD), NeuRRAM's LSTM",
    data=data,
    network=network,
    recipe=RECIPES.__getitem__,
    measures={"accuracy": Score("Accuracy", chance=0.1), "best_cell": Score("Accuracy of the best cell", chance=0.1)},
    scores=scores,
    floor=("accuracy", 0.7),
    loss=loss,
    step=step,
    arrays=arrays,
    observations={"lines": sensed_lines(), "energy": pulse_energy({"": MAGNITUDE_BITS})},
    seeded_data=True,
    settings={"unheard": False},
)
