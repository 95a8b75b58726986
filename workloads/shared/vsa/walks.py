"""Walks through an automaton as samples: a state, stimuli of edges out of it one after the other, an invalid one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch.utils.data import TensorDataset

from suite.contract import SuiteError
from suite.data.automata.automaton import Automaton


def walks(automaton: Automaton, count: int, edges: int, generator: np.random.Generator) -> TensorDataset:
    """`count` random walks along `edges` edges, each step and each start with equal chances of what can go on.

    Inputs (edges + 2,) int64: state, stimuli, and last one that is invalid in the state reached (one that no edge of
    the automaton has is always among these). Targets (edges + 1,): the states on the way. Raises SuiteError where no
    walk is that long.
    """
    ways = _ways(automaton, edges)
    starts = sorted({source for source, *_ in ways[0]})
    if not starts:
        raise SuiteError(
            f"the automaton has no walk of {edges} edges: all its walks end in states without an edge out "
            "(`suite automaton check` names them); add edges out of these"
        )
    found = [_walk(automaton, ways, starts, generator) for _ in range(count)]
    inputs, targets = zip(*found, strict=True)
    return TensorDataset(torch.tensor(inputs), torch.tensor(targets))


Table = Sequence[tuple[int, int, int, int]]


def _ways(automaton: Automaton, edges: int) -> list[Table]:
    """For every step, the edges from which a walk can still be finished."""
    table = automaton.table
    ways: list[Table] = []
    for _ in range(edges):
        going = {source for source, *_ in ways[0]} if ways else set(range(len(automaton.states)))
        ways.insert(0, [edge for edge in table if edge[2] in going])
    return ways


def _walk(
    automaton: Automaton, ways: Sequence[Table], starts: Sequence[int], generator: np.random.Generator
) -> tuple[list[int], list[int]]:
    state = int(generator.choice(starts))
    inputs, states = [state], [state]
    for step in ways:
        chosen = [edge for edge in step if edge[0] == state]
        _, stimulus, state, _ = chosen[int(generator.integers(len(chosen)))]
        inputs.append(stimulus)
        states.append(state)
    valid = {stimulus for source, stimulus, *_ in automaton.table if source == state}
    invalid = [stimulus for stimulus in range(len(automaton.stimuli) + 1) if stimulus not in valid]
    return [*inputs, int(generator.choice(invalid))], states
