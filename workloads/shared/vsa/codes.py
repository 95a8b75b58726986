"""Random vectors that stand for the states, edges, stimuli and outputs of an automaton."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from suite.contract import SuiteError
from suite.data.automata.automaton import Automaton

# Of the neurons, those that an output vector is not 0 on.
OUTPUT_SHARE = 0.02


@dataclass(frozen=True)
class Codes:
    """int8 vectors of N neurons, and the edges between them.

    nodes (states, N), edges (edges, N): of +1 and -1, or, where sparse, `active` ones and else 0; first, second
    (stimuli + 1, N) of +1 and -1: what a stimulus is in the first and the second half of a transition, the last one
    being a stimulus that no edge has; outputs (outputs, N) of +1, 0 and -1, none where sparse; table (edges, 4) int64:
    source, stimulus, target, output (-1: none).
    """

    nodes: Tensor
    edges: Tensor
    first: Tensor
    second: Tensor
    outputs: Tensor
    table: Tensor

    @staticmethod
    def draw(automaton: Automaton, neurons: int, active: int | None, generator: torch.Generator) -> Codes:
        """Independent vectors; active: ones of a sparse vector, None for dense ones. Raises SuiteError for a network
        of fewer neurons."""
        if active is not None and not 0 < active < neurons:
            raise SuiteError(f"active: {active} of {neurons} neurons cannot be active; give a number below `neurons`")
        states, edges, stimuli = len(automaton.states), len(automaton.edges), len(automaton.stimuli) + 1

        def code(count: int) -> Tensor:
            if active is None:
                return _signs(count, neurons, generator)
            return _ones(count, neurons, active, generator)

        outputs = len(automaton.outputs) if active is None else 0
        return Codes(
            code(states),
            code(edges),
            _signs(stimuli, neurons, generator),
            _signs(stimuli, neurons, generator),
            _signs(outputs, neurons, generator)
            * _ones(outputs, neurons, max(1, round(OUTPUT_SHARE * neurons)), generator),
            torch.tensor(automaton.table),
        )


def _signs(count: int, neurons: int, generator: torch.Generator) -> Tensor:
    return torch.randint(0, 2, (count, neurons), generator=generator, dtype=torch.int8) * 2 - 1


def _ones(count: int, neurons: int, active: int, generator: torch.Generator) -> Tensor:
    chosen = torch.rand(count, neurons, generator=generator).topk(active, dim=1).indices
    return torch.zeros(count, neurons, dtype=torch.int8).scatter_(1, chosen, 1)
