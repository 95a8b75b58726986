"""What holds for every observation that a workload file declares."""

from __future__ import annotations

import pytest

from suite.contract import Condition, NotApplicable
from suite.crossbar.settings import Crossbar
from suite.cube import Place
from suite.cube.observations import check_observation
from suite.observe import observe
from tests.contract import plainly
from tests.contract.plugins import ALL, ENTROPY, splits, trained, usable

# Observations of cells have a meaning on the second alone.
CROSSBARS = {"weights": Crossbar(), "pairs": Crossbar(g_max_uS=100.0, g_min_uS=1.0)}
CASES = [
    pytest.param(entry.name, what, id=f"{entry.name}-{what}")
    for entry in ALL.entries("workload")
    for what in getattr(entry.value, "observations", {})
]


def seen(name, what, crossbar, usability):
    """The arrays of one observation of the trained network."""
    workload, condition = usable(name), Condition.of(usability=usability, crossbar=crossbar)
    found = observe(
        workload,
        trained(name),
        splits(name),
        workload.observations[what],
        condition,
        0,
        name=name,
        what=what,
        entropy=ENTROPY,
        seed=0,
        device=ALL.device("lognormal"),
        crossbar=CROSSBARS[crossbar],
        block=workload.recipe("ci").test_block,
    )
    check_observation(Place(name, what, "erm", 0, condition, 0), found, workload.observations[what].dims)
    return plainly.content(found)


@pytest.mark.parametrize(("name", "what"), CASES)
def test_an_observation_is_as_declared_and_the_same_bytes_every_time(name, what):
    splits(name)
    applies = 0
    for crossbar in CROSSBARS:
        try:
            first = seen(name, what, crossbar, 0.5)
        except NotApplicable as reason:
            assert crossbar in str(reason)
            continue
        applies += 1
        assert seen(name, what, crossbar, 0.5) == first
    assert applies
