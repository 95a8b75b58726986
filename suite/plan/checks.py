"""What a study says held against the files that it names: every name, option and setting, with file and field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from suite.contract import Device, Method, SuiteError
from suite.contract.names import meant
from suite.contract.registry import Entry, Registry
from suite.crossbar.settings import NoConductances
from suite.plan.context import Context
from suite.studies.crossbars import CrossbarSettings
from suite.studies.entries import Adaptation, MethodEntry
from suite.studies.study import Levels, Observe, Study


def check_names(study: Study, registry: Registry) -> None:
    """Raises SuiteError where the study names or sets what its plug-ins do not have."""
    for label, entry in study.workloads.items():
        with _located(study, "workloads" if label == entry.workload else f"workloads.{label}"):
            workload = registry.workload(entry.workload)
            _check_settings(entry.settings, workload.settings, entry.workload)
            if entry.epochs is not None and not workload.trainable:
                raise SuiteError(f"epochs: {entry.workload} is built in one shot, not trained; leave epochs out")
    for label, method in study.methods.items():
        with _located(study, f"methods.{label}"):
            _check_method(method, registry)
    for number, levels in enumerate(study.conditions):
        with _located(study, f"conditions.{number}"):
            _check_settings(levels.settings, registry.device(levels.device).settings, levels.device)
            _check_cells(study, levels, registry.device(levels.device))
            _check_scores(study, levels, registry)
    for number, observe in enumerate(study.observe):
        with _located(study, f"observe.{number}"):
            _check_observe(observe, study, registry)


def check_built(context: Context, name: str) -> None:
    """Raises SuiteError, with the workload's file and the layer, where its network would be scored wrongly."""
    from suite.plan.rehearsal import few
    from suite.plan.soundness import check_network

    entry = context.entry(name)
    workload, seed = context.workload(name), context.study.seeds[0]
    batch = few(workload, context.splits(name, seed).train)
    try:
        check_network(workload, lambda: context.initial_network(name, seed), batch)
    except SuiteError as error:
        raise type(error)(f"{entry.path}: {error}") from error
    except Exception as error:  # building and calling it is the user's code
        said = f"{type(error).__name__}: {error}"
        raise SuiteError(f"{entry.path}: the network cannot be built and called on training samples: {said}") from error


@contextmanager
def _located(study: Study, field: str) -> Iterator[None]:
    """Errors inside begin with the study's file and the field."""
    try:
        yield
    except SuiteError as error:
        raise type(error)(f"{study.at(field)}: {error}") from error


def _check_method(entry: MethodEntry, registry: Registry) -> None:
    trains = registry.method(entry.method)
    if trains.adapt is not None:
        raise SuiteError(
            f"{entry.method} trains nothing, it adapts what is trained: name a method that trains, and write "
            f"`adapt: {{method: {entry.method}}}` beside it"
        )
    _check_options(entry, trains)
    if entry.adapt is not None:
        adapts = registry.method(entry.adapt.method)
        if adapts.adapt is None:
            known = sorted(found.name for found in registry.entries("method") if _adapts(found))
            raise SuiteError(f"adapt.method: {entry.adapt.method} adapts nothing; those that do: {', '.join(known)}")
        _check_options(entry.adapt, adapts)


def _adapts(found: Entry) -> bool:
    return not found.missing and found.value.adapt is not None


def _check_options(entry: MethodEntry | Adaptation, method: Method) -> None:
    for option, value in entry.options.items():
        if option not in method.options:
            raise SuiteError(f"options: {entry.method} has no option {option!r}{meant(option, method.options)}")
        if value not in method.options[option]:
            allowed = ", ".join(map(str, method.options[option]))
            raise SuiteError(f"options.{option}: {value!r} is not one of {allowed}")


def _check_observe(entry: Observe, study: Study, registry: Registry) -> None:
    # A run may be of some of the study's workloads alone.
    for name in study.workloads.keys() & {*entry.workloads}:
        known = registry.workload(study.workloads[name].workload).observations
        if entry.what not in known:
            raise SuiteError(f"what: workload {name!r} has no observation {entry.what!r}{meant(entry.what, known)}")
    for levels in entry.conditions:
        _check_settings(levels.settings, registry.device(levels.device).settings, levels.device)
        _check_cells(study, levels, registry.device(levels.device))


def _check_settings(given: Mapping[str, Any], known: Mapping[str, Any], owner: str) -> None:
    for setting, value in given.items():
        if setting not in known:
            raise SuiteError(f"settings: {owner} has no setting {setting!r}{meant(setting, known)}")
        expected = type(known[setting])
        # A default of None says nothing of the type. bool is an int to Python, not to us.
        if type(value) is not expected and (expected, type(value)) != (float, int) and expected in _KINDS:
            found = f"{value!r} is {_KINDS[type(value)]}"
            raise SuiteError(f"settings.{setting}: {found}, {owner} expects {_KINDS[expected]}")


def _check_cells(study: Study, levels: Levels, device: Device) -> None:
    crossbar = study.crossbars.get(levels.crossbar, CrossbarSettings())
    if device.conductances and crossbar.g_max_uS is None:
        raise SuiteError(f"crossbar: {NoConductances(levels.device, levels.crossbar)}")
    if (crossbar.g_max_uS or 0.0) > device.most_uS:
        raise SuiteError(
            f"crossbar: {levels.device} is known up to {device.most_uS:g} uS, and cells of crossbar "
            f"{levels.crossbar!r} reach {crossbar.g_max_uS:g}; give it a g_max_uS of {device.most_uS:g} or less"
        )


def _check_scores(study: Study, levels: Levels, registry: Registry) -> None:
    """A cube has one name for a level, or for a score."""
    for name in study.workloads.keys() & {*(levels.workloads or study.workloads)}:
        if taken := levels.others.keys() & registry.workload(study.workloads[name].workload).measures.keys():
            raise SuiteError(f"{min(taken)}: is a score of workload {name!r} too; rename one of them in its file")


_KINDS: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
