"""What of a workload lies on the crossbars of a study, told and tried before anything runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from suite.contract import Condition, SuiteError
from suite.contract.registry import registry
from suite.contract.seeds import torch_generator
from suite.plan.cells import noisy_at_reading
from suite.plan.context import Context
from suite.studies.crossbars import CrossbarSettings
from suite.studies.study import Study

if TYPE_CHECKING:
    from suite.crossbar.account import Account
    from suite.crossbar.settings import Crossbar

# Samples on which the reads of a circuit are tried.
TRIED = 2


def account_for(context: Context, name: str) -> Account:
    """The weights that every crossbar of the study programs for a workload, and those that one at least leaves ideal.

    Raises SuiteError, with the workload's file, where nothing is programmed, an array is none of the network's tensors,
    or the network reads one in a way that a crossbar with converters or read noise does not; with the device's file,
    where a device cannot be programmed as the study asks.
    """
    from suite.crossbar.account import account_of
    from suite.crossbar.arrays import crossbar_arrays
    from suite.crossbar.frozen import frozen_names

    workload, study, plugins = context.workload(name), context.study, registry(context.study.plugins)
    network = workload.network(torch_generator(study.entropy, "account", context.stream(name)))
    conditions = _conditions(study, name)
    crossbars = _crossbars(study, conditions)
    noisy = {one.crossbar for one in conditions if noisy_at_reading(plugins.entry("device", one.device), one)}
    try:
        fewest = min((crossbar_arrays(workload, network, crossbar) for crossbar in crossbars.values()), key=len)
        account = account_of(network, fewest, frozen_names(workload, network))
        for label, crossbar in crossbars.items():
            if crossbar.reads or label in noisy:
                _try_reads(context, name, label, crossbar)
    except SuiteError as error:
        raise type(error)(f"{context.entry(name).path}: {error}") from error
    return account


def _conditions(study: Study, name: str) -> list[Condition]:
    """All that the study asks of a workload, observations included."""
    observed = [levels for entry in study.observe if name in entry.workloads for levels in entry.conditions]
    return [*study.conditions_of(name), *(condition for levels in observed for condition in levels.conditions())]


def _crossbars(study: Study, conditions: Iterable[Condition]) -> dict[str, Crossbar]:
    """{label: crossbar} of the conditions."""
    labels = dict.fromkeys(condition.crossbar for condition in conditions)
    return {label: study.crossbars.get(label, CrossbarSettings()).crossbar() for label in labels}


def _try_reads(context: Context, name: str, label: str, crossbar: Crossbar) -> None:
    """Read the arrays of an untrained network once, as a sweep does."""
    import torch
    from torch.utils.data import Subset

    from suite.crossbar.arrays import crossbar_arrays
    from suite.crossbar.circuit.interception import Unreadable
    from suite.crossbar.programming import Item
    from suite.sweep.engine.outputs import Runner
    from suite.sweep.engine.state import State

    study, workload, stream = context.study, context.workload(name), context.stream(name)
    network = workload.network(torch_generator(study.entropy, "account", stream)).eval()
    validation = context.splits(name, study.seeds[0]).validation
    samples = Subset(validation, range(min(TRIED, len(validation))))
    with torch.inference_mode():
        state = State.of(workload, network, {"tried": samples}, replace(context.key(name, 0), block=TRIED), samples)
        arrays = crossbar_arrays(workload, network, crossbar)
        try:
            noisy = {array: torch.zeros_like(target) for array, target in arrays.items()}
            Runner.of(state, crossbar, arrays).outputs("tried", [Item(arrays, 0, noisy)])
        except Unreadable as error:
            raise Unreadable(f"crossbar '{label}': {error}") from error
