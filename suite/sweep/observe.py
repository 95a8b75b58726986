"""One trained state -> the named arrays of one observation, on one crossbar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from suite.contract import Condition, NotApplicable, Observation, Observed, Splits, Workload
from suite.contract.lines import LineReads
from suite.crossbar.adapted import Adapted
from suite.crossbar.arrays import crossbar_arrays, programmed
from suite.crossbar.circuit.programming import programmer_of
from suite.crossbar.key import Key
from suite.crossbar.programming import Item
from suite.sweep.engine.outputs import CLEAN, outputs_of_one
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
    adapted: Adapted | None = None,
) -> dict[str, np.ndarray]:
    """The arrays of `observation`, {name: values}, of `network` as programmed under one condition and realisation.

    Cells are those of a sweep of this key and realisation, or those that the network was fitted to, which it holds then
    as `adapted` has it. what: the observation's name in the workload's file.
    """
    crossbar = key.crossbars[condition.crossbar]
    with torch.no_grad():
        state = State.of(workload, network.eval(), splits.tests, key, splits.train)
        arrays = crossbar_arrays(workload, network, crossbar)
        item, cells = _programmed(state, arrays, condition, realisation, adapted)
        runner, item, outputs_of = outputs_of_one(state, crossbar, arrays, item)

        def outputs(test: str) -> tuple[Any, Any]:
            (found,) = outputs_of(test, [item])
            runner.prepare()
            return found, state.tests[test].targets

        def reads() -> list[LineReads]:
            if not crossbar.circuit:
                label = condition.crossbar
                raise NotApplicable(
                    f"crossbar {label!r} has weights and no cells; give it g_max_uS, or observe another"
                )
            found = runner.told(item, cells)
            runner.prepare()
            return found

        generator = key.generator("observe", what, realisation)
        with programmed(network, item.weights):
            runner.prepare()
            return dict(observation.observe(Observed(network, splits, condition, generator, outputs, cells, reads)))


def _programmed(
    state: State,
    arrays: Mapping[str, Tensor],
    condition: Condition,
    realisation: int,
    adapted: Adapted | None,
) -> tuple[Item, dict[str, Tensor]]:
    """The arrays as programmed, and the conductances of their cells where there are any."""
    device, crossbar = state.key.devices[condition.device], state.key.crossbars[condition.crossbar]
    condition = device.complete(condition)
    if adapted is None and device.ideal(condition) and not crossbar.changes:
        return Item({}, CLEAN), {}
    programmer = programmer_of(state.network, arrays, crossbar, state.key)
    draws = programmer.draws(device, realisation) if adapted is None else {}
    cells = programmer.cells(condition, draws) if adapted is None else adapted.cells
    conductances = {array: one.values for array, one in cells.items()} if crossbar.circuit else {}
    return programmer.of_cells(cells, realisation), conductances
