"""Trained states: what comes back is what was saved, or an error that names the file."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
import torch
from torch import nn

from suite.results import store
from suite.results.files import ResultsNotWritable
from tests import cubes

KEY = "ab" * 32
METADATA = {"params": {"rate_1": 0.5}, "validation": {"accuracy": 0.98}, "name": "Ωμ"}


def network() -> nn.Module:
    """Parameters and buffers of several types: batch norm counts batches in an int64 of no dimension."""
    made = nn.Sequential(nn.Conv2d(1, 3, 2), nn.BatchNorm2d(3), nn.Linear(4, 2, bias=False))
    made.register_buffer("mask", torch.tensor([True, False]))
    made.register_buffer("pattern", torch.tensor([[1, -1]], dtype=torch.int8))
    made.register_buffer("coarse", torch.ones(3, dtype=torch.bfloat16))
    made.register_buffer("empty", torch.zeros(0, 2))
    with torch.no_grad():
        for position, parameter in enumerate(made.parameters()):
            parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape) + position / 3)
    made[1].num_batches_tracked += 7
    return made


def test_a_state_comes_back(tmp_path: Path) -> None:
    state = network().state_dict()
    assert not store.has(tmp_path, KEY)
    assert store.keys(tmp_path / "none") == frozenset()
    store.save(tmp_path, KEY, state, METADATA)
    assert store.has(tmp_path, KEY)
    assert store.keys(tmp_path) == {KEY}
    loaded = store.load(tmp_path, KEY)
    assert loaded.keys() == state.keys()
    for name, tensor in state.items():
        assert loaded[name].dtype == tensor.dtype
        assert loaded[name].shape == tensor.shape
        assert torch.equal(loaded[name], tensor)
    network().load_state_dict(loaded)
    assert store.metadata(tmp_path, KEY) == METADATA
    assert [file.name for file in tmp_path.iterdir()] == [f"{KEY}.safetensors"]


def test_tied_and_strided_tensors(tmp_path: Path) -> None:
    weight = torch.arange(6.0).reshape(2, 3)
    store.save(tmp_path, KEY, {"a": weight, "b": weight, "c": weight.T, "d": weight[:, ::2]}, {})
    loaded = store.load(tmp_path, KEY)
    assert torch.equal(loaded["a"], loaded["b"])
    assert torch.equal(loaded["c"], weight.T)
    assert torch.equal(loaded["d"], weight[:, ::2])


def test_same_state_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        store.save(tmp_path / folder, KEY, network().state_dict(), dict(reversed(METADATA.items())))
    first, second = (store.file_of(tmp_path / folder, KEY).read_bytes() for folder in ("a", "b"))
    assert first == second


def test_every_damaged_byte_is_noticed(tmp_path: Path) -> None:
    store.save(tmp_path, KEY, {"weight": torch.arange(4.0)}, METADATA)
    file = store.file_of(tmp_path, KEY)
    sound = file.read_bytes()
    header = int.from_bytes(sound[:8], "little")
    for place in (0, 9, 8 + header, len(sound) - 1):
        content = bytearray(sound)
        content[place] ^= 1
        file.write_bytes(content)
        with pytest.raises(store.CorruptState, match=rf"{KEY}\.safetensors.*delete the file"):
            store.load(tmp_path, KEY)


@pytest.mark.parametrize("size", [0, 5, 100, -1])
def test_a_truncated_file(tmp_path: Path, size: int) -> None:
    store.save(tmp_path, KEY, network().state_dict(), METADATA)
    file = store.file_of(tmp_path, KEY)
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(store.CorruptState, match="the next run trains it again"):
        store.load(tmp_path, KEY)
    if size != -1:
        with pytest.raises(store.CorruptState, match="the next run trains it again"):
            store.metadata(tmp_path, KEY)


def test_a_state_under_the_name_of_another(tmp_path: Path) -> None:
    store.save(tmp_path, KEY, network().state_dict(), METADATA)
    other = "cd" * 32
    store.file_of(tmp_path, KEY).rename(store.file_of(tmp_path, other))
    with pytest.raises(store.CorruptState, match="do not match"):
        store.load(tmp_path, other)


def test_a_state_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.load(tmp_path, KEY)


def test_a_full_disk_keeps_the_old_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save(tmp_path, KEY, {"weight": torch.zeros(2)}, {})
    with monkeypatch.context() as patched:
        cubes.refuse_writes(patched, errno.ENOSPC)
        with pytest.raises(ResultsNotWritable, match=r"safetensors.*refused"):
            store.save(tmp_path, KEY, {"weight": torch.ones(2)}, {})
    assert torch.equal(store.load(tmp_path, KEY)["weight"], torch.zeros(2))
    assert len(list(tmp_path.iterdir())) == 1
