"""What a workflow compares before it runs a study again: one hash for all trainings, one for all sweeps.

A workflow asks each time that it is looked at. So what data are is kept in `results/data.json`; they are read anew
where one of their files, or the state of a source, is no longer what it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from suite.contract import DataMissing
from suite.contract.digests import digest
from suite.contract.registry import registry
from suite.contract.sources import Source
from suite.data.datasets import data_root, source_file, statuses
from suite.plan.checks import check_names
from suite.plan.context import Context
from suite.plan.identity.fingerprint import closure, fingerprint
from suite.plan.identity.hashes import OBSERVE_CODE, Hashes, code_of
from suite.plan.units import Contestant
from suite.results.files import ResultsNotWritable, write_bytes
from suite.studies.study import Study


def stage_hashes(context: Context) -> dict[str, str]:
    """{"train": ..., "sweep": ...}; a workload that cannot run here stands there with the reason. Raises SuiteError."""
    study, known = context.study, registry(context.study.plugins)
    check_names(study, known)
    train: list[str] = []
    sweep: list[str] = []
    contestants = [Contestant("", label, entry) for label, entry in study.methods.items()]
    for name in study.workloads:
        hashes = Hashes.of(study, name, partial(_data, context, name), "cpu")
        sweep += [f"{c.key} {hashes.crossbar(c.device, c.crossbar)}" for c in study.conditions_of(name)]
        sweep += filter(None, map(hashes.adaptation, contestants))
        try:
            train += list(_trainings(study, hashes))
        except DataMissing as error:
            train.append(f"{name}: {error}")
    observed = [entry.model_dump(mode="json", exclude_defaults=True) for entry in study.observe]
    wanted = [] if study.precision is None else [study.precision.model_dump(exclude_defaults=True)]
    swept = digest([sweep, study.realisations, observed, code_of(OBSERVE_CODE), *wanted])
    return {"train": digest(train), "sweep": swept}


def _trainings(study: Study, hashes: Hashes) -> Iterable[str]:
    for label, entry in study.methods.items():
        contestant = Contestant(hashes.name, label, entry)
        tune = hashes.tune(contestant)
        yield from (hashes.fit(contestant, seed, tune) for seed in study.seeds)


def _data(context: Context, name: str, study: Study, seed: int) -> tuple[Source, str]:
    """Source and digest of data, as they were found last if nothing has changed since. Raises DataMissing."""
    there = replace(context, study=study)
    entry, settings = there.entry(name), study.workloads[name].settings
    if entry.missing:
        raise DataMissing(f"needs {', '.join(entry.missing)}")
    root, book = context.root or data_root(), context.results / "data.json"
    place = [study.scale, str(root), there.stream(name), settings, there.data_key(name, seed)[1]]
    key = digest([fingerprint(entry.path), _states(entry.path, root), *place])
    records = _records(book)
    if key not in records or records[key]["files"] != _stamps(records[key]["files"]):
        found = there.identity(name, seed)
        if found.files is None:
            return found.source, found.digest
        files = _stamps(map(str, found.files))
        records[key] = {"source": found.source, "digest": found.digest, "files": files}
        # Who cannot write here looks the data up again the next time.
        with suppress(ResultsNotWritable):
            write_bytes(book, json.dumps(records, indent=1, sort_keys=True).encode())
    return records[key]["source"], records[key]["digest"]


def _states(workload: Path, root: Path) -> dict[str, str]:
    """Where the sources that a workload loads lie: other files may have become available."""
    code = set(closure([workload]))
    return {found.name: f"{found.state} {found.note}" for found in statuses(root) if source_file(found.name) in code}


def _stamps(files: Iterable[str]) -> dict[str, list[int] | None]:
    """What shows that a file was written since: size and times; None where it is gone."""
    found: dict[str, list[int] | None] = {}
    for file in files:
        path = Path(file)
        stat = path.stat() if path.is_file() else None
        found[file] = stat and [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
    return found


def _records(book: Path) -> dict[str, Any]:
    try:
        found = json.loads(book.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
