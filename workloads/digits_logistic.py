"""Three classes of small digits on one array of 64 x 3 cells: a network small enough to be certified cell by cell.

Data: the digits 0 to 2 of scikit-learn's 8 x 8 images (source `digits`, 537 real images; E. Alpaydin, C. Kaynak, UCI,
1998; CC BY 4.0), stratified into 268 for training, 90 for validation and 179 for the test, the same for every seed and
scale. The writers are not told, so those of one split may be in another. Not in the paper, whose networks are too large
for a certificate to say much: 192 weights without a hidden layer keep a majority right when most cells read zero.
Expected clean score: 100.0 % (ERM at `reference`, the recipe as it is, seeds 0 to 4; measured here); chance is 1/3.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, accuracy, seeded
from suite.data import load

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn
    from torch.utils.data import TensorDataset

CLASSES = 3
VALIDATION, TEST = 90, 179


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """Pixels (64,) from -1/2 to 1/2; the same for every scale and seed."""
    digits = load("digits", root).of(CLASSES)
    train, validation, test = (_dataset(part) for part in digits.parts(VALIDATION, TEST))
    return Splits(train, validation, {"test": test}, digits.source)


def _dataset(digits: Any) -> TensorDataset:
    import torch
    from torch.utils.data import TensorDataset

    # 17 levels of ink, 0 to 16
    return TensorDataset(torch.as_tensor(digits.images).float() / 16 - 0.5, torch.as_tensor(digits.labels).long())


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
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
    floor=("accuracy", 0.8),
)
