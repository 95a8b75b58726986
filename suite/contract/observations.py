"""What a workload may show of a trained state beside its scores: named arrays, such as a confusion matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suite.contract.conditions import Condition

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import ArrayLike
    from torch import Tensor, nn

    from suite.contract.data import Splits
    from suite.contract.lines import LineReads


@dataclass(frozen=True)
class Observed:
    """A trained state on one crossbar, as an observation sees it.

    network: in evaluation mode, on its device, with the programmed weights in place as plain weights: converters and
        read noise are in `outputs` alone.
    splits: the workload's data; generator: a CPU stream of this observation, the same for every method.
    outputs(test set) -> (outputs, targets) of the whole set, as the workload's `scores` gets them.
    conductances_uS: {array: (2, *shape)}, the cells of each pair; empty where the crossbar has no circuit.
    reads(): what the sensed lines of all arrays give on training samples, array by array and tile by tile; raises
        NotApplicable where the crossbar has no circuit, or an array is read as another than a matrix.
    """

    network: nn.Module
    splits: Splits
    condition: Condition
    generator: torch.Generator
    outputs: Callable[[str], tuple[Any, Any]]
    conductances_uS: Mapping[str, Tensor]
    reads: Callable[[], Sequence[LineReads]]


@dataclass(frozen=True)
class Observation:
    """One kind of observation, an entry of `Workload.observations`.

    dims: {array name: names of its dimensions}; a name has one length over all arrays of a unit, and is none of
        contestant, seed, condition, realisation.
    observe(observed) -> {array name: numbers or texts}, numpy, with those dimensions. Same input, same bytes.
    """

    title: str
    dims: Mapping[str, tuple[str, ...]]
    observe: Callable[[Observed], Mapping[str, np.ndarray]]


def confusion(classes: int) -> Observation:
    """Counts (target, predicted) over the test set, of classifiers with (N, classes) outputs.

    A sample whose output is not finite is predicted as none: its row sums to less than the class has samples.
    """

    def observe(observed: Observed) -> dict[str, np.ndarray]:
        import torch

        outputs, targets = observed.outputs("test")
        finite = torch.isfinite(outputs).all(1)
        cells = targets[finite] * classes + outputs[finite].argmax(1)
        return {"count": torch.bincount(cells, minlength=classes**2).reshape(classes, classes).numpy()}

    return Observation("Confusion matrix", {"count": ("target", "predicted")}, observe)


def array_energies(inputs: ArrayLike, conductances_uS: ArrayLike, *, read_voltage_V: float) -> dict[str, float]:
    """low_J, high_J, power_W, write_low_J, write_high_J of an array: see suite.contract.energy.energies."""
    from suite.contract.energy import energies

    return energies(inputs, conductances_uS, read_voltage_V=read_voltage_V)
