"""The species a glycan comes from, told by SweetNet from its structure (figure 4f).

Data: the species table of glycowork 1.11.0 (MIT; source `glycowork`), 1,075 species with at least 5 glycans each:
21,686 structures with 34,754 species among them, split by structure into 15,181 for training, 2,168 for validation and
4,337 for the test; a structure of several species goes by its rarest. Left out: 3 names that do not parse, 287 further
names of a structure, 325 structures whose species is 'undetermined', 1,444 whose species all have fewer than 5.
A prediction is right if it is among the glycan's species. Chance is the share of glycans that humans have.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Recipe, Scale, Score, Splits, Workload, load, seeded

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

LABELS, SPECIES = 1_792, 1_075

RECIPES: dict[Scale, Recipe] = {
    "ci": Recipe(epochs=4, batch=32, learning_rate=5e-3, weight_decay=1e-6),
    "quick": Recipe(epochs=4, batch=64, learning_rate=1e-2, weight_decay=1e-6),
    "reference": Recipe(epochs=12, batch=128, learning_rate=1e-2, weight_decay=1e-6),
    "paper": Recipe(epochs=100, batch=128, learning_rate=5e-3, weight_decay=1e-6),
}


def data(scale: Scale, root: Path | None, seed: int) -> Splits:
    """Glycans (2, nodes) int16, labels above parents, and their species (1,075) bool; the same for every seed."""
    splits: Splits = load("glycowork", root).species_of(scale)
    return splits


def network(generator: torch.Generator) -> nn.Module:
    """SweetNet; the noise points are its activations: one after each graph convolution, two in the dense part."""
    from suite.shared.sweetnet import SweetNet

    with seeded(generator):
        return SweetNet(LABELS, SPECIES)


def loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy over the (glycan, species) pairs of a batch, as published; a glycan is read once for all of its."""
    return -(outputs.log_softmax(1) * targets).sum() / targets.sum()


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy, macro F1 and macro ROC AUC over the species."""
    from suite.shared.memberships import scores as found

    return found(outputs, targets)


WORKLOAD = Workload(
    title="Glycans by species, SweetNet",
    data=data,
    network=network,
    recipe=RECIPES.__getitem__,
    measures={"accuracy": Score("Accuracy", 0.23), "f1": Score("F1", 0.001), "auc": Score("ROC AUC", 0.5)},
    scores=scores,
    loss=loss,
    floor=0.3,
    needs=("glycowork",),
)
