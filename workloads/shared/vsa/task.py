"""What the workloads of automata share: data, outputs, scores and the one array. Heavy libraries wait inside functions,
so that workload files may import this module at their top."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from suite.contract import Scale, Score, Splits, SuiteError

if TYPE_CHECKING:
    from torch import Tensor

    from suite.data.automata.automaton import Automaton

# Edges of the walks of the test; those of the other two splits are one shorter or longer, so that no input is in two.
EDGES = 6
WALKS: dict[Scale, int] = {"ci": 4, "quick": 16, "reference": 16, "paper": 16}


def automaton_of(named: str) -> Automaton:
    """The automaton that a setting names: a built-in one, a file, or generated:STATES:EDGES, with :DRAW behind it for
    another one of that size. Raises SuiteError."""
    from suite.data.automata.automaton import read_automaton
    from suite.data.automata.generated import generated

    kind, *numbers = named.split(":")
    if kind != "generated":
        return read_automaton(named)
    if not 2 <= len(numbers) <= 3 or not all(number.isdecimal() for number in numbers):
        raise SuiteError(f"automaton: {named!r} is not of the form generated:STATES:EDGES, with :DRAW or without")
    return generated(*map(int, numbers))


def warn_of_capacity(automaton: Automaton, neurons: int) -> None:
    """Warns where a dense network is smaller than the automaton asks for by the capacity rule."""
    from suite.data.automata.automaton import EDGE_COST, LOAD

    if neurons < automaton.neurons_needed:
        warnings.warn(
            f"{len(automaton.states)} states and {len(automaton.edges)} edges are more than {neurons} neurons hold by "
            f"the capacity rule of arXiv:2212.01196 (states + {EDGE_COST:g} x edges < {LOAD:g} x neurons): most walks "
            f"will fail; take {automaton.neurons_needed:,} neurons or more",
            stacklevel=2,
        )


def data(automaton: str, scale: Scale, seed: int) -> Splits:
    """Walks of EDGES edges in the test set."""
    import numpy as np

    from workloads.shared.vsa.walks import walks

    machine, count = automaton_of(automaton), WALKS[scale]
    train, validation, test = (
        walks(machine, count, edges, np.random.default_rng([seed, edges])) for edges in (EDGES + 1, EDGES - 1, EDGES)
    )
    return Splits(train, validation, {"test": test}, "automaton:walks")


def measures(overlap: str, held: str) -> dict[str, Score]:
    """What `scores` gives; overlap, held: titles of the two that are of other things in other networks."""
    titles = {
        "success": "Walks without an error",
        "overlap": overlap,
        "ignored": "Invalid stimuli ignored",
        "held": held,
    }
    return {name: Score(title, chance=0.0) for name, title in titles.items()}


def outputs(network: Any, batch: Any, generator: Any) -> Sequence[Mapping[str, Tensor]]:
    """Of every walk, overlap (edges + 2, states) in each node interval, held (states,)."""
    overlaps, held = network(batch[0], generator)
    return [{"overlap": one, "held": steps} for one, steps in zip(overlaps, held, strict=True)]


def scores(outputs: Sequence[Mapping[str, Tensor]], targets: Sequence[Tensor]) -> dict[str, float]:
    """success: share of the walks that are in the right state in every node interval; overlap: with it, mean;
    ignored: share of the walks that are still there after the invalid stimulus; held: how long, mean.

    A walk whose outputs are not all finite counts as wrong throughout.
    """
    import numpy as np

    rows = [_of_walk(output, target) for output, target in zip(outputs, targets, strict=True)]
    return dict(zip(("success", "overlap", "ignored", "held"), np.mean(rows, axis=0).tolist(), strict=True))


def _of_walk(output: Mapping[str, Tensor], expected: Tensor) -> tuple[float, float, float, float]:
    from workloads.shared.vsa.attractor import TOLD

    overlap, held = output["overlap"], output["held"]
    if not (overlap.isfinite().all() and held.isfinite().all()):
        return 0.0, 0.0, 0.0, 0.0
    own = overlap[:-1].gather(1, expected[:, None].to(overlap.device))[:, 0]
    last = int(expected[-1])
    ignored = bool(own[-1] > TOLD) and bool(overlap[-1, last] > TOLD)
    return float((own > TOLD).all()), float(own.mean()), float(ignored), float(held[last])


def arrays(network: Any) -> Mapping[str, Tensor]:
    """The one array, made of the factors."""
    return {"weights": network.factors().dense()}
