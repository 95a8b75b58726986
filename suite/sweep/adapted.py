"""Networks that were fitted to one chip each -> scores: of every chip the very cells that it was left with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import torch
from torch import nn

from suite.contract import Condition, Workload
from suite.crossbar.adapted import Adapted
from suite.crossbar.arrays import crossbar_arrays
from suite.crossbar.circuit.programming import programmer_of
from suite.crossbar.frozen import load_learned
from suite.crossbar.key import Key
from suite.sweep.engine.outputs import outputs_of_one
from suite.sweep.engine.state import State
from suite.sweep.sweep import SweepResult, Table, check_labels, scored


def sweep_adapted(
    workload: Workload,
    network: nn.Module,
    tests: Mapping[str, Any],
    conditions: Sequence[Condition],
    realisations: Sequence[int],
    key: Key,
    adapted: Iterable[Adapted],
    calibration: Any | None = None,
) -> SweepResult:
    """As `suite.sweep.sweep.sweep`, of what `network` has become on every chip.

    adapted: one for each realisation of the first condition, then of the next; `network` is left as the last one.
    """
    check_labels(conditions, key)
    table = Table(len(conditions), len(realisations))
    places = product(enumerate(conditions), enumerate(realisations))
    with torch.no_grad():
        state = State.of(workload, network.eval(), tests, key, calibration)
        for ((row, condition), (column, realisation)), one in zip(places, adapted, strict=True):
            load_learned(workload, network, one.state)
            crossbar = key.crossbars[condition.crossbar]
            arrays = crossbar_arrays(workload, network, crossbar)
            item = programmer_of(network, arrays, crossbar, key).of_cells(one.cells, realisation)
            _, item, outputs_of = outputs_of_one(state, crossbar, arrays, item)
            (found,) = scored(state, [item], outputs_of)
            table.put(row, column, *found)
    return SweepResult(dict(table.scores), table.nonfinite)
