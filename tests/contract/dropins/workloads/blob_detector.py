"""Finding bright blobs in small noisy pictures: as many boxes as the network sees, scored over the whole split.

Data: 16 x 16 pictures with 0 to 3 blobs of 3 x 3 pixels in noise, made here (synthetic). Expected clean score: an
average precision of about 0.95, from `quick` training; overlapping blobs are missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, seeded

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

SIDE, MOST_BLOBS, NOISE = 16, 3, 0.25
# A box is right within this distance (pixels) of a blob's centre; weaker ones are not reported.
REACH, FAINTEST = 1.5, 0.05


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """A list of (picture (1, SIDE, SIDE), centres (blobs, 2) in pixels) per split."""
    import torch

    generator = torch.Generator().manual_seed(seed)

    def picture() -> tuple[Tensor, Tensor]:
        count = int(torch.randint(0, MOST_BLOBS + 1, (), generator=generator))
        centres = torch.randint(1, SIDE - 1, (count, 2), generator=generator)
        image = NOISE * torch.randn(1, SIDE, SIDE, generator=generator)
        for row, column in centres.tolist():
            image[0, row - 1 : row + 2, column - 1 : column + 2] += 1.0
        return image, centres

    train, validation, test = ([picture() for _ in range(count)] for count in (300, 60, 100))
    return Splits(train, validation, {"test": test}, "synthetic:blobs")


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """Pictures (N, 1, SIDE, SIDE) -> logits of a blob's centre (N, SIDE, SIDE)."""
    from torch import nn

    with seeded(generator):
        return nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, 1, 1),
            nn.Flatten(1, 2),
        )


def collate(samples: list[Any]) -> tuple[Tensor, list[Tensor]]:
    """Pictures stacked, centres as a list."""
    import torch

    return torch.stack([image for image, _ in samples]), [centres for _, centres in samples]


def step(workload: Workload, network: nn.Module, batch: Any) -> Tensor:
    """Mean cross entropy per pixel; centres are rare and weigh more."""
    import torch
    from torch.nn import functional

    logits = network(batch[0])
    wanted = torch.zeros_like(logits)
    for picture, centres in zip(wanted, batch[1], strict=True):
        picture[centres[:, 0], centres[:, 1]] = 1.0
    return functional.binary_cross_entropy_with_logits(logits, wanted, pos_weight=logits.new_tensor(10.0))


def outputs(network: nn.Module, batch: Any, generator: torch.Generator) -> Sequence[Tensor]:
    """Boxes (number, 3) of every picture: confidence, row, column of the local maxima; NaN if the network gives NaN."""
    import torch
    from torch.nn import functional

    found = network(batch[0]).sigmoid()
    peaks = (found == functional.max_pool2d(found.unsqueeze(1), 3, 1, 1).squeeze(1)) & (found > FAINTEST)
    boxes = [torch.cat([one[peak][:, None], peak.nonzero()], 1) for one, peak in zip(found, peaks, strict=True)]
    broken = ~torch.isfinite(found).all(2).all(1)
    return [box.new_full((1, 3), torch.nan) if bad else box for box, bad in zip(boxes, broken, strict=True)]


def scores(outputs: Sequence[Tensor], targets: Sequence[Tensor]) -> dict[str, float]:
    """Average precision over all boxes of the split; a picture whose boxes are not finite has none."""
    import torch

    boxes = [
        (confidence, picture, torch.tensor(place))
        for picture, found in enumerate(outputs)
        if torch.isfinite(found).all()
        for confidence, *place in found.tolist()
    ]
    open_centres = [list(centres.float()) for centres in targets]
    total, hits, precision = sum(map(len, open_centres)), 0, 0.0
    for rank, (_, picture, place) in enumerate(sorted(boxes, key=lambda box: -box[0]), 1):
        near = [i for i, centre in enumerate(open_centres[picture]) if torch.dist(centre, place) <= REACH]
        if near:
            del open_centres[picture][near[0]]
            hits += 1
            precision += hits / rank
    return {"ap": precision / max(1, total)}


WORKLOAD = Workload(
    title="Blobs in pictures, convolutional detector",
    data=data,
    network=network,
    recipe=lambda scale: Recipe(epochs=5 if scale == "ci" else 10, batch=16, learning_rate=1e-2, test_block=50),
    measures={"ap": Score("Average precision", chance=0.0)},
    scores=scores,
    floor=("ap", 0.6),
    collate=collate,
    step=step,
    outputs=outputs,
    standin=True,
)
