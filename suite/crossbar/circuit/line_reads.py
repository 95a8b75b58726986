"""What the sensed lines of programmed arrays give, told tile by tile for observations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.contract.lines import LineReads
from suite.crossbar.circuit.converters import code
from suite.crossbar.circuit.probes import Probe
from suite.crossbar.circuit.reads import ProgrammedArray, parts


def line_reads(
    name: str, array: ProgrammedArray, cells: Tensor, probes: Sequence[Probe], samples: int
) -> Iterator[LineReads]:
    """Of one array in each direction in which it is read; cells: (2, *shape) uS; samples: those that the clean network
    was called on."""
    numbered: dict[bool, list[tuple[int, Probe]]] = defaultdict(list)
    for number, probe in enumerate(probes):
        numbered[probe.transpose].append((number, probe))
    for backward, chosen in numbered.items():
        seen = _seen(array, chosen)
        matrix = cells.flatten(2).mT if backward else cells.flatten(2)
        per_sample = sum(probe.vectors for _, probe in chosen) / samples
        for tile, part in enumerate(parts(chosen[0][1].product, array.crossbar, backward)):
            worth = code(array.ranges[backward].outputs[tile], array.crossbar) if array.crossbar.converts else 1.0
            inputs, ideal, found, shown = (_numpy(torch.cat(some)) for some in zip(*seen[tile], strict=True))
            yield LineReads(
                array=name,
                backward=backward,
                tile=tile,
                inputs=inputs,
                ideal=ideal,
                found=found,
                # A full scale of 0 leaves no code but 0.
                shown=shown / (worth or 1.0),
                counted=array.crossbar.converts,
                conductances_uS=_numpy(matrix[:, :, part]),
                per_sample=per_sample,
                floating=array.crossbar.sensing == "voltage",
            )


def _seen(array: ProgrammedArray, probes: Sequence[tuple[int, Probe]]) -> dict[int, list[tuple[Tensor, ...]]]:
    """{tile: (inputs, ideal outputs, outputs, what was shown) of each read}, (vectors, lines) each."""
    found: dict[int, list[tuple[Tensor, ...]]] = defaultdict(list)
    for number, probe in probes:
        product = array.product(probe.product, probe.transpose)
        for tile, part, sensed in array.sensed(product, probe.inputs, probe.transpose, number):
            undone = array.undone(product, sensed, probe.transpose, tile)
            shown = (probe.ideal[tile], product.by_line(undone), product.by_line(sensed))
            found[tile].append((product.vectors(probe.inputs, part), *shown))
    return found


def _numpy(values: Tensor) -> NDArray[np.float64]:
    return values.detach().cpu().numpy().astype(np.float64)
