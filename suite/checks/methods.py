"""What holds for every method file, on the network of every workload that it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import torch
from torch.utils.data import Subset

from suite.checks import plainly
from suite.checks.check import Cases, DoesNotApply, Lacking, expect
from suite.checks.kit import Kit
from suite.contract import Method, Range
from suite.contract.registry import Entry
from suite.training.loop import COMMON_SPACE

Options = Mapping[str, Any]
KEYED = "draw all noise from the `generator` of `attach`"
TRAINING_ALONE = "act where module.training, and take everything off in `remove` of the handles"


def trainings(kit: Kit, entry: Entry) -> Cases:
    """A method as it comes on every workload that takes it and is trained, and its other options on small ones."""
    cases: dict[str, tuple[Any, ...]] = {}
    if entry.value.adapt is not None:
        return cases
    for number, options in enumerate(options_of(entry.value)):
        for on in kit.on:
            workload = kit.plugins.workload(on)
            takes = workload.methods is None or entry.name in workload.methods
            if takes and workload.trainable and (number == 0 or on in kit.small):
                cases["-".join([*map(str, options.values()), on])] = (options, on)
    return cases


def the_probe_lies_in_the_range(kit: Kit, entry: Entry, options: Options, on: str) -> None:
    """Tuning begins at the probe and stays within the range."""
    kit.workload(on)
    for name, found in kit.space(entry.name, options, on).items():
        expect(isinstance(found, Range), f"{name!r} to be a Range", repr(found), "mend `space`")
        all_search = ", ".join(COMMON_SPACE)
        expect(name not in COMMON_SPACE, f"names beside {all_search}, which all search", repr(name), "rename it")
        ordered = found.low < found.high and found.low <= found.probe <= found.high
        expect(ordered, f"{name!r} with low <= probe <= high", found, "mend `space`")
        expect(found.low > 0 or not found.log, f"{name!r} above 0, as its scale is log", found, "mend `space`")


def noise_is_off_in_evaluation_and_leaves_no_trace(kit: Kit, entry: Entry, options: Options, on: str) -> None:
    """Scores are of the trained network alone."""
    workload, data = kit.workload(on), kit.some(on)
    params = _probes(kit, entry, options, on)
    network = kit.fresh(on)

    def outputs() -> str:
        return plainly.content(plainly.outputs(workload, network.eval(), data))

    clean, state = outputs(), plainly.content(network.state_dict())
    handles = kit.attach(entry.name, options, on, network, params)
    expect(outputs() == clean, f"the outputs of {on} unchanged in evaluation", "others", TRAINING_ALONE)
    for handle in handles:
        handle.remove()
    same = plainly.content(network.state_dict()) == state
    expect(same, f"the state of {on} as before once the noise is off", "another", TRAINING_ALONE)
    expect(outputs() == clean, f"the outputs of {on} as before once the noise is off", "others", TRAINING_ALONE)
    left = [name for name, module in network.named_modules() if module._forward_hooks or module._forward_pre_hooks]
    expect(not left, "no hook once the noise is off", f"hooks on {left}", "return the handle of every hook")


def equal_streams_train_to_equal_bytes(kit: Kit, entry: Entry, options: Options, on: str) -> None:
    """A training can be repeated anywhere, and seeds differ."""
    data = kit.splits(on)
    params = _probes(kit, entry, options, on)
    # Few samples: some networks take a tenth of a second for each.
    short = replace(data, train=Subset(data.train, range(min(4, len(data.train)))))
    recipe = replace(kit.workload(on).recipe("ci"), epochs=2, batch=2)
    names = list(kit.fresh(on).state_dict())

    def state(seed: int) -> str:
        found = kit.train(on, entry.name, short, recipe, seed, params, options).state_dict()
        expect(list(found) == names, f"the state of {on}'s own network", list(found), TRAINING_ALONE)
        return plainly.content(found)

    first = state(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(99)
        again = state(0)
    expect(again == first, f"equal trainings of {on} from equal streams", "others", KEYED)
    expect(state(1) != first, f"another training of {on} from another seed", "the same", KEYED)


def every_option_value_works_somewhere(kit: Kit, entry: Entry) -> None:
    """No option is there in vain, and a refusal says whose it is."""
    if entry.value.adapt is not None:
        raise DoesNotApply("it adapts what is trained")
    works = set()
    for options, on in trainings(kit, entry).values():
        try:
            kit.space(entry.name, options, on)
        except Lacking:
            continue
        except DoesNotApply as reason:
            expect(entry.name in str(reason), f"{entry.name!r} in its refusal of {on}", str(reason), "name the method")
            continue
        works.update(options.items())
    wanted = {(option, value) for option, values in entry.value.options.items() for value in values}
    missing = sorted(wanted - works, key=str)
    fix = "mend them or leave them out of `options`"
    expect(not missing, f"every option to have a meaning on one of {', '.join(kit.on)}", f"none for {missing}", fix)


def options_of(method: Method) -> Iterator[dict[str, Any]]:
    """Every combination of a method's options."""
    for values in product(*method.options.values()):
        yield dict(zip(method.options, values, strict=True))


def _probes(kit: Kit, entry: Entry, options: Options, on: str) -> dict[str, float]:
    return {name: found.probe for name, found in kit.space(entry.name, options, on).items()}
