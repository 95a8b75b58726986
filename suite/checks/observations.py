"""What holds for every observation that a workload file declares."""

from __future__ import annotations

from suite.checks import plainly
from suite.checks.check import Cases, expect
from suite.checks.kit import Kit
from suite.contract import Condition, NotApplicable
from suite.contract.registry import Entry
from suite.crossbar.settings import Crossbar
from suite.results.cube import Place
from suite.results.cube.observations import check_observation
from suite.sweep.observe import observe

# Observations of cells have a meaning on the second alone.
CROSSBARS = {"weights": Crossbar(), "pairs": Crossbar(g_max_uS=100.0, g_min_uS=1.0)}


def declared(kit: Kit, entry: Entry) -> Cases:
    """The observations of a workload."""
    return {what: (what,) for what in entry.value.observations}


def an_observation_is_as_declared_and_the_same_bytes_every_time(kit: Kit, entry: Entry, what: str) -> None:
    """On a crossbar of plain weights or of pairs of cells, or on both."""
    kit.splits(entry.name)
    refused = {}
    for crossbar in CROSSBARS:
        try:
            first = _seen(kit, entry.name, what, crossbar)
        except NotApplicable as reason:
            fix = "name the crossbar in the message of NotApplicable"
            expect(crossbar in str(reason), f"{crossbar!r} in the refusal of {what}", str(reason), fix)
            refused[crossbar] = str(reason)
            continue
        fix = "draw from `observed.generator` alone"
        expect(_seen(kit, entry.name, what, crossbar) == first, f"the same {what} every time", "another", fix)
    some = len(refused) < len(CROSSBARS)
    expect(some, f"{what} to have a meaning on some crossbar", refused, "mend it, or leave it out of `observations`")


def _seen(kit: Kit, name: str, what: str, crossbar: str) -> str:
    """The content of one observation of the trained network."""
    workload, condition = kit.workload(name), Condition.of(usability=0.5, crossbar=crossbar)
    found = observe(
        workload,
        kit.trained(name),
        kit.splits(name),
        workload.observations[what],
        condition,
        0,
        kit.key(name, CROSSBARS),
        what,
    )
    check_observation(Place(name, what, "erm", 0, condition, 0), found, workload.observations[what].dims)
    return plainly.content(found)
