"""Reads of the clean network by which lines are fitted: recorded once, and given to every programmed array."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from suite.crossbar.arrays import programmed
from suite.crossbar.circuit.interception import Interception
from suite.crossbar.circuit.products import Product
from suite.crossbar.circuit.reads import parts
from suite.crossbar.settings import Crossbar

# So many inputs tell a line (Wan et al., Nature 608, 504-512, 2022, take 1,000 to 2,000), from so many samples at
# least: the places of one picture that a convolution reads are much alike.
VECTORS, SAMPLES = 2048, 64


@dataclass(frozen=True)
class Probe:
    """One read of an array of the clean network; ideal: its outputs, tile by tile, (vectors, lines); vectors: inputs of
    all samples, of which `inputs` has some."""

    product: Product
    inputs: Tensor
    transpose: bool
    ideal: tuple[Tensor, ...]
    vectors: int


@dataclass(frozen=True)
class _Read:
    """number: of the read, over both directions; share: of its samples, what is kept; vectors: of all its samples."""

    number: int
    product: Product
    inputs: Tensor
    share: float
    vectors: int


def probes(
    network: nn.Module, arrays: Mapping[str, Tensor], crossbar: Crossbar, run: Callable[[], None], samples: int
) -> dict[str, list[Probe]]:
    """{array: its reads in their order} while `run` calls the clean network on so many samples.

    Of each read the first samples are kept, so many that all reads of an array in one direction have about VECTORS
    inputs, or come from SAMPLES samples.
    """
    seen: dict[tuple[str, bool], list[_Read]] = defaultdict(list)
    count: Counter[str] = Counter()

    def record(array: str, product: Product, inputs: Tensor, transpose: bool) -> Tensor:
        outputs = product.outputs(inputs, slice(0, product.length))
        vectors = len(product.by_line(outputs))
        share = _share(vectors * samples / product.samples(inputs), samples)
        # A copy: blocks go, and with them what a part of them would keep.
        kept = _first(product, inputs, share).clone()
        seen[array, transpose].append(_Read(count[array], product, kept, share, vectors))
        count[array] += 1
        return outputs

    own = {name: tensor.clone() for name, tensor in arrays.items()}
    with programmed(network, own), Interception(own, record):
        run()
    found: dict[str, dict[int, Probe]] = {array: {} for array in count}
    for (array, transpose), reads in seen.items():
        found[array] |= _probes(reads, transpose, crossbar, samples)
    return {array: [some[number] for number in sorted(some)] for array, some in found.items()}


def _probes(reads: list[_Read], transpose: bool, crossbar: Crossbar, samples: int) -> Iterator[tuple[int, Probe]]:
    """By number; of arrays that each sample reads many times, fewer samples."""
    kept = max(read.share for read in reads)
    again = _share(kept * sum(read.vectors for read in reads), kept * samples)
    for read in reads:
        product, inputs = read.product, _first(read.product, read.inputs, again)
        ideal = (product.by_line(product.outputs(inputs, part)) for part in parts(product, crossbar, transpose))
        yield read.number, Probe(product, inputs, transpose, tuple(ideal), read.vectors)


def _share(vectors: float, samples: float) -> float:
    return min(1.0, max(VECTORS / vectors, SAMPLES / samples))


def _first(product: Product, inputs: Tensor, share: float) -> Tensor:
    return inputs[: math.ceil(share * len(inputs))] if product.samples(inputs) > 1 else inputs
