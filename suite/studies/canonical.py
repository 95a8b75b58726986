"""One form for what a study says: entries that mean the same are the same, however they are written.

Options of methods, settings of workloads and devices and a training's epochs lose what only repeats the default of
their file, and a number becomes one of the default's kind. `Method.complete`, `Workload.at` and `Device.complete` give
back what was left out, where it is put to use. Options and settings that no file has stay as they are, for
`suite.plan.checks` to refuse; levels that a device has not are refused here, as nothing could tell what the
conditions are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from suite.contract import Scale, SuiteError
from suite.contract.registry import Registry

if TYPE_CHECKING:
    from suite.studies.entries import Adaptation, MethodEntry, WorkloadEntry
    from suite.studies.study import Levels, Study


def canonical(study: Study, registry: Registry) -> Study:
    """The study in that form. Raises ValueError, beginning with the field, where levels are not those of the device."""
    workloads = {label: _workload(entry, study.scale, registry) for label, entry in study.workloads.items()}
    methods = {label: _method(entry, registry) for label, entry in study.methods.items()}
    conditions = _conditions("conditions", study.conditions, registry)
    observe = tuple(
        entry.model_copy(update={"conditions": _conditions(f"observe.{number}.conditions", entry.conditions, registry)})
        for number, entry in enumerate(study.observe)
    )
    found = {"workloads": workloads, "methods": methods, "conditions": conditions, "observe": observe}
    return study.model_copy(update=found)


def _workload(entry: WorkloadEntry, scale: Scale, registry: Registry) -> WorkloadEntry:
    try:
        workload = registry.workload(entry.workload)
    except SuiteError:
        return entry
    usual = entry.epochs is not None and entry.epochs == workload.recipe(scale).epochs
    chosen = {"settings": _settings(workload.settings, entry.settings), "epochs": None if usual else entry.epochs}
    return entry.model_copy(update=chosen)


def _method(entry: MethodEntry, registry: Registry) -> MethodEntry:
    adapt = entry.adapt and entry.adapt.model_copy(update=_options(entry.adapt, registry))
    return entry.model_copy(update={**_options(entry, registry), "adapt": adapt})


def _options(entry: MethodEntry | Adaptation, registry: Registry) -> dict[str, Any]:
    try:
        known = registry.method(entry.method).options
    except SuiteError:
        return {}
    # 1 is True to Python: the value that the file has counts.
    chosen = {
        name: next((allowed for allowed in known.get(name, ()) if allowed == value), value)
        for name, value in sorted(entry.options.items())
    }
    defaults = {name: values[0] for name, values in known.items()}
    return {"options": _without(defaults, chosen)}


def _conditions(field: str, entries: Sequence[Levels], registry: Registry) -> tuple[Levels, ...]:
    return tuple(_levels(f"{field}.{number}", levels, registry) for number, levels in enumerate(entries))


def _levels(field: str, levels: Levels, registry: Registry) -> Levels:
    try:
        device = registry.device(levels.device)
    except SuiteError:
        return levels
    levels.check(field, device)
    return levels.model_copy(update={"settings": _settings(device.settings, levels.settings)})


def _settings(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return _without(defaults, {name: _of_kind(defaults.get(name), value) for name, value in sorted(given.items())})


def _of_kind(default: Any, value: Any) -> Any:
    return float(value) if type(default) is float and type(value) is int else value


def _without(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given and is not the default."""

    def repeats(name: str, value: Any) -> bool:
        return name in defaults and type(defaults[name]) is type(value) and defaults[name] == value

    return {name: value for name, value in given.items() if not repeats(name, value)}
