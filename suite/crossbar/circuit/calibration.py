"""Full scales of converters, fixed before anything is programmed, as in a chip whose references are set once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from suite.crossbar.arrays import programmed
from suite.crossbar.circuit.interception import Interception
from suite.crossbar.circuit.products import Product
from suite.crossbar.circuit.reads import Range, parts
from suite.crossbar.circuit.sensing import Sensing
from suite.crossbar.settings import Crossbar


def ranges(
    network: nn.Module,
    arrays: Mapping[str, Tensor],
    crossbar: Crossbar,
    sensing: Callable[[str], Mapping[bool, Sensing]],
    run: Callable[[], None],
) -> dict[str, dict[bool, Range]]:
    """{array: {transpose: full scales}}: the largest |input| and the largest |output of one tile| (or range_percentile
    of it, at the read where that is highest) that each array of the clean network sees while `run` calls it.

    sensing(array): how its lines sense the cells that are aimed at.
    """
    seen: dict[str, dict[bool, Range]] = defaultdict(dict)
    sensed = {name: sensing(name) for name in arrays}

    def record(array: str, product: Product, inputs: Tensor, transpose: bool) -> Tensor:
        driven = parts(product, crossbar, transpose)
        tiles = [product.outputs(inputs, part) for part in driven]
        before, shown = seen[array].get(transpose, Range(0.0, 0.0)), tiles
        if lines := sensed[array]:
            shown = [lines[transpose].outputs(product, inputs, part, tile) for tile, part in enumerate(driven)]
        largest = max(_full_scale(tile, crossbar.range_percentile) for tile in shown)
        seen[array][transpose] = Range(
            max(before.inputs, float(inputs.abs().max())),
            max(before.outputs, largest),
        )
        return torch.stack(tiles).sum(0)

    own = {name: tensor.clone() for name, tensor in arrays.items()}
    with programmed(network, own), Interception(own, record):
        run()
    return dict(seen)


def _full_scale(outputs: Tensor, percentile: float | None) -> float:
    if percentile is None:
        return float(outputs.abs().max())
    return float(np.percentile(outputs.abs().cpu().numpy(), percentile))
