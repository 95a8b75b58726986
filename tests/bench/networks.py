"""The networks that speed is measured on, as workloads on synthetic images of MNIST's and of CIFAR's shape."""

from __future__ import annotations

from torch import nn

from suite.contract import Recipe, Score, Splits, Workload, accuracy, seeded
from suite.contract.registry import registry
from suite.contract.seeds import torch_generator

CLASSES, ENTROPY = 10, 20412


def mlp() -> nn.Module:
    """784-256-10."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


def lenet() -> nn.Module:
    """LeNet-5 as in LeCun et al. 1998 with relu and max pooling; 61,706 parameters."""
    first = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2))
    second = nn.Sequential(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    linear = [nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
    return nn.Sequential(*first, *second, *linear)


# {name: (network, images per forward pass)}
NETWORKS = {"MLP 784-256-10": (mlp, 1000), "LeNet-5": (lenet, 256)}
# {name: workload}, those of photographs.
PHOTOGRAPHS = {"AlexNet": "cifar_alexnet", "ResNet-20": "cifar_resnet"}


def fresh(name: str) -> nn.Module:
    """A network of either table. Raises SuiteError for a workload whose packages are missing."""
    if name in NETWORKS:
        return NETWORKS[name][0]()
    workload = registry().workload(PHOTOGRAPHS[name]).at("reference", {})
    built: nn.Module = workload.network(torch_generator(ENTROPY, "bench-network", name))
    return built


def made(name: str, samples: int, recipe: Recipe) -> tuple[Workload, Splits]:
    """The workload, and its data from the keyed generator: the same images in all splits."""
    import torch
    from torch.utils.data import TensorDataset

    generator = torch_generator(ENTROPY, "bench", name)
    shape = (3, 32, 32) if name in PHOTOGRAPHS else (1, 28, 28)
    images = torch.rand(samples, *shape, generator=generator)
    data = TensorDataset(images, torch.randint(CLASSES, (samples,), generator=generator))
    splits = Splits(data, data, {"test": data}, "synthetic:images")

    def network(generator: torch.Generator, scale: object = None, settings: object = None) -> nn.Module:
        with seeded(generator):
            return fresh(name)

    workload = Workload(
        title=name,
        data=lambda scale, root, seed, settings: splits,
        network=network,
        recipe=lambda scale: recipe,
        measures={"accuracy": Score("Accuracy", 1 / CLASSES)},
        scores=lambda outputs, targets: {"accuracy": accuracy(outputs, targets)},
        floor=("accuracy", 0.0),
    ).at("ci", {})
    return workload, splits
