"""Full scales of converters, fixed before anything is programmed, as in a chip whose references are set once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Generator, Tensor, nn

from suite.crossbar.arrays import programmed
from suite.crossbar.circuit.interception import Interception
from suite.crossbar.circuit.products import Product
from suite.crossbar.circuit.reads import Range, parts
from suite.crossbar.circuit.sensing import Sensing
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar


def ranges(
    network: nn.Module,
    arrays: Mapping[str, Tensor],
    crossbar: Crossbar,
    key: Key,
    sensing: Callable[[str], Mapping[bool, Sensing]],
    run: Callable[[], None],
) -> dict[str, dict[bool, Range]]:
    """{array: {transpose: full scales}} of what each array of the clean network sees while `run` calls it: the largest
    |input|, and of each tile, or all of them, the largest |output| (or range_percentile of it, at the read where that
    is highest), of the inputs that `full_scale` names.

    sensing(array): how its lines sense the cells that are aimed at.
    """
    seen: dict[str, dict[bool, Range]] = defaultdict(dict)
    sensed = {name: sensing(name) for name in arrays}
    generator = key.generator("random-inputs")

    def record(array: str, product: Product, inputs: Tensor, transpose: bool) -> Tensor:
        driven, lines = parts(product, crossbar, transpose), sensed[array].get(transpose, Sensing())
        tiles = [product.outputs(inputs, part) for part in driven]
        shown = _shown(product, inputs, driven, lines, crossbar, generator) or tiles
        found = [_full_scale(tile, crossbar.range_percentile) for tile in shown]
        if crossbar.full_scale == "array":
            found = [max(found)] * len(found)
        before = seen[array].get(transpose, Range(0.0, (0.0,) * len(found)))
        seen[array][transpose] = Range(
            max(before.inputs, float(inputs.abs().max())),
            tuple(map(max, before.outputs, found)),
        )
        return torch.stack(tiles).sum(0)

    own = {name: tensor.clone() for name, tensor in arrays.items()}
    with programmed(network, own), Interception(own, record):
        run()
    return dict(seen)


def _shown(
    product: Product,
    inputs: Tensor,
    driven: Sequence[slice],
    lines: Sensing,
    crossbar: Crossbar,
    generator: Generator,
) -> list[Tensor]:
    """What the lines of each tile show of the inputs that full scales are of; [] where that is the outputs."""
    most = inputs.abs().max()
    if crossbar.full_scale == "random":
        drawn = torch.rand(inputs.shape, generator=generator).to(inputs.device)
        inputs = most * (2 * drawn - 1 if (inputs < 0).any() else drawn)
    elif crossbar.full_scale == "none":
        # Every line as if all that drives it had the sign of its cell.
        inputs, product, lines = most.expand(inputs.shape), product.magnitudes(), lines.magnitudes()
    elif not lines.sums and lines.matrix is None:
        return []
    return [lines.outputs(product, inputs, part, tile) for tile, part in enumerate(driven)]


def _full_scale(outputs: Tensor, percentile: float | None) -> float:
    if percentile is None:
        return float(outputs.abs().max())
    return float(np.percentile(outputs.abs().cpu().numpy(), percentile))
