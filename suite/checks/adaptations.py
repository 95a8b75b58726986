"""What holds for every method file that fits trained networks to chips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch.utils.data import Subset

from suite.checks import plainly
from suite.checks.check import Cases, expect
from suite.checks.kit import Kit
from suite.checks.methods import options_of
from suite.contract import Condition
from suite.contract.registry import Entry
from suite.crossbar.adapted import Adapted
from suite.crossbar.circuit.programming import programmer_of
from suite.crossbar.settings import Crossbar
from suite.training.adapt import adapt

CHIP = Crossbar(g_max_uS=100.0)
DRIFTED = Condition.of(sigma_log=0.3, crossbar="chip")


def chips(kit: Kit, entry: Entry) -> Cases:
    """A method that adapts: as it comes on the small workloads, with its other options on the usual one. A number of
    steps changes no path through the code, and takes its time: others than the first are tried by themselves."""
    if entry.value.adapt is None:
        return {}
    first, *others = options_of(entry.value)
    cases = [(first, on) for on in kit.small]
    if kit.usual in kit.small:
        cases += [(options, kit.usual) for options in others if _counts_alone(options, first)]
    return {"-".join([*map(str, options.values()), on]): (options, on) for options, on in cases}


def _counts_alone(options: Mapping[str, Any], first: Mapping[str, Any]) -> bool:
    """Whether no count is other than the first one, or it alone is."""
    differ = [name for name, value in options.items() if value != first[name]]
    return len(differ) == 1 or not any(type(options[name]) is int for name in differ)


def an_adaptation_is_of_its_chip_and_the_same_bytes_every_time(
    kit: Kit, entry: Entry, options: Mapping[str, Any], on: str
) -> None:
    """Cells are what the arrays asked for, drawn as in a sweep; nothing is drawn but from the given stream."""
    fix = "draw from the `generator` of `adapt` alone, and leave programmed arrays as they are"
    first, again, other = (_adapted(kit, entry, options, on, realisation) for realisation in (0, 0, 1))
    expect(_content(again) == _content(first), f"{on} fitted twice to one chip alike", "other bytes", fix)
    expect(_content(other) != _content(first), f"{on} fitted to another chip differently", "the same bytes", fix)
    network, key = kit.fresh(on), kit.key(on, {"chip": CHIP})
    network.load_state_dict(first.state)
    programmer = programmer_of(network, kit.arrays(on, network), CHIP, key)
    cells = programmer.cells(DRIFTED, programmer.draws(key.devices["lognormal"], 0))
    same = all(cells[name].values.equal(one.values) for name, one in first.cells.items())
    expect(same and [*cells] == [*first.cells], f"the cells of {on} as a sweep draws them", "others", fix)


def _adapted(kit: Kit, entry: Entry, options: Mapping[str, Any], on: str, realisation: int) -> Adapted:
    workload, data, key = kit.workload(on), kit.splits(on), kit.key(on, {"chip": CHIP})
    few = replace(data, train=Subset(data.train, range(min(64, len(data.train)))))
    recipe = replace(workload.recipe("ci"), epochs=1, batch=8)
    return adapt(workload, kit.trained(on), entry.value, few, recipe, DRIFTED, realisation, key, options)


def _content(found: Adapted) -> str:
    return plainly.content(found.tensors())
