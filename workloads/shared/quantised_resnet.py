"""ResNet-20 (He et al., arXiv:1512.03385, section 4.2) with activations of a few bits, as the NeuRRAM chip runs it."""

from __future__ import annotations

from torch import Tensor, nn

from workloads.shared.quantised import Quantised

WIDTHS, BLOCKS = (16, 32, 64), 3
INPUT_BITS, INPUT_CLIP, BITS = 4, 0.95, 3
# Of batch normalisation, as the authors' models have it.
EPSILON = 1e-3


class QuantisedResNet(nn.Module):
    """Images (N, 3, 32, 32) from 0 to 1 -> logits (N, classes)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.inputs = Quantised(INPUT_BITS, INPUT_CLIP, learned=False)
        self.stem = nn.Conv2d(3, WIDTHS[0], 3, padding=1)
        self.norm = nn.BatchNorm2d(WIDTHS[0], EPSILON)
        self.quantised = Quantised(BITS)
        before, blocks = WIDTHS[0], []
        for width in WIDTHS:
            for _ in range(BLOCKS):
                blocks.append(Block(before, width))
                before = width
        self.blocks = nn.Sequential(*blocks)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classify = nn.Linear(before, classes)
        self.noise_points = ("quantised", *(f"blocks.{number}.out" for number in range(len(blocks))))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")

    def forward(self, images: Tensor) -> Tensor:
        """(N, classes)."""
        maps = self.blocks(self.quantised(self.norm(self.stem(self.inputs(images)))))
        logits: Tensor = self.classify(self.pool(maps).flatten(1))
        return logits


class Block(nn.Module):
    """Two convolutions and a way around them, which changes width by a 1 x 1 convolution without normalisation."""

    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        stride = 1 if before == width else 2
        # Where it halves the maps, the authors' framework begins at the first pixel: the border is on the far side.
        self.border = nn.ZeroPad2d(1 if stride == 1 else (0, 1, 0, 1))
        self.conv1 = nn.Conv2d(before, width, 3, stride)
        self.norm1 = nn.BatchNorm2d(width, EPSILON)
        self.inner = Quantised(BITS)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(width, EPSILON)
        self.around = nn.Identity() if before == width else nn.Conv2d(before, width, 1, stride)
        self.out = Quantised(BITS)

    def forward(self, maps: Tensor) -> Tensor:
        """(N, before, height, width) -> (N, width, ...)."""
        inner = self.norm2(self.conv2(self.inner(self.norm1(self.conv1(self.border(maps))))))
        found: Tensor = self.out(inner + self.around(maps))
        return found
