"""The species a glycan comes from, told by SweetNet from its structure (figure 4f).

Data: the species table of glycowork 1.11.0 (MIT; source `glycowork`), 1,075 species with at least 5 glycans each:
21,686 structures with 34,754 species among them, split by structure into 15,181 for training, 2,168 for validation and
4,337 for the test; a structure of several species goes by its rarest. Left out: 3 names that do not parse, 287 further
names of a structure, 325 structures whose species is 'undetermined', 1,444 whose species all have fewer than 5.
A prediction is right if it is among the glycan's species, so that F1 ends at 0.63. Chance is the share of human
glycans. Expected clean score: ROC AUC 0.970, accuracy 44 %, macro F1 0.06 (ERM at `reference`, the recipe as it is;
seeds 0 and 1: 0.972, 0.969; 45.2, 43.2; 0.073, 0.051; measured here). The recipe was chosen on validation alone.
Tuned, over five seeds and under noise: results/reference/tables/bio.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, seeded
from suite.data import load

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

LABELS, SPECIES = 1_792, 1_075
# Tuning maximises the first: every fourth glycan is human, so that accuracy rewards a network that says nothing else.
MEASURES = {"auc": Score("ROC AUC", 0.5), "accuracy": Score("Accuracy", 0.23), "f1": Score("F1", 0.001)}

# Batches, learning rates and epochs of the smaller scales were chosen on validation samples; `paper` is as published,
# with one cycle of the learning rate where the authors had cosines of 50 epochs.
RECIPES: dict[Scale, Recipe] = {
    "ci": Recipe(epochs=4, batch=32, learning_rate=1e-2, weight_decay=1e-6, test_block=128),
    "quick": Recipe(epochs=4, batch=32, learning_rate=1e-2, weight_decay=1e-6, test_block=128),
    "reference": Recipe(epochs=10, batch=64, learning_rate=1e-2, weight_decay=1e-6, test_block=128),
    "paper": Recipe(epochs=100, batch=32, learning_rate=5e-4, weight_decay=1e-3, test_block=128),
}


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Glycans (2, nodes) int16, labels above parents, and their species (1,075) bool; the same for every seed."""
    splits: Splits = load("glycowork", root).species_of(scale)
    return splits


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """SweetNet; the noise points are its activations: one after each graph convolution, two in the dense part."""
    from workloads.shared.sweetnet import SweetNet

    with seeded(generator):
        return SweetNet(LABELS, SPECIES)


def loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy over the (glycan, species) pairs of a batch, as published; a glycan is read once for all of its."""
    return -(outputs.log_softmax(1) * targets).sum() / targets.sum()


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Macro ROC AUC, accuracy and macro F1 over the species."""
    from workloads.shared.memberships import scores as of_memberships

    found = of_memberships(outputs, targets)
    return {name: found[name] for name in MEASURES}


WORKLOAD = Workload(
    title="Glycans by species, SweetNet",
    data=data,
    network=network,
    recipe=RECIPES.__getitem__,
    measures=MEASURES,
    scores=scores,
    loss=loss,
    floor=("auc", 0.74),
    needs=("glycowork",),
)
