"""Full scales of converters, fixed before anything is programmed, as in a chip whose references are set once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from suite.crossbar.arrays import programmed
from suite.crossbar.circuit.interception import Interception
from suite.crossbar.circuit.products import Product
from suite.crossbar.circuit.reads import Range, parts
from suite.crossbar.settings import Crossbar


def ranges(
    network: nn.Module, arrays: Mapping[str, Tensor], crossbar: Crossbar, run: Callable[[], None]
) -> dict[str, dict[bool, Range]]:
    """{array: {transpose: full scales}}: the largest |input| and the largest |output of one tile| that each array of
    the clean network sees while `run` calls it."""
    seen: dict[str, dict[bool, Range]] = defaultdict(dict)

    def record(array: str, product: Product, inputs: Tensor, transpose: bool) -> Tensor:
        tiles = [product.outputs(inputs, part) for part in parts(product, crossbar, transpose)]
        before = seen[array].get(transpose, Range(0.0, 0.0))
        largest = max(float(tile.abs().max()) for tile in tiles)
        seen[array][transpose] = Range(
            max(before.inputs, float(inputs.abs().max())),
            max(before.outputs, largest),
        )
        return torch.stack(tiles).sum(0)

    own = {name: tensor.clone() for name, tensor in arrays.items()}
    with programmed(network, own), Interception(own, record):
        run()
    return dict(seen)
