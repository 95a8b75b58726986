"""One trained state -> the named arrays of one observation, on one crossbar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from suite.contract import Condition, Device, Observation, Observed, Splits, Workload
from suite.crossbar.arrays import crossbar_arrays, programmed
from suite.crossbar.circuit.programming import CircuitProgrammer, programmer_of
from suite.crossbar.key import Key
from suite.crossbar.programming import Item
from suite.crossbar.settings import Crossbar
from suite.sweep.engine.normalisation import statistics
from suite.sweep.engine.outputs import CLEAN, Runner, outputs_under
from suite.sweep.engine.state import State


def observe(
    workload: Workload,
    network: nn.Module,
    splits: Splits,
    observation: Observation,
    condition: Condition,
    realisation: int,
    key: Key,
    what: str,
) -> dict[str, np.ndarray]:
    """The arrays of `observation`, {name: values}, of `network` as programmed under one condition and realisation.

    Cells are those of a sweep of this key and realisation. what: the observation's name in the workload's file.
    """
    device, crossbar = key.devices[condition.device], key.crossbars[condition.crossbar]
    with torch.no_grad():
        state = State.of(workload, network.eval(), splits.tests, key, splits.train)
        arrays = crossbar_arrays(workload, network, crossbar)
        runner = Runner.of(state, crossbar, arrays)
        item, cells = _programmed(state, arrays, device.complete(condition), realisation, device, crossbar)
        tensors = arrays
        if crossbar.recalibrate_bn is not None:
            item = runner.recalibrated(item, crossbar.recalibrate_bn)
            tensors = {**arrays, **statistics(network)}
        outputs_of = outputs_under(state, runner, tensors)

        def outputs(test: str) -> tuple[Any, Any]:
            (found,) = outputs_of(test, [item])
            runner.prepare()
            return found, state.tests[test].targets

        generator = key.generator("observe", what, realisation)
        with programmed(network, item.weights):
            runner.prepare()
            return dict(observation.observe(Observed(network, splits, condition, generator, outputs, cells)))


def _programmed(
    state: State,
    arrays: Mapping[str, Tensor],
    condition: Condition,
    realisation: int,
    device: Device,
    crossbar: Crossbar,
) -> tuple[Item, dict[str, Tensor]]:
    """The arrays as programmed, and the conductances of their cells where there are any."""
    if device.ideal(condition) and not crossbar.changes:
        return Item({}, CLEAN), {}
    programmer = programmer_of(state.network, arrays, crossbar, state.key)
    draws = programmer.draws(device, realisation)
    cells = programmer.conductances(condition, draws) if isinstance(programmer, CircuitProgrammer) else {}
    return programmer.item(condition, draws, realisation), cells
