"""What holds for every device file: keyed draws of the right shape, and no change where it says that there is none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import torch
from torch import Tensor

from suite.checks.check import Cases, DoesNotApply, expect
from suite.checks.kit import Kit
from suite.contract import Condition, Programmed
from suite.contract.registry import Entry

Shape = tuple[int, ...]
SHAPES: tuple[Shape, ...] = ((5,), (4, 3), (6, 2, 3, 3))
REALISATIONS = 3
POINTS = ((1.0, 0.0), (math.exp(-0.3), 0.3), (1.0, 0.3))
LEVELS: tuple[tuple[float, ...], ...] = ((), (1.0,) * 4, (0.0, 0.5, 1.0, 1.0))
PURE = "compute from targets, condition and noise alone, and change none of them in place"


def shapes(kit: Kit, entry: Entry) -> Cases:
    """Small arrays of a vector, a dense layer and a convolution."""
    return {"x".join(map(str, shape)): (shape,) for shape in SHAPES}


def a_draw_belongs_to_its_generator(kit: Kit, entry: Entry, shape: Shape) -> None:
    """The same seed gives the same crossbar, and nothing global is used."""
    first = _drawn(entry, shape)
    fix = "draw a tensor of `shape` from `generator`; `program` of a device without randomness need not look at it"
    fits = first.shape in (shape, (len(first), *shape))
    expect(fits, f"draw to give the shape {shape} or (numbers, *{shape})", tuple(first.shape), fix)
    before = torch.random.get_rng_state()
    again = _drawn(entry, shape)
    expect(again.equal(first), "equal draws from equal generators", "others", fix)
    untouched = torch.random.get_rng_state().equal(before)
    expect(untouched, "torch's global stream left alone", "that draw has moved it", "give `generator` to every draw")
    expect(not _drawn(entry, shape, 1).equal(first), "other draws from another generator", "the same", fix)


def what_a_device_calls_ideal_changes_nothing(kit: Kit, entry: Entry, shape: Shape) -> None:
    """There, sweeps take the weights as they are without calling `program`."""
    ideal = [condition for condition in _conditions(entry) if entry.value.ideal(condition)]
    if not ideal:
        raise DoesNotApply("it calls no condition ideal")
    targets = _targets(entry, shape)
    wanted = targets.expand(REALISATIONS, *shape)
    for condition in ideal:
        cells = entry.value.program(targets, condition, _noise(entry, shape))
        found = cells.weights()
        same = found.shape == wanted.shape and found.equal(wanted)
        fix = "mend `program`, or `ideal`: leave `ideal` out where no condition is"
        expect(same, f"weights unchanged in {condition.key}, as `ideal` says", _difference(found, wanted), fix)
        expect(cells.read_sd is None, f"no read_sd in {condition.key}, as `ideal` says", cells.read_sd, fix)


def programming_is_a_function_of_what_it_is_given(kit: Kit, entry: Entry, shape: Shape) -> None:
    """Equal arguments give equal weights, of the right shape and finite, and are left as they were."""
    device, condition = entry.value, entry.value.example(entry.name)
    targets, draws = _targets(entry, shape), _noise(entry, shape)
    found = device.program(targets, condition, draws).weights().clone()
    expect(targets.equal(_targets(entry, shape)), "targets left as they were", "others after `program`", PURE)
    expect(draws.equal(_noise(entry, shape)), "noise left as it was", "another after `program`", PURE)
    wanted = (REALISATIONS, *shape)
    expect(found.shape == wanted, f"weights of shape {wanted}", tuple(found.shape), "one array per realisation")
    expect(found.dtype == targets.dtype, f"weights of type {targets.dtype}", found.dtype, "keep the type of targets")
    finite = bool(torch.isfinite(found).all())
    fix = "mend `program`; it may read the levels that `levels` declares, and no others"
    expect(finite, f"finite weights in {condition.key}", found[~torch.isfinite(found)][:3].tolist(), fix)
    changed = not found.equal(targets.expand_as(found))
    expect(changed, f"weights that {condition.key} changes", "the targets", "let `program` use the condition's levels")
    again = device.program(targets, condition, draws).weights()
    expect(again.equal(found), "equal weights from equal arguments", _difference(again, found), PURE)


def cells_that_are_noisy_at_reading_say_so(kit: Kit, entry: Entry, shape: Shape) -> None:
    """read_sd is a standard deviation per cell, of conductances, and the same for equal arguments."""
    device, condition = entry.value, entry.value.example(entry.name)
    targets, draws = _targets(entry, shape), _noise(entry, shape)
    found = device.program(targets, condition, draws).read_sd
    if found is None:
        raise DoesNotApply("it gives no read_sd")
    expect(device.conductances, "conductances=True, since read_sd is in uS", "False", "add it to Device(...)")
    wanted = (REALISATIONS, *shape)
    expect(found.shape == wanted, f"read_sd of shape {wanted}", tuple(found.shape), "one number per cell")
    sound = bool((torch.isfinite(found) & (found >= 0)).all())
    expect(sound, "read_sd finite and not below 0", float(found.min()), "mend `program`")
    again = device.program(targets, condition, draws).read_sd
    expect(again.equal(found), "equal read_sd from equal arguments", _difference(again, found), PURE)


def realisations_do_not_see_each_other(kit: Kit, entry: Entry) -> None:
    """A crossbar is the same whichever others are programmed along with it."""
    device, condition, shape = entry.value, entry.value.example(entry.name), (4, 3)
    targets, draws = _targets(entry, shape), _noise(entry, shape)
    together = _cells(device.program(targets, condition, draws))
    apart = torch.cat([_cells(device.program(targets, condition, draws[i : i + 1])) for i in range(REALISATIONS)])
    fix = "reduce over the dimensions of one array, never over the first one of `noise`"
    expect(together.equal(apart), "the same weights one by one", _difference(together, apart), fix)


def every_level_matters(kit: Kit, entry: Entry) -> None:
    """Half of a level's example programs other cells than the example."""
    device, shape = entry.value, (4, 3)
    usual = _cells(device.program(_targets(entry, shape), device.example(entry.name), _noise(entry, shape)))
    for name, level in device.levels.items():
        halved = replace(device, levels={**device.levels, name: replace(level, example=level.example / 2)})
        condition = halved.example(entry.name)
        found = _cells(device.program(_targets(entry, shape), condition, _noise(entry, shape)))
        fix = f"let `program` use {name}, leave it out of `levels`, or give it another example"
        expect(not found.equal(usual), f"other cells in {condition.key}", "the same as at the example", fix)


def settings_written_out_are_the_defaults(kit: Kit, entry: Entry) -> None:
    """`settings` says what `program` does where a study is silent."""
    device, shape = entry.value, (4, 3)
    plain = device.example(entry.name)
    written = replace(plain, settings=tuple(sorted(device.settings.items())))
    targets, noise = _targets(entry, shape), _noise(entry, shape)
    silent, told = (_cells(device.program(targets, condition, noise)) for condition in (plain, written))
    fix = "read {**SETTINGS, **dict(condition.settings)} in `program`"
    expect(silent.equal(told), f"the same weights with {dict(device.settings)}", _difference(told, silent), fix)


def _conditions(entry: Entry) -> Iterator[Condition]:
    """Where a device may change nothing: at full usability or without spread, at 0 or the example of its own levels,
    under its settings and others, with and without conductance levels that lose their value."""
    others = {name: [value, *_other_than(value)] for name, value in entry.value.settings.items()}
    settings = [tuple(zip(others, values, strict=True)) for values in product(*others.values())]
    example = entry.value.example(entry.name)
    points = POINTS if "sigma_log" in entry.value.levels else ((math.nan, math.nan),)
    own = dict.fromkeys(tuple((name, at * value) for name, value in example.levels) for at in (0.0, 1.0))
    for (usability, sigma), ratio, given, levels in product(points, LEVELS, settings, own):
        yield replace(example, usability=usability, sigma_log=sigma, level_ratio=ratio, settings=given, levels=levels)


def _other_than(default: Any) -> list[Any]:
    """Values that a study may set instead of a default."""
    if isinstance(default, bool):
        return [not default]
    return [default + 1, 2 * default] if isinstance(default, (int, float)) else []


def _drawn(entry: Entry, shape: Shape, seed: int = 0) -> Tensor:
    drawn: Tensor = entry.value.draw(shape, torch.Generator().manual_seed(seed))
    return drawn


def _noise(entry: Entry, shape: Shape) -> Tensor:
    return torch.stack([_drawn(entry, shape, seed) for seed in range(REALISATIONS)])


def _targets(entry: Entry, shape: Shape) -> Tensor:
    """Weights, or conductances in uS for a device that takes these alone."""
    generator = torch.Generator().manual_seed(9)
    return (
        min(100.0, entry.value.most_uS) * torch.rand(shape, generator=generator)
        if entry.value.conductances
        else torch.randn(shape, generator=generator)
    )


def _cells(programmed: Programmed) -> Tensor:
    """All that reads see of them, (realisations, 1 or 2, *shape)."""
    both = (programmed.weights(), programmed.read_sd)
    return torch.stack([part for part in both if part is not None], 1)


def _difference(found: Tensor, wanted: Tensor) -> str:
    if found.shape != wanted.shape:
        return f"shape {tuple(found.shape)} where {tuple(wanted.shape)} is wanted"
    return f"weights that differ by up to {float((found - wanted).abs().max()):.3g}"
