"""Random automata of any size, the worst case for a network: every edge has a stimulus of its own."""

from __future__ import annotations

from suite.contract import SuiteError
from suite.contract.seeds import numpy_generator
from suite.data.automata.automaton import Automaton

ENTROPY = 22121196


def generated(states: int, edges: int, draw: int = 0) -> Automaton:
    """A ring over all states (over the first `edges` of them where there are fewer edges), then edges between two
    random states; draw: which of the random ones. Raises SuiteError below two states or two edges."""
    if states < 2 or edges < 2:
        raise SuiteError(f"a generated automaton has two states and two edges at least, not {states} and {edges}")
    ring = min(states, edges)
    pairs = [(number, (number + 1) % ring) for number in range(ring)]
    generator = numpy_generator(ENTROPY, "automaton", states, edges, draw)
    pairs += [tuple(generator.choice(states, 2, replace=False).tolist()) for _ in range(edges - ring)]
    return Automaton.model_validate(
        {
            "states": [f"z{number}" for number in range(states)],
            "stimuli": [f"s{number}" for number in range(edges)],
            "edges": [
                {"from": f"z{source}", "input": f"s{number}", "to": f"z{target}"}
                for number, (source, target) in enumerate(pairs)
            ],
        }
    )
