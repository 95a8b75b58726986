"""What the workloads of automata share: their data, their settings and their scores."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from suite.contract import Scale, Settings, Splits, SuiteError
from suite.data.automata.automaton import EDGE_COST, LOAD, Automaton, neurons_needed, read_automaton
from suite.data.automata.generated import generated
from workloads.shared.vsa.attractor import TOLD, Embedded

# Edges of the walks of the test; those of the other two splits are one shorter or longer, so that no input is in two.
EDGES = 6
WALKS: dict[Scale, int] = {"ci": 4, "quick": 16, "reference": 16, "paper": 16}
GENERATED = "generated"


def automaton_of(scale: Scale, settings: Settings, smallest: str = "generated:3:3") -> Automaton:
    """The automaton of a setting: the name of a built-in one, a file, or generated:STATES:EDGES with :DRAW behind it
    for another one of that size; where nothing is set, `smallest` at the scale `ci` and `player` at the others.

    Raises SuiteError.
    """
    named = settings["automaton"] or (smallest if scale == "ci" else "player")
    kind, *numbers = named.split(":")
    if kind != GENERATED:
        return read_automaton(named)
    if not 2 <= len(numbers) <= 3 or not all(number.isdecimal() for number in numbers):
        raise SuiteError(
            f"automaton: {named!r} is not of the form generated:STATES:EDGES or generated:STATES:EDGES:DRAW"
        )
    return generated(*map(int, numbers))


def warn_of_capacity(automaton: Automaton, neurons: int) -> None:
    """Warns where a dense network is smaller than the automaton asks for by the capacity rule."""
    states, edges = len(automaton.states), len(automaton.edges)
    if neurons < neurons_needed(states, edges):
        warnings.warn(
            f"{states} states and {edges} edges are more than {neurons} neurons hold by the capacity rule of "
            f"arXiv:2212.01196 (states + {EDGE_COST:g} x edges < {LOAD:g} x neurons): most walks will fail; take "
            f"{neurons_needed(states, edges):,} neurons or more",
            stacklevel=2,
        )


def walks_of(automaton: Automaton, scale: Scale, seed: int) -> Splits:
    """Walks of EDGES edges in the test set."""
    from workloads.shared.vsa.walks import walks

    count = WALKS[scale]
    training, validation, test = (
        walks(automaton, count, EDGES + longer, np.random.default_rng([seed, EDGES + longer])) for longer in (1, -1, 0)
    )
    return Splits(training, validation, {"test": test}, "synthetic:walks")


def outputs(network: Any, batch: Any, generator: torch.Generator) -> Sequence[Mapping[str, Tensor]]:
    """Of every walk, overlap (edges + 2, states) in each node interval, held (states,)."""
    overlaps, held = network(batch[0], generator)
    return [{"overlap": one, "held": steps} for one, steps in zip(overlaps, held, strict=True)]


def scores(outputs: Sequence[Mapping[str, Tensor]], targets: Sequence[Tensor]) -> dict[str, float]:
    """success: share of the walks that are in the right state in every node interval; overlap: with it, mean;
    ignored: share of the walks that are still there after the invalid stimulus; held: how long, mean.

    A walk whose outputs are not all finite counts as wrong throughout.
    """
    rows = [_of_walk(output, target) for output, target in zip(outputs, targets, strict=True)]
    names = ("success", "overlap", "ignored", "held")
    return dict(zip(names, torch.tensor(rows, dtype=torch.float64).mean(0).tolist(), strict=True))


def _of_walk(output: Mapping[str, Tensor], expected: Tensor) -> tuple[float, float, float, float]:
    overlap, held = output["overlap"], output["held"]
    if not (overlap.isfinite().all() and held.isfinite().all()):
        return 0.0, 0.0, 0.0, 0.0
    own = overlap[:-1].gather(1, expected[:, None].to(overlap.device))[:, 0]
    last = int(expected[-1])
    ignored = bool(own[-1] > TOLD) and bool(overlap[-1, last] > TOLD)
    return float((own > TOLD).all()), float(own.mean()), float(ignored), float(held[last])


def arrays(network: Embedded) -> Mapping[str, Tensor]:
    """The one array, made of the factors."""
    return {"weights": network.factors().dense()}
