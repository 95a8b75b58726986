"""A run packed for others: its study with plug-in files, a state of each contestant, and the scores it has to give."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from suite.contract import SuiteError
from suite.contract.digests import file_hash
from suite.plan.context import Context
from suite.plan.parts import WorkloadPlan
from suite.plan.plan import Plan
from suite.plan.units import AdaptUnit
from suite.results import store
from suite.results.cube import Layout, read_scores
from suite.results.files import write_bytes
from suite.results.provenance import write_receipt
from suite.studies.study import Study, load_study

STUDY, SWEEPS, MANIFEST, RECEIPT = "study.yaml", "sweeps.json", "manifest.json", "receipt.json"
# Realisations that a check sweeps again.
AGAIN = 2
_LEFT_BEHIND = shutil.ignore_patterns("__pycache__", ".*")


def check_free(folder: Path) -> None:
    """Raises SuiteError for a folder that holds something: a submission holds what was packed and nothing else."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SuiteError(f"{folder}: is there and not empty; name another one, or delete it")


def pack(context: Context, plan: Plan, folder: Path) -> None:
    """Beside the tables that `publish` has written there: study, plug-ins, states, scores, and a hash of every file."""
    study = _portable(context.study, folder)
    # To whoever checks it, a submission is a results folder.
    packed = replace(context, results=folder)
    entries = [entry for part in plan.workloads.values() for entry in _entries(context, part)]
    for key in dict.fromkeys(key for entry in entries for key in (entry["state"], *entry["needs"])):
        write_bytes(store.file_of(packed.store, key), store.file_of(context.store, key).read_bytes())
    write_bytes(folder / SWEEPS, (json.dumps(entries, indent=1) + "\n").encode())
    receipt = json.loads((folder / RECEIPT).read_text())
    write_receipt(folder / RECEIPT, {**receipt, "study": study})
    write_bytes(folder / MANIFEST, (json.dumps(hashes(folder), indent=1) + "\n").encode())


def hashes(folder: Path) -> dict[str, str]:
    """Of every file but the one that says them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    named = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: file_hash(path) for name, path in named.items() if name != MANIFEST}


def _portable(study: Study, folder: Path) -> dict[str, Any]:
    """Writes the study with all files and folders that it names; gives it in full, its paths those of the copies."""
    copies: dict[str, str] = {}
    written = _with_copies(study.model_dump(mode="json", exclude_defaults=True), folder, copies)
    write_bytes(folder / STUDY, yaml.safe_dump(written, sort_keys=False).encode())
    full: dict[str, Any] = _with_copies(study.model_dump(mode="json"), folder, copies)
    load_study(folder / STUDY)
    return full


def _with_copies(value: Any, folder: Path, copies: dict[str, str]) -> Any:
    """A value of the study with the paths of copies in it, each made once."""
    if isinstance(value, dict):
        return {key: _with_copies(one, folder, copies) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_copies(one, folder, copies) for one in value]
    if not isinstance(value, str) or not Path(value).is_absolute():
        return value
    if value not in copies:
        copies[value] = _copied(Path(value), folder, len(copies))
    return copies[value]


def _copied(path: Path, folder: Path, number: int) -> str:
    """Where the copy lies, from the study's file; the pattern of external states, which are packed as all are, has
    none."""
    place = Path("files", str(number), path.name)
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, folder / place, ignore=_LEFT_BEHIND)
    elif path.is_file():
        shutil.copy(path, folder / place)
    return place.as_posix()


def _entries(context: Context, part: WorkloadPlan) -> Iterator[dict[str, Any]]:
    """One per contestant that has scores: the state of the first seed under the condition in the middle of the study's,
    and what every realisation of it has scored."""
    conditions = context.study.conditions_of(part.name)
    condition, seed = conditions[len(conditions) // 2], context.study.seeds[0]
    realisations = range(part.realisations)
    for fit, units in part.sweeps_by_fit(context.study):
        if fit.seed != seed:
            continue
        asked = Layout.make([fit.contestant.label], [seed], [condition], realisations, (1, len(realisations)))
        scores = {name: values[0, 0, 0] for name, values in read_scores(context.cube, part.name, asked).items()}
        if all(np.isnan(values).all() for values in scores.values()):
            continue
        needs = {need for unit in units for need in unit.needs if need.condition == condition}
        yield {
            "workload": part.name,
            "contestant": fit.contestant.label,
            "seed": seed,
            "condition": condition.key,
            "state": fit.hash,
            "needs": [need.hash for need in sorted(needs, key=_by_realisation)[:AGAIN]],
            "scores": {name: values.tolist() for name, values in scores.items()},
        }


def _by_realisation(need: AdaptUnit) -> int:
    return need.realisation
