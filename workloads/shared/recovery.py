"""A restricted Boltzmann machine that fills in what is missing of a picture, and filters that it is compared with.

As on the NeuRRAM chip (Wan et al., Nature 608, 504-512, 2022): visible units are pixels and a one-hot label, of 3 bits;
hidden units are 0 or 1 at random; one array of weights is read forward and back. Weights are kept within +-1.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

PIXELS, LABELS, HIDDEN, BITS = 784, 10, 120, 3
TRAINING_STEPS, RECOVERY_CYCLES = 5, 10
MEAN_PIXEL = 0.1307


class BoltzmannMachine(nn.Module):
    """weight: (HIDDEN, PIXELS + LABELS); bias of hidden units, bias_visible of visible ones."""

    def __init__(self) -> None:
        super().__init__()
        self.weight_clip = 1.0
        self.weight = nn.Parameter(0.01 * torch.randn(HIDDEN, PIXELS + LABELS))
        self.bias = nn.Parameter(0.01 * torch.randn(HIDDEN))
        self.bias_visible = nn.Parameter(torch.zeros(PIXELS + LABELS))

    def hidden(self, visible: Tensor) -> Tensor:
        """Chances of hidden units to be 1, (N, HIDDEN)."""
        return functional.linear(visible, self.weight, self.bias).sigmoid()

    def visible(self, hidden: Tensor) -> Tensor:
        """Chances of visible units, (N, PIXELS + LABELS)."""
        return (hidden @ self.weight + self.bias_visible).sigmoid()

    def energy(self, visible: Tensor) -> Tensor:
        """Free energy (N,): -b v - sum softplus(W v + a)."""
        sums = functional.linear(visible, self.weight, self.bias)
        return -(visible @ self.bias_visible) - functional.softplus(sums).sum(1)

    def divergence(self, visible: Tensor) -> Tensor:
        """Contrast of the data with the end of a chain that begins at them: its gradient is that of contrastive
        divergence (G. Hinton, Neural Computation 14, 1771, 2002)."""
        with torch.no_grad():
            chain = visible
            for _ in range(TRAINING_STEPS):
                chain = self.visible(torch.bernoulli(self.hidden(chain)))
        return (self.energy(visible) - self.energy(chain)).mean()

    def clip_weights(self) -> None:
        """Weights back within the clip, those under noise too."""
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                if "bias" not in name:
                    parameter.clamp_(-self.weight_clip, self.weight_clip)

    def recovered(self, given: Tensor, known: Tensor, generator: torch.Generator) -> Tensor:
        """Visible units (N, PIXELS + LABELS) after RECOVERY_CYCLES, of which `known` ones are kept as given."""
        visible, steps = given, 2**BITS - 1
        for _ in range(RECOVERY_CYCLES):
            driven = (visible * steps).round() / steps
            chances = self.hidden(driven)
            drawn = torch.rand(chances.shape, generator=generator).to(chances.device)
            visible = torch.where(known, given, self.visible((drawn < chances).to(chances)))
        return visible


def thresholded(pixels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """(N, PIXELS) with every fifth pixel or so replaced by whether it is dark, and which pixels are known."""
    replaced = torch.rand(pixels.shape, generator=generator) < 0.2
    return torch.where(replaced, (pixels < 0.7).to(pixels), pixels), ~replaced


def without_bottom(pixels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """(N, PIXELS) with rows 18 to 27 at the mean of all pixels of MNIST, and which pixels are known."""
    known = (torch.arange(PIXELS) < 18 * 28).expand(pixels.shape)
    return pixels.where(known, MEAN_PIXEL), known


def medians(pixels: Tensor) -> Tensor:
    """(N, PIXELS): the median of the 3 x 3 pixels around each, zeros beyond the border."""
    windows = functional.unfold(pixels.view(-1, 1, 28, 28), 3, padding=1)
    return windows.median(1).values


def distance(pixels: Tensor, clean: Tensor) -> float:
    """Mean over pictures of the L2 distance."""
    return float((pixels - clean).norm(dim=1).double().mean())
