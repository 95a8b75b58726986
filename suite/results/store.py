"""The store of trained states: one safetensors file per fit hash, shared by all studies that need the same training."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import SuiteError
from suite.results.files import write_bytes

if TYPE_CHECKING:
    from torch import Tensor

# One entry holds all we say of a state: safetensors keeps several entries in no fixed order, and so in other bytes.
HEADER = "suite"


class CorruptState(SuiteError):
    """The file of a trained state is not what was written."""


def file_of(folder: Path, key: str) -> Path:
    """Where the state of fit hash `key` lies."""
    return folder / f"{key}.safetensors"


def has(folder: Path, key: str) -> bool:
    """Whether the store has a state of fit hash `key`."""
    return file_of(folder, key).exists()


def keys(folder: Path) -> frozenset[str]:
    """The fit hashes of all states in the store: one look at the folder, where `has` looks once for each."""
    if not folder.is_dir():
        return frozenset()
    return frozenset(entry.name.removesuffix(".safetensors") for entry in os.scandir(folder))


def save(folder: Path, key: str, network_state: Mapping[str, Tensor], metadata: Mapping[str, Any]) -> None:
    """Writes a state dict (buffers included) and what JSON says of it, atomically. Raises ResultsNotWritable."""
    write_bytes(file_of(folder, key), packed(key, network_state, metadata))


def packed(key: str, network_state: Mapping[str, Tensor], metadata: Mapping[str, Any]) -> bytes:
    """A state dict and what JSON says of it as one file's content.

    Same state and metadata, same bytes. Tensors that share memory are stored apart.
    """
    from safetensors.torch import save as to_bytes

    tensors = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in network_state.items()}
    header = {"key": key, "sha256": _digest(tensors), "metadata": dict(metadata)}
    content: bytes = to_bytes(tensors, {HEADER: json.dumps(header, sort_keys=True)})
    return content


def load(folder: Path, key: str) -> dict[str, Tensor]:
    """The state dict of fit hash `key`, on CPU. Raises CorruptState; FileNotFoundError if there is none."""
    file = file_of(folder, key)
    return unpacked(file, key, file.read_bytes())


def unpacked(file: Path, key: str, content: bytes) -> dict[str, Tensor]:
    """The state dict in the content of the file of fit hash `key`. Raises CorruptState."""
    from safetensors import SafetensorError
    from safetensors.torch import load as from_bytes

    try:
        tensors = from_bytes(content)
        header = _header(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise _corrupt(file, str(error)) from error
    if header["sha256"] != _digest(tensors) or header["key"] != key:
        raise _corrupt(file, "its tensors do not match their hash")
    return tensors


def metadata(folder: Path, key: str) -> dict[str, Any]:
    """What `save` was told of the state. Raises CorruptState; FileNotFoundError if there is none."""
    file = file_of(folder, key)
    try:
        return dict(_header(file.read_bytes())["metadata"])
    except (ValueError, KeyError) as error:
        raise _corrupt(file, str(error)) from error


def _header(content: bytes) -> dict[str, Any]:
    """The JSON that `save` put into the file: 8 bytes of length, then the header of the format."""
    size = int.from_bytes(content[:8], "little")
    header: dict[str, Any] = json.loads(json.loads(content[8 : 8 + size])["__metadata__"][HEADER])
    return header


def _digest(tensors: Mapping[str, Tensor]) -> str:
    import torch

    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _corrupt(file: Path, cause: str) -> CorruptState:
    return CorruptState(f"{file}: not a sound trained state ({cause}); delete the file: the next run trains it again")
