"""Small cubes for tests: scores are a fixed function of the labels, so any cell can be checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.contract import Condition, Score
from suite.results.cube import Block, Cube, Layout, Status, unit_npz, write_block
from suite.results.files import write_files

MEASURES = {"accuracy": Score("Accuracy", 0.1), "loss@unseen": Score("Loss", 2.3, higher_is_better=False)}
SOURCE = "mnist:official"


def conditions(*usabilities: float) -> list[Condition]:
    return [Condition.of(usability=usability) for usability in usabilities]


def layout(
    contestants: Sequence[str] = ("erm", "bayesmulti"),
    seeds: Sequence[int] = (0, 1),
    usabilities: Sequence[float] = (1.0, 0.9, 0.8),
    realisations: Sequence[int] = (0, 1, 2),
    chunk: tuple[int, int] = (2, 2),
) -> Layout:
    return Layout.make(contestants, seeds, conditions(*usabilities), realisations, chunk)


def value(*labels: object) -> float:
    """A number that belongs to these labels."""
    return int.from_bytes(hashlib.sha256(repr(labels).encode()).digest()[:4], "big") / 2**32


def scores(block: Block) -> dict[str, np.ndarray]:
    return {
        name: np.array(
            [
                [value(name, block.contestant, block.seed, c.key, r) for r in block.realisations]
                for c in block.conditions
            ]
        )
        for name in MEASURES
    }


def unit_hash(block: Block) -> int:
    """As of real units: what a contestant and seed read, whatever block it is computed in."""
    return int(value(block.contestant, block.seed) * 2**60) + 1


def write(path: Path, block: Block, workload: str = "mnist_mlp") -> None:
    write_block(path, workload, block, scores(block), np.zeros(block.shape, int), unit_hash(block))


def fill(cube: Cube, blocks: Iterable[Block], workload: str = "mnist_mlp") -> None:
    """Writes and marks `blocks`."""
    done = list(blocks)
    for block in done:
        write(cube.path, block, workload)
    cube.mark(workload, done, Status.DONE, [unit_hash(block) for block in done])


def ensure(cube: Cube, wanted: Layout, workload: str = "mnist_mlp") -> Layout:
    return cube.ensure(workload, wanted, MEASURES, SOURCE, "MNIST, three-layer perceptron")


def missing(cube: Cube, workload: str = "mnist_mlp") -> list[Block]:
    """What a run would still compute."""
    hashes = cube.hashes(workload)
    return [block for block in cube.layout(workload).blocks() if hashes[block.grid] != unit_hash(block)]


def filled_cube(path: Path, wanted: Layout | None = None) -> Cube:
    cube = Cube.create_or_open(path, "quick", 3)
    ensure(cube, wanted or layout())
    fill(cube, missing(cube))
    return cube


def files(folder: Path) -> dict[str, bytes]:
    """Every file under `folder` and its bytes."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def refuse_writes(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """From now on the file system refuses every new file."""
    original = Path.open

    def opened(self: Path, mode: str = "r", *rest: object, **more: object) -> object:
        if mode.startswith(("w", "a", "x")):
            raise OSError(code, "refused", str(self))
        return original(self, mode, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", opened)


def save_unit_npz(folder: Path, workload: str, block: Block, *content: Any) -> Path:
    """Writes the file of one unit; content: as of `unit_npz`."""
    made = unit_npz(folder, workload, block, *content)
    write_files(made)
    (file,) = made
    return file
