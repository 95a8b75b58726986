"""Warm start: a search may begin with the best that the search of another study found at a cheaper scale.

Only the values are taken over, as the first candidate; what they are worth is measured anew at the own scale.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from suite.contract import Scale, SuiteError
from suite.contract.commands import command
from suite.plan.units import Contestant
from suite.results.records import load_record
from suite.studies.entries import MethodEntry
from suite.studies.study import Study, StudyError, load_study

if TYPE_CHECKING:
    from suite.plan.context import Context

_SCALES: tuple[str, ...] = get_args(Scale)


def warming(study: Study) -> Study | None:
    """The study whose searches warm those of `study`; None where it asks for none. Raises SuiteError unless it is of a
    cheaper scale, which also keeps studies from warming each other."""
    if study.tuning.warm_start is None:
        return None
    try:
        other = load_study(study.tuning.warm_start)
    except StudyError as error:
        raise SuiteError(f"{study.at('tuning.warm_start')}: {error}") from error
    if _SCALES.index(other.scale) >= _SCALES.index(study.scale):
        raise SuiteError(
            f"{study.at('tuning.warm_start')}: {other.reference} is of scale {other.scale}, which is not cheaper than "
            f"{study.scale}; the scales are, from the cheapest on, {', '.join(_SCALES)}"
        )
    return other


def alike(workload: str, study: Study, other: Study) -> str | None:
    """What the `other` study calls a workload of `study`; None where it has none with equal settings."""
    entry = study.workloads[workload]
    return next((label for label, theirs in other.workloads.items() if theirs == entry), None)


def counterpart(contestant: Contestant, study: Study, other: Study) -> Contestant | None:
    """Who trains like the contestant of `study` in the `other` study and is tuned there, by the same kind of search if
    there are several; None where nobody is."""
    found = {label: entry for label, entry in other.methods.items() if _trains_alike(entry, contestant.entry)}
    workload = alike(contestant.workload, study, other)
    if workload is None or not found:
        return None
    label = min(found, key=lambda label: found[label].tuning != contestant.entry.tuning)
    return Contestant(workload, label, found[label])


def check_counterparts(study: Study, contestants: Iterable[Contestant]) -> None:
    """Raises SuiteError unless every search of `study` finds the one that it starts warm from."""
    other = warming(study)
    if other is None:
        return
    for contestant in contestants:
        if contestant.tuned and counterpart(contestant, study, other) is None:
            raise SuiteError(
                f"{study.at('tuning.warm_start')}: {other.reference} does not tune {contestant.label} on "
                f"{contestant.workload}; add the workload and the method there, with equal settings, options and params"
            )


def _trains_alike(entry: MethodEntry, wanted: MethodEntry) -> bool:
    same = {"tuning": wanted.tuning, "adapt": wanted.adapt}
    return entry.tuning != "none" and entry.model_copy(update=same) == wanted


def warm_values(context: Context, contestant: Contestant, warm_hash: str) -> dict[str, float] | None:
    """What the search of that hash chose; None where the contestant starts cold. Raises SuiteError, with the command,
    where the store has no such search."""
    if not warm_hash:
        return None
    record = load_record(context.store, warm_hash)
    if record is None:
        study = context.study
        place = [] if context.results == Path("results") else ["--results", context.results]
        device = [] if context.accelerator == "cpu" else ["--device", context.accelerator]
        first = load_study(study.tuning.warm_start or "").reference
        raise SuiteError(
            f"{study.at('tuning.warm_start')}: {context.store} has no search of {contestant.label} on "
            f"{contestant.workload} yet; first run: {command('run', first, '--stage', 'train', *place, *device)}"
        )
    values: dict[str, float] = record["params"]
    return values
