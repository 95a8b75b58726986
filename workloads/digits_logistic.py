"""Three classes of small digits on one array of 64 x 3 cells: a network small enough to be certified cell by cell.

Data: the digits 0, 1 and 2 of scikit-learn's optical recognition set, 537 images of 8 x 8 pixels (Alpaydin and Kaynak,
UCI Machine Learning Repository, doi:10.24432/C50P49, CC BY 4.0; the copy that the package ships). Split once, by class:
half for training, a sixth for validation, a third for the test. Not in the paper, whose networks are too large for a
certificate to say much: 192 weights without a hidden layer keep a majority right when most cells read zero.
Expected clean score: 99.4 % (ERM at `reference`, the recipe as it is, seeds 0 to 4; measured here); chance is 1/3.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import Recipe, Scale, Score, Splits, Workload, accuracy, seeded

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn
    from torch.utils.data import TensorDataset

CLASSES = 3
VALIDATION, TEST = 1 / 6, 1 / 3


def data(scale: Scale, root: Path | None, seed: int) -> Splits:
    """Pixels (64,) from -1/2 to 1/2; the same for every scale and seed."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    pixels, labels = load_digits(n_class=CLASSES, return_X_y=True)
    rest, test, rest_labels, test_labels = train_test_split(
        pixels, labels, test_size=TEST, stratify=labels, random_state=0
    )
    train, validation, train_labels, validation_labels = train_test_split(
        rest, rest_labels, test_size=VALIDATION / (1 - TEST), stratify=rest_labels, random_state=0
    )
    tests = {"test": _dataset(test, test_labels)}
    return Splits(_dataset(train, train_labels), _dataset(validation, validation_labels), tests, "digits:scikit-learn")


def _dataset(pixels: object, labels: object) -> TensorDataset:
    import torch
    from torch.utils.data import TensorDataset

    # 17 levels of ink, 0 to 16
    return TensorDataset(torch.as_tensor(pixels).float() / 16 - 0.5, torch.as_tensor(labels).long())


def network(generator: torch.Generator) -> nn.Module:
    """64-3, torch's own initialisation."""
    from torch import nn

    with seeded(generator):
        return nn.Linear(64, CLASSES)


def recipe(scale: Scale) -> Recipe:
    """The same at every scale: seconds."""
    return Recipe(epochs=100, batch=32, learning_rate=0.05)


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy."""
    return {"accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="Digits, logistic",
    data=data,
    network=network,
    recipe=recipe,
    measures={"accuracy": Score("Accuracy", chance=1 / 3)},
    scores=scores,
    floor=0.8,
)
