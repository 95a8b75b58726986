"""Recovery of spoilt MNIST digits by a restricted Boltzmann machine of 794 visible and 120 hidden units, as on the
NeuRRAM chip (Wan et al., Nature 608, 504-512, 2022): one array, read forward and back ten times.

Data: MNIST (LeCun et al., 1998; source `mnist`), pixels from 0 to 1. Two test sets: `test` has every fifth pixel or so
replaced by whether it is dark, `bottom` rows 18 to 27 by the mean pixel; which ones is known, and the label too. Scores
are the mean L2 distance to the clean picture and by which share it is less than that of the spoilt one.
Random weights leave unknown pixels near a half, a reduction of 50 % (test): 65 % is the least that counts as learned.
Published: "70 % lower" on the chip; read off the authors' figures of 75 digits: 83 % (test) and 21 % (bottom). What
simple filters reach stands in the observation `filters`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import (
    Observation,
    Observed,
    Recipe,
    Scale,
    Score,
    Settings,
    Splits,
    Workload,
    pulse_energy,
    seeded,
    sensed_lines,
)
from suite.data import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import torch
    from torch import Tensor, nn

# Pictures that an observation keeps, and the streams by which test pictures are spoilt.
SHOWN, STREAMS = 8, {"validation": 1, "test": 2, "bottom": 3}
RECIPES: dict[Scale, Recipe] = {
    "ci": Recipe(30, 16, 4e-3, "sgd", 1e-4, "constant", test_block=200),
    "quick": Recipe(10, 32, 4e-3, "sgd", 1e-4, "constant", test_block=500),
    "reference": Recipe(5, 64, 4e-3, "sgd", 1e-4, "constant", test_block=2000, unit_evaluations=20),
    "paper": Recipe(50, 16, 1e-3, "sgd", 1e-4, "constant", test_block=2000, unit_evaluations=20),
}


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Training: visible units (794,). Others: what is given and which of it is known, (2, 794), and the clean and the
    spoilt pixels, (2, 784). Spoilt alike for every seed."""
    import torch
    from torch.nn import functional
    from torch.utils.data import TensorDataset

    from workloads.shared.recovery import LABELS, thresholded, without_bottom

    splits = load("mnist", root).splits(scale, standardised=False)

    def units(dataset: Any) -> tuple[Tensor, Tensor]:
        images, labels = dataset.tensors
        return images.flatten(1), functional.one_hot(labels, LABELS).float()

    def spoilt(dataset: Any, spoil: Any, name: str) -> TensorDataset:
        pixels, labels = units(dataset)
        given, known = spoil(pixels, torch.Generator().manual_seed(STREAMS[name]))
        kept = torch.cat([known.float(), torch.ones_like(labels)], 1)
        return TensorDataset(torch.stack([torch.cat([given, labels], 1), kept], 1), torch.stack([pixels, given], 1))

    train, test = torch.cat(units(splits.train), 1), splits.tests["test"]
    return Splits(
        TensorDataset(train, torch.zeros(len(train))),
        spoilt(splits.validation, thresholded, "validation"),
        {"test": spoilt(test, thresholded, "test"), "bottom": spoilt(test, without_bottom, "bottom")},
        splits.source,
    )


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """Weights and hidden biases N(0, 0.01)."""
    from workloads.shared.recovery import BoltzmannMachine

    with seeded(generator):
        return BoltzmannMachine()


def arrays(network: nn.Module) -> Mapping[str, Tensor]:
    """The one array, which is read both ways."""
    return {"weight": network.get_parameter("weight")}


def step(workload: Workload, network: nn.Module, batch: Any) -> Tensor:
    """Contrastive divergence, with weights within their clip."""
    network.clip_weights()  # type: ignore[operator]
    return network.divergence(batch[0])  # type: ignore[operator]


def outputs(network: nn.Module, batch: Any, generator: torch.Generator) -> Any:
    """Recovered pixels (N, 784); of training samples, all of which are known, the chain begins at the data."""
    from workloads.shared.recovery import PIXELS

    inputs = batch[0]
    given, known = inputs.unbind(1) if inputs.ndim == 3 else (inputs, inputs.new_ones(inputs.shape))
    return network.recovered(given, known > 0, generator)[:, :PIXELS]  # type: ignore[operator]


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """L2 error and its reduction; a pixel that is not finite is as wrong as can be."""
    from workloads.shared.recovery import distance

    clean, given = targets.unbind(1)
    error = distance(outputs.where(outputs.isfinite(), 1 - clean.round()), clean)
    return {"reduction": 1 - error / distance(given, clean), "error": error}


def recovered(observed: Observed) -> dict[str, np.ndarray]:
    """The first SHOWN pictures of both test sets: clean, spoilt, recovered."""
    import torch

    found = []
    for name in ("test", "bottom"):
        outputs, targets = observed.outputs(name)
        found.append(torch.cat([targets[:SHOWN], outputs[:SHOWN].unsqueeze(1)], 1))
    return {"pixel": torch.stack(found).unflatten(-1, (28, 28)).numpy()}


def filters(observed: Observed) -> dict[str, np.ndarray]:
    """By which share the error is less if unknown pixels take their mean over the training pictures, or if each pixel
    takes the median of the 3 x 3 around it; {network, mean, median} on both test sets."""
    import numpy as np
    import torch

    from workloads.shared.recovery import PIXELS, medians

    mean, rows = observed.splits.train.tensors[0][:, :PIXELS].mean(0), []
    for name in ("test", "bottom"):
        outputs, targets = observed.outputs(name)
        known = observed.splits.tests[name].tensors[0][:, 1, :PIXELS] > 0
        given = targets[:, 1]
        filled = (outputs, torch.where(known, given, mean), medians(given))
        rows.append([scores(one, targets)["reduction"] for one in filled])
    return {"reduction": np.array(rows), "filter": np.array(["network", "mean", "median"])}


WORKLOAD = Workload(
    title="Recovery of spoilt digits, NeuRRAM's RBM",
    data=data,
    network=network,
    recipe=RECIPES.__getitem__,
    measures={
        "reduction": Score("Reduction of the L2 error", chance=0.0),
        "error": Score("L2 error", chance={"test": 12.2, "bottom": 4.6}, higher_is_better=False),
    },
    scores=scores,
    floor=("reduction", 0.65),
    arrays=arrays,
    step=step,
    outputs=outputs,
    observations={
        "recovered": Observation("Pictures", {"pixel": ("corruption", "picture", "state", "row", "column")}, recovered),
        "filters": Observation("Filters", {"reduction": ("corruption", "filter"), "filter": ("filter",)}, filters),
        "lines": sensed_lines(),
        "energy": pulse_energy({"": 3, "weight backward": 1}),
    },
)
