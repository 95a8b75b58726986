"""Evaluating a traced network: what no programmed tensor reaches runs once per block, the rest once per item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, fx, nn

from suite.sweep.engine.lanes import natural
from suite.sweep.engine.plain import jumps
from suite.sweep.engine.steps import Step, Values, plain_step, steps_of
from suite.sweep.engine.trace import Trace


class Jumpy(Exception):
    """A network that only its own code evaluates exactly."""


class SharedGraph:
    """Evaluator (see `suite.sweep.engine.evaluate`) of a network that torch.fx can trace."""

    def __init__(self, network: nn.Module, arrays: Mapping[str, Tensor]) -> None:
        """Raises Jumpy, and whatever a forward that cannot be traced raises."""
        trace = Trace.of(network, arrays)
        if jumps(trace):
            raise Jumpy("outputs may jump where this path and the network's own code round differently")
        kind = next(iter(arrays.values())).device.type
        nodes = list(trace.graph.nodes)
        self.input = next(node for node in nodes if node.op == "placeholder")
        self.result = next(node for node in nodes if node.op == "output").args[0]
        once = [node for node in nodes if node not in trace.noisy and node.op not in ("placeholder", "output")]
        self.steps = steps_of(trace, kind)
        needed = {parent for step in self.steps for parent in step.head.all_input_nodes}
        self.once = _with_last_reads([plain_step(trace, node) for node in once], {*needed, self.result})
        self.each = _with_last_reads(self.steps, {self.result, *once, self.input})

    def prepare(self, inputs: Tensor) -> Values:
        """Values of the nodes that all items have in common, laid out as the layers that read them want."""
        values = _run(self.once, {}, {self.input: inputs})
        for step in self.steps:
            if step.layout is not None:
                values[step.head] = step.layout(values[step.head.all_input_nodes[0]])
        return values

    def nbytes(self, prepared: Values) -> int:
        """Memory of the values, the inputs aside."""
        return sum(getattr(value, "nbytes", 0) for node, value in prepared.items() if node is not self.input)

    def outputs(self, prepared: Values, weights: Mapping[str, Tensor]) -> Tensor:
        """(samples, ...) outputs of the block under one set of weights."""
        return natural(_run(self.each, weights, dict(prepared))[self.result])


def _with_last_reads(steps: Sequence[Step], kept: set[fx.Node]) -> list[tuple[Step, list[fx.Node]]]:
    """Each step with the values that nothing reads after it."""
    seen, result = set(kept), []
    for step in reversed(steps):
        spent = [node for node in step.head.all_input_nodes if node not in seen]
        seen.update(spent)
        result.append((step, spent))
    return result[::-1]


def _run(steps: Sequence[tuple[Step, list[fx.Node]]], weights: Mapping[str, Tensor], values: Values) -> Values:
    for step, spent in steps:
        values[step.node] = step.call(weights, values)
        for node in spent:
            del values[node]
    return values
