"""A network as a torch.fx graph that knows which of its nodes depend on programmed tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from torch import Tensor, fx, nn

from suite.crossbar.arrays import places, programmed, tensors_at

Weights = Mapping[str, Tensor]
Call = Callable[..., Any]


class _Tracer(fx.Tracer):
    # Buffers can be arrays: as proxies they are read anew for every item instead of becoming constants.
    proxy_buffer_attributes = True


@dataclass(frozen=True)
class Trace:
    """graph: of `network`; array_at: {(module path, attribute): array}; constants: tensors that the forward makes
    without its input; noisy: the nodes that arrays reach."""

    network: nn.Module
    graph: fx.Graph
    array_at: Mapping[tuple[str, str], str]
    constants: Mapping[str, Any]
    noisy: set[fx.Node] = field(default_factory=set)

    @staticmethod
    def of(network: nn.Module, arrays: Weights) -> Trace:
        """Raises whatever a forward that cannot be traced raises."""
        held = tensors_at(network)
        array_at = {place: array for array in arrays for place in places(held, array)}
        with _as_it_was(network) as added:
            graph = _Tracer().trace(network)
        trace = Trace(network, graph, array_at, added)
        for node in trace.graph.nodes:
            if trace.local_arrays(node) or any(parent in trace.noisy for parent in node.all_input_nodes):
                trace.noisy.add(node)
        return trace

    def local_arrays(self, node: fx.Node) -> dict[str, str]:
        """{name inside the layer: array} of the arrays that a node reads by itself."""
        target = str(node.target)
        if node.op == "get_attr":
            path, _, attribute = target.rpartition(".")
            array = self.array_at.get((path, attribute))
            return {} if array is None else {attribute: array}
        if node.op != "call_module":
            return {}
        return {
            f"{path}.{attribute}"[len(target) + 1 :]: array
            for (path, attribute), array in self.array_at.items()
            if path == target or path.startswith(f"{target}.")
        }

    def layer(self, node: fx.Node) -> nn.Module | None:
        """The layer that a node calls."""
        return self.network.get_submodule(str(node.target)) if node.op == "call_module" else None

    def tensors(self, node: fx.Node) -> Callable[[Weights], dict[str, Tensor]]:
        """weights -> {name inside the layer: tensor}, programmed where it is an array."""
        layer, local = self.layer(node), self.local_arrays(node)
        own = {} if layer is None else {**dict(layer.named_parameters()), **dict(layer.named_buffers())}
        return lambda weights: {**own, **{name: weights[array] for name, array in local.items()}}

    def own_code(self, node: fx.Node) -> Call:
        """(weights, *values) -> what the network's own code makes of tensors as it knows them."""
        layer, local, target = self.layer(node), self.local_arrays(node), node.target
        if layer is not None:
            return partial(_call_layer, layer, local)
        if node.op == "get_attr":
            path, _, attribute = str(target).rpartition(".")
            if local:
                return lambda weights: weights[local[attribute]]
            own = self.constants.get(str(target))
            own = getattr(self.network.get_submodule(path), attribute) if own is None else own
            return lambda weights: own
        if node.op == "call_method":
            return lambda weights, value, *args, **kwargs: getattr(value, str(target))(*args, **kwargs)
        return lambda weights, *args, **kwargs: target(*args, **kwargs)  # type: ignore[operator]


@contextmanager
def _as_it_was(network: nn.Module) -> Iterator[dict[str, Any]]:
    """Undoes what tracing, or a forward run on proxies, sets on modules; yields what was added to the outermost."""
    added: dict[str, Any] = {}
    before = [(module, dict(module.__dict__)) for module in network.modules()]
    try:
        yield added
    finally:
        for module, attributes in before:
            if module is network:
                added.update({name: value for name, value in module.__dict__.items() if name not in attributes})
            module.__dict__.clear()
            module.__dict__.update(attributes)


def _call_layer(layer: nn.Module, local: Mapping[str, str], weights: Weights, *args: Any, **kwargs: Any) -> Any:
    with programmed(layer, {name: weights[array] for name, array in local.items()}):
        return layer(*args, **kwargs)
