"""What a study says held against the files that it names: every name, option and setting, with file and field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from suite.contract import Device, Method, SuiteError
from suite.contract.names import meant
from suite.contract.registry import Registry, registry
from suite.crossbar.settings import NoConductances
from suite.figures import find as find_figure
from suite.plan.tasks import Context
from suite.studies.crossbars import CrossbarSettings
from suite.studies.study import Levels, MethodEntry, Observe, Study


def check_names(study: Study, registry: Registry) -> None:
    """Raises SuiteError where the study names or sets what its plug-ins do not have."""
    with _located(study, "workloads"):
        for name in study.workloads:
            registry.entry("workload", name)
    for label, entry in study.methods.items():
        with _located(study, f"methods.{label}"):
            _check_options(entry, registry.method(entry.method))
    with _located(study, "figures"):
        for name in study.figures:
            find_figure(name)
    for number, levels in enumerate(study.conditions):
        with _located(study, f"conditions.{number}"):
            _check_settings(levels, registry.device(levels.device))
            _check_cells(study, levels, registry.device(levels.device))
            _check_scores(levels, levels.workloads or study.workloads, registry)
    for number, observe in enumerate(study.observe):
        with _located(study, f"observe.{number}"):
            _check_observe(study, observe, registry)


def check_built(context: Context, name: str) -> None:
    """Raises SuiteError, with the workload's file and the layer, where its network would be scored wrongly."""
    from suite.plan.rehearsal import few
    from suite.plan.soundness import check_network

    entry = registry(context.study.plugins).entry("workload", name)
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


def _check_options(entry: MethodEntry, method: Method) -> None:
    for option, value in entry.options.items():
        if option not in method.options:
            raise SuiteError(f"options: {entry.method} has no option {option!r}{meant(option, method.options)}")
        if value not in method.options[option]:
            allowed = ", ".join(map(str, method.options[option]))
            raise SuiteError(f"options.{option}: {value!r} is not one of {allowed}")


def _check_observe(study: Study, entry: Observe, registry: Registry) -> None:
    for name in entry.workloads:
        known = registry.workload(name).observations
        if entry.what not in known:
            raise SuiteError(f"what: workload {name!r} has no observation {entry.what!r}{meant(entry.what, known)}")
    for levels in entry.conditions:
        _check_settings(levels, registry.device(levels.device))
        _check_cells(study, levels, registry.device(levels.device))


def _check_settings(levels: Levels, device: Device) -> None:
    for setting, value in levels.settings.items():
        if setting not in device.settings:
            raise SuiteError(f"settings: {levels.device} has no setting {setting!r}{meant(setting, device.settings)}")
        expected = type(device.settings[setting])
        # A default of None says nothing of the type. bool is an int to Python, not to us.
        if type(value) is not expected and (expected, type(value)) != (float, int) and expected in _KINDS:
            found = f"{value!r} is {_KINDS[type(value)]}"
            raise SuiteError(f"settings.{setting}: {found}, {levels.device} expects {_KINDS[expected]}")


def _check_cells(study: Study, levels: Levels, device: Device) -> None:
    crossbar = study.crossbars.get(levels.crossbar, CrossbarSettings())
    if device.conductances and crossbar.g_max_uS is None:
        raise SuiteError(f"crossbar: {NoConductances(levels.device, levels.crossbar)}")


def _check_scores(levels: Levels, workloads: Iterable[str], registry: Registry) -> None:
    """A cube has one name for a level, or for a score."""
    for name in workloads:
        if taken := levels.others.keys() & registry.workload(name).measures.keys():
            raise SuiteError(f"{min(taken)}: is a score of workload {name!r} too; rename one of them in its file")


_KINDS: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
