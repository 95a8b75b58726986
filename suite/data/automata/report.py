"""What `suite automaton check` says of a file."""

from __future__ import annotations

from collections.abc import Iterator

from suite.data.automata.automaton import EDGE_COST, LOAD, Automaton


def lines(automaton: Automaton) -> Iterator[str]:
    """Its size, the network that holds it, and what is odd about it."""
    states, edges = len(automaton.states), len(automaton.edges)
    yield (
        f"{states} states, {len(automaton.stimuli)} stimuli, {len(automaton.outputs)} outputs, {edges} edges; "
        "deterministic"
    )
    yield (
        f"a dense network needs {automaton.neurons_needed:,} neurons by the capacity rule of arXiv:2212.01196 "
        f"(states + {EDGE_COST:g} x edges < {LOAD:g} x neurons), where about half of all walks fail; take twice as many"
    )
    used: dict[str, set[str | None]] = {
        "states": {name for edge in automaton.edges for name in (edge.source, edge.target)},
        "stimuli": {edge.stimulus for edge in automaton.edges},
        "outputs": {edge.output for edge in automaton.edges},
    }
    for field, names in used.items():
        if idle := [name for name in getattr(automaton, field) if name not in names]:
            yield f"{field} that no edge has: {', '.join(idle)}"
    if ends := [name for name in automaton.states if name not in {edge.source for edge in automaton.edges}]:
        yield f"states without an edge out, where walks end: {', '.join(ends)}"
