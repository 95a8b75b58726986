"""Trained states that somebody else made: `method: external` with `state: PATH` in a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import SuiteError, Workload

if TYPE_CHECKING:
    from torch import Tensor, nn


class BadState(SuiteError):
    """A file of the user that is no state dict of the workload's network."""


def load_external(path: Path, workload: Workload, network: nn.Module) -> None:
    """Load a .safetensors file, or a state dict saved by torch, into a network as the workload builds it; it may leave
    out what is frozen. Raises BadState."""
    import torch
    from safetensors.torch import load_file

    from suite.crossbar.frozen import changed, load_learned

    try:
        safe = path.suffix == ".safetensors"
        state: dict[str, Tensor] = load_file(path) if safe else torch.load(path, map_location="cpu", weights_only=True)
        if other := changed(workload, network, state):
            raise ValueError(f"it has other values of {', '.join(other)} than the file of its frozen parts")
        load_learned(workload, network, state)
    except Exception as error:
        raise BadState(f"{path}: not a state dict of this workload's network: {error}") from error
