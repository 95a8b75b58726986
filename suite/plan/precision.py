"""How many realisations a wanted half width takes: decided once per workload, from the pilot that its cube holds.

All methods get the same number: they meet the same crossbars, and the cube has no gaps.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from suite.plan.design import Cell, Design
from suite.statistics.components import components
from suite.statistics.two_stage import realisations_needed
from suite.studies.study import Study

if TYPE_CHECKING:
    from suite.plan.parts import WorkloadPlan
    from suite.results.cube import Cube


def decide(study: Study, pilot: WorkloadPlan, cube: Cube) -> Design | None:
    """The design of one workload; None while a sweep of its pilot is missing. A function of the pilot's scores alone:
    whoever asks again gets the same."""
    cells = observed(study, pilot, cube)
    if not cells or study.precision is None:
        return None
    wanted = study.precision
    asked = (realisations_needed(cell.found, wanted.half_width, wanted.most_realisations) for cell in cells)
    return Design(wanted, cells, tuple(asked))


def observed(study: Study, part: WorkloadPlan, cube: Cube) -> tuple[Cell, ...]:
    """Every cell of a workload's first score, over the realisations of its plan; () while one of them is missing."""
    from suite.results.cube import Layout, read_scores

    contestants = _complete(study, part, cube)
    if not contestants:
        return ()
    conditions = study.conditions_of(part.name)
    asked = Layout.make(contestants, study.seeds, conditions, range(part.realisations), (1, 1))
    found = read_scores(cube.path, part.name, asked)
    names = [name for name in found if name.partition("@")[0] == part.workload.objective]
    keys = [condition.key for condition in asked.conditions if condition is not None]
    cells = product(enumerate(contestants), enumerate(keys), names)
    return tuple(
        Cell(contestant, key, name, components(found[name][m, :, c])) for (m, contestant), (c, key), name in cells
    )


def _complete(study: Study, part: WorkloadPlan, cube: Cube) -> list[str]:
    """The methods that have a meaning here; [] while a sweep of one of them is missing."""
    lacking = set()
    for label, inapplicable in _missing(study, part, cube):
        if not inapplicable:
            return []
        lacking.add(label)
    return [contestant.label for contestant in part.contestants if contestant.label not in lacking]


def _missing(study: Study, part: WorkloadPlan, cube: Cube) -> Iterator[tuple[str, bool]]:
    """Method of every sweep that is not done under today's hash, and whether the cube calls it not applicable."""
    from suite.results.cube import Status, hash_number

    is_done = cube.done(part.name)
    status = cube.status(part.name) if part.name in cube.workloads else np.empty((0, 0, 0, 0))
    for unit in part.sweeps(study):
        if not is_done(unit.block, hash_number(unit.hash)):
            known = all(at < size for at, size in zip(unit.block.grid, status.shape, strict=True))
            yield unit.block.contestant, known and status[unit.block.grid] == Status.NOT_APPLICABLE
