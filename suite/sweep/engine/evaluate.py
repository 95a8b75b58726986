"""Outputs of one network under many sets of programmed weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from suite.contract.seeds import torch_generator
from suite.crossbar.arrays import programmed
from suite.sweep.engine.agreement import agree
from suite.sweep.engine.graph import SharedGraph
from suite.sweep.engine.plain import called_plainly

# A graph is trusted once it gives what the network gives on a few samples, as they are and far out of their range,
# under weights that drifted a little and ones that drifted more than any that are scored.
PROBE_SAMPLES, PROBE_GAINS, PROBE_SIGMAS = 4, (1, 8), (0.1, 1.5)


class Evaluator(Protocol):
    """What is common to all items of a block is done once by `prepare`, the rest per item by `outputs`."""

    def prepare(self, inputs: Any) -> Any:
        """Work on a block of inputs that no programmed weight touches."""
        ...

    def nbytes(self, prepared: Any) -> int:
        """Memory that a prepared block takes beyond its inputs."""
        ...

    def outputs(self, prepared: Any, weights: Mapping[str, Tensor]) -> Tensor:
        """(samples, ...) outputs of the block under one set of weights."""
        ...


class WholeNetwork:
    """The path that is right for every network: weights are put in place and the network is called."""

    def __init__(self, network: nn.Module, channels_last: bool = False) -> None:
        self.network, self.channels_last = network, channels_last

    def prepare(self, inputs: Any) -> Any:
        """Nothing is shared; channels go innermost where the network keeps its weights so."""
        return inputs.contiguous(memory_format=torch.channels_last) if self.channels_last else inputs

    def nbytes(self, prepared: Any) -> int:
        """Nothing beyond the inputs."""
        return 0

    def outputs(self, prepared: Any, weights: Mapping[str, Tensor]) -> Tensor:
        """(samples, ...) outputs of the block."""
        with programmed(self.network, weights) as network:
            return network(prepared)


class Prepared:
    """The blocks of a test set as an evaluator wants them: kept as far as `budget` bytes go, made anew beyond."""

    def __init__(self, engine: Evaluator, inputs: Sequence[Any], budget: int) -> None:
        self.engine, self.inputs, self.budget = engine, inputs, budget
        self.kept: dict[int, Any] = {}

    def __iter__(self) -> Iterator[Any]:
        for index, inputs in enumerate(self.inputs):
            if index in self.kept:
                yield self.kept[index]
                continue
            prepared = self.engine.prepare(inputs)
            self.budget -= self.engine.nbytes(prepared)
            if self.budget >= 0:
                self.kept[index] = prepared
            yield prepared


def evaluator(network: nn.Module, arrays: Mapping[str, Tensor], inputs: Any) -> Evaluator:
    """The evaluator for a network whose `arrays` are programmed; `inputs` is a block to try it on.

    Which one it is depends on the network, its arrays and the block alone, never on timing. A network whose
    convolutions lie in torch.channels_last is run whole in that layout: it says that they are wide, and for 16 channels
    and more the library's own kernels are the faster ones (tests/bench/README.md).
    """
    if isinstance(inputs, Tensor) and inputs.ndim == 4 and _channels_last(arrays):
        return WholeNetwork(network, channels_last=True)
    whole = WholeNetwork(network)
    if not arrays or not isinstance(inputs, Tensor) or not called_plainly(network):
        return whole
    try:
        graph = SharedGraph(network, arrays)
        return graph if _trusted(graph, whole, arrays, inputs[:: -(-len(inputs) // PROBE_SAMPLES)]) else whole
    except Exception:  # a forward is anybody's code and may fail under tracing in any way
        return whole


def _channels_last(arrays: Mapping[str, Tensor]) -> bool:
    """Whether any kernel of more than one cell and channel is laid out with its channels innermost."""
    return any(
        array.ndim == 4 and not array.is_contiguous() and array.is_contiguous(memory_format=torch.channels_last)
        for array in arrays.values()
    )


def _trusted(graph: SharedGraph, whole: WholeNetwork, arrays: Mapping[str, Tensor], samples: Tensor) -> bool:
    gains = PROBE_GAINS if samples.is_floating_point() else (1,)
    batch = torch.cat([samples * gain for gain in gains])
    return all(_agree(graph, whole, _drifted(arrays, sigma), batch, len(gains)) for sigma in PROBE_SIGMAS)


def _drifted(arrays: Mapping[str, Tensor], sigma: float) -> dict[str, Tensor]:
    """The arrays times log-normal factors of their own, always the same."""
    generators = {name: torch_generator(0, "probe", name) for name in arrays}
    return {
        name: array * (sigma * torch.randn(array.shape, generator=generators[name])).exp().to(array)
        for name, array in arrays.items()
    }


def _agree(graph: SharedGraph, whole: WholeNetwork, weights: Mapping[str, Tensor], batch: Tensor, parts: int) -> bool:
    prepared = graph.prepare(batch.clone())
    # The second pass over what is shared: a graph that changes it in place gives itself away.
    graph.outputs(prepared, weights)
    found, expected = graph.outputs(prepared, weights), whole.outputs(batch.clone(), weights)
    return agree(found.chunk(parts), expected.chunk(parts))
