"""Small networks that between them use every path of the batched evaluator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from suite.contract import Handle, Method, Range, default_arrays


class Residual(nn.Module):
    """Convolutions with batch normalisation and a sum around them."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.inner = nn.Conv2d(4, 4, 3, padding=1)
        self.head = nn.Linear(4, 10)
        self.norm.running_mean.uniform_(-1, 1)
        self.norm.running_var.uniform_(0.5, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        maps = functional.relu(self.norm(self.stem(inputs)))
        maps = torch.relu(self.inner(maps) + maps)
        return self.head(maps.mean((2, 3)))


class Tied(nn.Module):
    """One matrix read twice, the second time transposed: one set of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Linear(12, 10)
        self.again = nn.Linear(12, 10, bias=False)
        self.again.weight = self.up.weight

    def forward(self, inputs: Tensor) -> Tensor:
        hidden = self.up(inputs.flatten(1)[:, :12]).tanh()
        return self.again(functional.linear(hidden, self.up.weight.t()))


class Unknown(nn.Module):
    """Layers that the kernel table does not name, between ones that it does."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, (3, 2), padding=(0, 1))
        self.norm = nn.GroupNorm(2, 4)
        self.grouped = nn.Conv2d(4, 4, 3, groups=2)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.head = nn.Linear(4, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        maps = functional.max_pool2d(self.conv(inputs), 2)
        maps = self.pool(functional.gelu(self.grouped(self.norm(maps))))
        return self.head(torch.cat([maps.amax((2, 3)), maps.mean((2, 3))], 1)[:, ::2])


class Branching(nn.Module):
    """A forward that asks about values cannot be traced."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(784, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        outputs = self.layer(inputs.flatten(1))
        return outputs if outputs.sum() > 0 else 2 * outputs


class Recurrent(nn.Module):
    """A library layer that keeps references of its own to its weights."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = nn.LSTM(28, 6, batch_first=True)
        self.head = nn.Linear(6, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.head(self.cells(inputs[:, 0])[0][:, -1])


class BothWays(nn.Module):
    """Recurrent layers with several arrays each, and a cell that reads its own at every step."""

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.GRU(28, 5, num_layers=2, bidirectional=True, batch_first=True)
        self.again = nn.LSTM(10, 6, proj_size=4, batch_first=True)
        self.cell = nn.RNNCell(4, 3)
        self.head = nn.Linear(3, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        read, state = self.again(self.read(inputs[:, 0])[0])[0], None
        for step in read.unbind(1)[::4]:
            state = self.cell(step, state)
        return self.head(state)


class Attending(nn.Module):
    """Attention with its projections in one matrix, and with one for queries, keys and values each."""

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Linear(28, 8)
        self.encode = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True)
        self.look = nn.MultiheadAttention(8, 2, kdim=28, vdim=28, batch_first=True)
        self.head = nn.Linear(8, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        rows = inputs[:, 0, ::4]
        found = self.encode(self.up(rows))
        return self.head((found + self.look(found, rows, rows)[0]).mean(1))


def transposed() -> nn.Module:
    """A convolution and its transpose, whose groups lie along the inputs."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 4, stride=4), nn.Tanh(), nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2), nn.ReLU(),
        nn.MaxPool2d(5), nn.Flatten(), nn.Linear(54, 10),
    )  # fmt: skip


class InPlace(nn.Module):
    """Changes in place what all items have in common: sharing it would be wrong from the second item on."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(784, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        common = inputs.flatten(1) * 1.0
        return self.layer(common.add_(self.layer(common).mean()))


class BackDoor(nn.Module):
    """Reads its weights where tracing cannot see that it does."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(784, 10, bias=False)

    def forward(self, inputs: Tensor) -> Tensor:
        return functional.linear(inputs.flatten(1), 2 * next(self.layer.parameters()))


class Attractor(nn.Module):
    """An array that is a buffer, read at every step; what it leaves behind is no part of its state."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("couplings", torch.randn(10, 10) / 4)
        self.steps = 3

    def forward(self, inputs: Tensor) -> Tensor:
        self.last = inputs.flatten(1)[:, :10] + torch.ones(10)
        couplings = (self.couplings + self.couplings.t()) / 2
        for _ in range(self.steps):
            self.last = torch.tanh(self.last @ couplings)
        return self.last


def mlp() -> nn.Module:
    """784-16-10."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 10))


def lenet() -> nn.Module:
    """Both orders of pooling and relu, and the shape arithmetic of hand-written forwards."""
    return nn.Sequential(
        nn.Conv2d(1, 3, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(3, 5, 5, bias=False), nn.MaxPool2d(3), nn.ReLU(),
        nn.Flatten(), nn.Linear(45, 12), nn.ReLU(), nn.Linear(12, 10),
    )  # fmt: skip


class Viewed(nn.Module):
    """view with a size asked from the maps."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 5, stride=3)
        self.pool = nn.MaxPool2d(3)
        self.head = nn.Linear(12, 10)

    def forward(self, inputs: Tensor) -> Tensor:
        maps = self.pool(torch.sigmoid(self.conv(inputs)).relu())
        return self.head(maps.view(maps.size(0), -1))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "mlp": mlp,
    "lenet": lenet,
    "residual": Residual,
    "tied": Tied,
    "unknown": Unknown,
    "branching": Branching,
    "recurrent": Recurrent,
    "both-ways": BothWays,
    "attending": Attending,
    "transposed": transposed,
    "in-place": InPlace,
    "back-door": BackDoor,
    "viewed": Viewed,
}


def built(name: str) -> nn.Module:
    """A network with weights of its own name."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(sum(map(ord, name)))
        return NETWORKS[name]().eval()


def images(count: int, seed: int = 1) -> Tensor:
    """(count, 1, 28, 28)."""
    return torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(seed))


def space_of(method: Method, network: nn.Module, **options: Any) -> dict[str, Range]:
    """What a method searches on a network whose arrays are the default ones."""
    return method.space(network, default_arrays(network), **options)


def attached(
    method: Method, network: nn.Module, params: Mapping[str, float], generator: torch.Generator, **options: Any
) -> Sequence[Handle]:
    """The handles of a method's noise on a network whose arrays are the default ones."""
    return method.attach(network, default_arrays(network), params, generator, **options)
