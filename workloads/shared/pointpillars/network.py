"""The network: pillars -> picture from above -> backbone of three blocks -> what is said of every anchor.

On crossbars lie the pillars' linear layer, read once per point; the convolutions, read once per cell; the upsampling,
read once per coarse cell; and the heads as one array. A transposed convolution whose kernel is its stride is a linear
layer whose outputs are laid out as a square: so it is written here. Normalisation, biases, the maximum over points and
all that comes after the heads are digital.
"""

from __future__ import annotations

import math
from collections import OrderedDict

import torch
from torch import Tensor, nn

from workloads.shared.pointpillars.pillars import NUMBERS
from workloads.shared.pointpillars.sizes import ANCHORS, CLASSES, CODE, SAID, Size

EPSILON = 1e-3
# That an anchor is an object, before anything is learned.
PRIOR = 0.01
BOX_SPREAD = 0.001


class PointPillars(nn.Module):
    """(points, 10) numbers and (points,) pillars of several sweeps -> (sweeps, anchors, 12): logits of the classes,
    code of the box, logits of the direction; anchors by row, column, class and heading.

    noise_points: the outputs of every normalisation, where the authors put their noise: before the ReLU, in the pillar
    network, the backbone and the upsampling, and none in the heads.
    """

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        self.pillar = nn.Linear(NUMBERS, size.features, bias=False)
        self.pillar_norm = nn.BatchNorm1d(size.features, EPSILON, size.momentum)
        channels = [size.features, *(channels for channels, _ in size.blocks)]
        self.blocks = nn.ModuleList(
            _block(before, after, count, size) for before, (after, count) in zip(channels, size.blocks, strict=False)
        )
        self.ups = nn.ModuleList(Upsampling(after, 2**level, size) for level, (after, _) in enumerate(size.blocks))
        self.heads = nn.Linear(len(size.blocks) * size.upsampled, ANCHORS * SAID)
        self._prepare_heads()
        places = (name for name, module in self.named_modules() if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)))
        self.noise_points = self.authors_noise_points = tuple(places)

    def forward(self, numbers: Tensor, pillars: Tensor, sweeps: int) -> Tensor:
        """sweeps: how many there are; one without points is empty."""
        picture = self._scattered(torch.relu(self.pillar_norm(self.pillar(numbers))), pillars, sweeps)
        levels = []
        for block, up in zip(self.blocks, self.ups, strict=True):
            picture = block(picture)
            levels.append(up(picture))
        return self.heads(torch.cat(levels, 1).permute(0, 2, 3, 1)).reshape(sweeps, -1, SAID)

    def _scattered(self, features: Tensor, pillars: Tensor, sweeps: int) -> Tensor:
        """The largest of each feature over the points of a pillar, as a picture (sweeps, features, rows, columns) that
        is 0 where there is no point: after a ReLU nothing is below 0."""
        rows, columns = self.size.grid
        empty = features.new_zeros(sweeps * rows * columns, features.shape[1])
        largest = empty.scatter_reduce(0, pillars[:, None].expand_as(features), features, "amax")
        return largest.view(sweeps, rows, columns, -1).permute(0, 3, 1, 2)

    @torch.no_grad()
    def _prepare_heads(self) -> None:
        weight, bias = self.heads.weight.view(ANCHORS, SAID, -1), self.heads.bias.view(ANCHORS, SAID)
        box = slice(len(CLASSES), len(CLASSES) + CODE)
        weight[:, box] = BOX_SPREAD * torch.randn(weight[:, box].shape)
        bias.zero_()
        bias[:, : len(CLASSES)] = -math.log((1 - PRIOR) / PRIOR)


class Upsampling(nn.Module):
    """A transposed convolution with kernel = stride, batch normalisation, ReLU."""

    def __init__(self, channels: int, factor: int, size: Size) -> None:
        super().__init__()
        self.factor = factor
        self.spread = nn.Linear(channels, factor**2 * size.upsampled, bias=False)
        self.norm = nn.BatchNorm2d(size.upsampled, EPSILON, size.momentum)

    def forward(self, picture: Tensor) -> Tensor:
        """(n, channels, rows, columns) -> (n, upsampled, factor rows, factor columns)."""
        n, _, rows, columns = picture.shape
        squares = self.spread(picture.permute(0, 2, 3, 1)).view(n, rows, columns, self.factor, self.factor, -1)
        laid = squares.transpose(2, 3).reshape(n, rows * self.factor, columns * self.factor, -1)
        return torch.relu(self.norm(laid.permute(0, 3, 1, 2)))


def _block(before: int, after: int, count: int, size: Size) -> nn.Sequential:
    """`count` convolutions, of which the first halves the picture."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for number in range(count):
        stride = 2 if number == 0 else 1
        layers[f"conv{number}"] = nn.Conv2d(before if number == 0 else after, after, 3, stride, padding=1, bias=False)
        layers[f"norm{number}"] = nn.BatchNorm2d(after, EPSILON, size.momentum)
        layers[f"relu{number}"] = nn.ReLU(inplace=True)
    return nn.Sequential(layers)
