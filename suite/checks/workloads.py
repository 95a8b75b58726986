"""What holds for every workload file: its data, its network, its arrays and its training."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import Subset, default_collate

from suite.checks import plainly
from suite.checks.check import DoesNotApply, expect
from suite.checks.kit import Kit
from suite.contract import Scale, Score, Splits, nothing_frozen, seeded
from suite.contract.registry import Entry
from suite.contract.sources import all_sources
from suite.crossbar.arrays import is_made, programmed
from suite.crossbar.frozen import changed, learned, load_learned
from suite.results import store

SCALES: tuple[Scale, ...] = ("ci", "quick", "reference", "paper")
POSITIVE = ("epochs", "batch", "learning_rate", "test_block", "unit_evaluations")
# Samples that are augmented.
VARIED = 8
KEYED = "draw everything from the generator or the seed that it is given (suite.contract.seeded helps with layers)"


def measures_and_recipes_are_sound(kit: Kit, entry: Entry) -> None:
    """There is something to score, and a recipe for every scale."""
    workload = kit.workload(entry.name)
    expect(bool(workload.measures), "a measure at least", "none", "give measures={'accuracy': Score(...)}")
    for name, measure in workload.measures.items():
        sound = isinstance(measure, Score) and bool(measure.title)
        expect(sound, f"measures[{name!r}] to be a Score with a title", repr(measure), "mend `measures`")
    for scale in SCALES:
        recipe = workload.recipe(scale)
        values = {field: getattr(recipe, field) for field in POSITIVE}
        expect(min(values.values()) > 0, f"recipe({scale!r}) above 0", values, "mend `recipe`")
        decay = recipe.weight_decay
        expect(decay >= 0, f"a weight decay of 0 or more in recipe({scale!r})", decay, "mend `recipe`")


def data_is_there_and_says_what_it_is(kit: Kit, entry: Entry) -> None:
    """Every split holds samples, and rows can name their source."""
    data = kit.splits(entry.name)
    sizes = {part: len(value) for part, value in _parts(data).items()}
    expect(all(size > 0 for size in sizes.values()), "samples in every split", sizes, "mend `data`")
    expect(bool(data.tests), "a test set at least", "none", "give Splits(..., tests={'test': ...})")
    expect(all(all_sources(data.source)), "a source", repr(data.source), "say in Splits.source which data these are")
    for test in data.tests:
        for measure in kit.workload(entry.name).measures.values():
            measure.on(test)
    made_up = [source for source in all_sources(data.source) if source.startswith("synthetic")]
    told = kit.workload(entry.name).standin or not made_up
    expect(told, "standin=True where data are made up", ", ".join(made_up), "set it, or name the real source")


def data_of_one_seed_is_the_same_bytes(kit: Kit, entry: Entry) -> None:
    """Whatever was drawn before from torch's global stream."""
    data = kit.splits(entry.name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(99)
        again = kit.read(entry.name)
    expect(again.source == data.source, f"the source {data.source!r} again", repr(again.source), KEYED)
    first, second = ({part: plainly.samples(value) for part, value in _parts(of).items()} for of in (data, again))
    other = sorted(part for part in {*first, *second} if first.get(part) != second.get(part))
    expect(not other, "the same samples in every read of seed 0", f"others in {', '.join(other)}", KEYED)


def no_input_lies_in_two_splits(kit: Kit, entry: Entry) -> None:
    """Scores speak of what was not trained on."""
    if kit.workload(entry.name).leaky:
        raise DoesNotApply("it is leaky: it shows what shared inputs do")
    inputs = {part: plainly.inputs(value) for part, value in _parts(kit.splits(entry.name)).items()}
    # A test set may be a part of another: nothing is learned from either.
    pairs = [pair for pair in combinations(inputs, 2) if {"train", "validation"} & {*pair}]
    shared = {f"{one} and {other}": len(inputs[one] & inputs[other]) for one, other in pairs}
    shared = {pair: count for pair, count in shared.items() if count}
    fix = "keep equal inputs in one split, or say leaky=True where they are shared as published"
    expect(not shared, "no input in two splits", f"shared inputs: {shared}", fix)


def augmentation_comes_from_its_generator_and_leaves_the_data(kit: Kit, entry: Entry) -> None:
    """Every method trains on the same variations, and no epoch on those of another."""
    collate, data = kit.workload(entry.name).collate, kit.read(entry.name)
    augment = data.augment
    if augment is None:
        raise DoesNotApply("its data are not augmented")
    pickle.dumps(augment)

    def varied() -> str:
        some = [data.train[index] for index in range(min(VARIED, len(data.train)))]
        batch = default_collate(some)[0] if collate is None else some
        return plainly.content(augment(batch, torch.Generator().manual_seed(1)))

    before = plainly.samples(data.train)
    first = varied()
    expect(varied() == first, "equal variations from equal generators", "others", KEYED)
    fix = "give new samples from `augment`: those it gets are the data's own"
    expect(plainly.samples(data.train) == before, "the samples of `data` left as they are", "that they changed", fix)


def a_network_comes_from_its_generator_alone(kit: Kit, entry: Entry) -> None:
    """Equal seeds begin with equal weights, others with others."""
    before = torch.random.get_rng_state()
    first = _weights(kit.fresh(entry.name))
    untouched = torch.random.get_rng_state().equal(before)
    expect(untouched, "torch's global stream left alone", "that `network` has moved it", KEYED)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(99)
        again = _weights(kit.fresh(entry.name))
    expect(again == first, "equal weights from equal generators", "others", KEYED)
    if kit.workload(entry.name).trainable:
        other = _weights(kit.fresh(entry.name, seed=1))
        expect(other != first, "other weights from another generator", "the same", KEYED)


def frozen_parts_come_from_their_file_alone(kit: Kit, entry: Entry) -> None:
    """Neither a seed nor a training changes what no state holds."""
    workload = kit.workload(entry.name)
    if workload.frozen is nothing_frozen:
        raise DoesNotApply("nothing of its network is frozen")
    network = kit.fresh(entry.name)
    for what, other in (("another generator", kit.fresh(entry.name, seed=1)), ("training", kit.trained(entry.name))):
        found = changed(workload, network, other.state_dict())
        fix = "read it from its file as it is, and keep its layers in evaluation mode, or leave it out of `frozen`"
        expect(not found, f"frozen parts that {what} leaves as they are", f"others in {', '.join(found)}", fix)


def arrays_are_tensors_of_the_state(kit: Kit, entry: Entry) -> None:
    """What is programmed is what is trained and stored, or what the network makes of that."""
    network = kit.fresh(entry.name)
    state, arrays = network.state_dict(), kit.workload(entry.name).arrays(network)
    expect(bool(arrays), "an array at least", "none", "name in `arrays` what lies on crossbars")
    for array, tensor in arrays.items():
        if is_made(network, array):
            continue
        expect(array in state, f"{array!r} to be a name of network.state_dict()", sorted(state), "mend `arrays`")
        same = tensor.shape == state[array].shape and tensor.data_ptr() == state[array].data_ptr()
        fix = "give the network's own tensor in `arrays`, not a copy"
        expect(same and tensor.equal(state[array]), f"{array!r} to be the tensor of that name", "another", fix)


def every_array_is_read(kit: Kit, entry: Entry) -> None:
    """An array that changes no output would be programmed for nothing."""
    workload, network, data = kit.workload(entry.name), kit.trained(entry.name), kit.some(entry.name)
    clean = plainly.content(plainly.outputs(workload, network, data))
    for array, tensor in workload.arrays(network).items():
        with programmed(network, {array: torch.zeros_like(tensor)}):
            found = plainly.content(plainly.outputs(workload, network, data))
        fix = "leave it out of `arrays`, or read it in `forward` at every call"
        expect(found != clean, f"other outputs with zeros in {array!r}", "the same", fix)


def a_state_survives_the_store(kit: Kit, entry: Entry) -> None:
    """A state that is read back is the one that was trained, and gives the same outputs."""
    workload, network, data = kit.workload(entry.name), kit.trained(entry.name), kit.some(entry.name)
    other = kit.fresh(entry.name, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        store.save(Path(folder), "key", learned(workload, network), {})
        load_learned(workload, other, store.load(Path(folder), "key"))
    fix = "hold in parameters and buffers all that the network needs"
    expect(_weights(other) == _weights(network), "the state that was stored", "another", fix)
    found, wanted = (plainly.content(plainly.outputs(workload, one, data)) for one in (other, network))
    expect(found == wanted, "the outputs of the network that was stored", "others", fix)


def one_step_lowers_the_loss_of_its_batch(kit: Kit, entry: Entry) -> None:
    """The gradient points downhill."""
    workload, data = kit.workload(entry.name), kit.splits(entry.name)
    if not workload.trainable:
        raise DoesNotApply("its network is built in one shot")
    recipe = workload.recipe("ci")
    count = min(recipe.batch, len(data.train))
    short = replace(data, train=Subset(data.train, range(count)))
    (batch,) = plainly.batches(workload, short.train, count)
    once = replace(recipe, epochs=1, batch=count, schedule="constant")

    def loss(factor: float) -> float:
        network = kit.train(entry.name, "erm", short, once, params={"learning_rate_factor": factor}).train()
        with torch.no_grad(), seeded(torch.Generator().manual_seed(0)):
            return float(workload.step(workload, network, batch))

    # A small step.
    after, before = loss(0.1), loss(0.0)
    fix = "mend `step` or `loss`, or lower the recipe's learning rate"
    expect(after < before, f"a loss below {before:.6g} after one step", f"{after:.6g}", fix)


def _parts(data: Splits) -> Mapping[str, Any]:
    """Every split that samples belong to."""
    return {"train": data.train, "validation": data.validation, **data.tests}


def _weights(network: nn.Module) -> str:
    return plainly.content(network.state_dict())
