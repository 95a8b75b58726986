"""Units as npz files: what a machine without zarr writes, for `ingest` to add to a cube. Needs numpy alone."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from suite.contract import SuiteError
from suite.results.cube.former import renamed
from suite.results.cube.layout import Block

Array = np.ndarray[Any, Any]
PREFIX = "score:"


class CorruptUnit(SuiteError):
    """A unit's npz file is not what was written."""


@dataclass(frozen=True)
class Unit:
    """The scores of one block, by labels: conditions are keys; scores and nonfinite are (conditions, realisations)."""

    workload: str
    contestant: str
    seed: int
    conditions: tuple[str, ...]
    realisations: tuple[int, ...]
    unit_hash: int
    scores: Mapping[str, Array]
    nonfinite: Array


class UndefinedScore(SuiteError):
    """A unit's score is NaN, or has another shape than its block."""


def check_scores(workload: str, block: Block, scores: Mapping[str, Array]) -> None:
    """Raises UndefinedScore unless each score is (c, r) numbers without NaN: NaN means "not done"."""
    for name, values in scores.items():
        if np.shape(values) != block.shape or np.isnan(values).any():
            raise UndefinedScore(
                f"workload {workload!r}, contestant {block.contestant!r}, seed {block.seed}: score {name!r} must be "
                f"{block.shape} numbers without NaN; mend `scores` of the workload file"
            )


def unit_file(folder: Path, workload: str, block: Block, unit_hash: int) -> Path:
    """Where `unit_npz` puts this unit: if the file is there, the unit is done."""
    name = hashlib.sha256(_labels(workload, block, unit_hash).encode()).hexdigest()[:16]
    label = f"{workload}-{block.contestant}".replace("/", "-")
    return folder / f"{label}-{block.seed}-{name}.npz"


def unit_npz(
    folder: Path, workload: str, block: Block, scores: Mapping[str, Array], nonfinite: Array, unit_hash: int
) -> dict[Path, bytes]:
    """The file of one unit. Arguments as of `Writer.stages`. Raises UndefinedScore."""
    check_scores(workload, block, scores)
    content = io.BytesIO()
    named = {PREFIX + name: np.asarray(values, "float64") for name, values in scores.items()}
    labels = np.array(_labels(workload, block, unit_hash))
    np.savez(content, labels=labels, nonfinite=np.asarray(nonfinite, "int32"), **named)  # type: ignore[arg-type]
    return {unit_file(folder, workload, block, unit_hash): content.getvalue()}


class UnitFolder:
    """The books of a machine without a cube: a unit is done if its file is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def done(self, workload: str) -> Callable[[Block, int], bool]:
        """Whether a block's file is there under a hash."""
        return lambda block, unit_hash: unit_file(self.folder, workload, block, unit_hash).exists()


def load_unit_npz(file: Path) -> Unit:
    """The unit in `file`; raises CorruptUnit."""
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as content:
            labels = renamed(json.loads(str(content["labels"])))
            names = [name for name in content.files if name.startswith(PREFIX)]
            scores = {name.removeprefix(PREFIX): content[name] for name in names}
            unit = Unit(
                labels["workload"],
                labels["contestant"],
                labels["seed"],
                tuple(labels["conditions"]),
                tuple(labels["realisations"]),
                labels["unit_hash"],
                scores,
                content["nonfinite"],
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise CorruptUnit(f"{file}: not a sound unit ({error}); copy it again or delete it") from error
    shape = (len(unit.conditions), len(unit.realisations))
    if any(values.shape != shape for values in (*unit.scores.values(), unit.nonfinite)):
        raise CorruptUnit(f"{file}: its arrays are not {shape}; delete it")
    if any(np.isnan(values).any() for values in unit.scores.values()):
        raise CorruptUnit(f"{file}: a score is NaN; delete it")
    return unit


def _labels(workload: str, block: Block, unit_hash: int) -> str:
    return json.dumps(
        {
            "workload": workload,
            "contestant": block.contestant,
            "seed": block.seed,
            "conditions": [condition.key for condition in block.conditions],
            "realisations": list(block.realisations),
            "unit_hash": unit_hash,
        }
    )
