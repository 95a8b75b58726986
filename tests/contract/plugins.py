"""Every plug-in file that the contract holds: those of the house and the drop-ins beside this module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from suite.contract import DataMissing, Method, Scale, Splits, Workload
from suite.registry import Kind, registry
from suite.training import train

DROPINS = Path(__file__).parent / "dropins"
KINDS: tuple[Kind, ...] = ("workload", "method", "device")
ALL = registry((DROPINS,))
ENTROPY = 7


def files(*kinds: Kind) -> list[Any]:
    """The entries of these kinds as parameters of a test, called by kind and name."""
    return [pytest.param(entry, id=f"{kind}-{entry.name}") for kind in kinds for entry in ALL.entries(kind)]


def workloads() -> Any:
    """Parametrises a test by `name`: every workload file."""
    return pytest.mark.parametrize("name", [entry.name for entry in ALL.entries("workload")])


def options_of(method: Method) -> Iterator[dict[str, Any]]:
    """Every combination of a method's options."""
    for values in product(*method.options.values()):
        yield dict(zip(method.options, values, strict=True))


def usable(name: str) -> Workload:
    """The workload; skips the test where a package that it needs is not installed."""
    entry = ALL.entry("workload", name)
    if entry.missing:
        pytest.skip(f"{name} needs {', '.join(entry.missing)}")
    workload: Workload = entry.value
    return workload


@cache
def _loaded(name: str, scale: Scale) -> Splits | str:
    try:
        return ALL.workload(name).data(scale, None, 0)
    except DataMissing as error:
        return str(error)


def splits(name: str, scale: Scale = "ci") -> Splits:
    """The data of seed 0, read once; skips the test where it is not on this machine."""
    usable(name)
    loaded = _loaded(name, scale)
    if isinstance(loaded, str):
        pytest.skip(loaded)
    return loaded


def fresh(name: str, seed: int = 0) -> nn.Module:
    """A network as the workload builds it, in evaluation mode."""
    return usable(name).network(torch.Generator().manual_seed(seed)).eval()


@cache
def _state(name: str, scale: Scale) -> Mapping[str, Any]:
    workload = ALL.workload(name)
    network = train(
        workload,
        ALL.method("erm"),
        splits(name, scale),
        workload.recipe(scale),
        name=name,
        entropy=ENTROPY,
        seed=0,
        params={},
        options={},
    )
    return network.state_dict()


def trained(name: str, scale: Scale = "ci") -> nn.Module:
    """A network trained by plain risk minimisation with the recipe as it is; the training is done once."""
    network = fresh(name)
    network.load_state_dict(_state(name, scale))
    return network
