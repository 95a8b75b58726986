"""Devices tried on a few cells before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract import Condition, SuiteError
from suite.contract.seeds import torch_generator

if TYPE_CHECKING:
    from suite.contract.registry import Entry

SHAPE = (2, 2, 2)


def noisy_at_reading(entry: Entry, condition: Condition) -> bool:
    """Whether cells of a device vary from read to read under a condition. Raises SuiteError, with the device's file,
    where it cannot program under it, or gives a `read_sd` to what may be plain weights."""
    import torch

    device = entry.value
    complete = device.complete(condition)
    if device.ideal(complete):
        return False
    try:
        noise = device.draw(SHAPE, torch_generator(0, "tried")).unsqueeze(0)
        found = device.program(torch.ones(SHAPE), complete, noise).read_sd
    except Exception as error:  # it is the user's code
        said = str(error) if isinstance(error, SuiteError) else f"{type(error).__name__}: {error}"
        raise SuiteError(f"{entry.path}: cells cannot be programmed under {condition.key}: {said}") from error
    if found is not None and not device.conductances:
        raise SuiteError(f"{entry.path}: `program` gives a read_sd, in uS: say so by Device(..., conductances=True)")
    return found is not None
