"""What the sensed lines of crossbars give while samples are read, and what that costs: for observations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suite.contract.energy import READ_TIMES_S
from suite.contract.observations import Observation, Observed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Of cells while they are read, far below what writes them (Wan et al., Nature 608, 504-512, 2022).
READ_VOLTAGE_V = 0.2
# Inputs of a tile by which its energy is estimated, evenly chosen.
MOST_INPUTS = 1024
STATISTICS = ("array", "direction", "tile", "conductance_uS", "slope", "offset", "residual", "spread", "shown")
ENERGIES = ("array", "products", "rows", "columns", "pulses", "decrements", "low_J", "high_J", "relative")
_SIEMENS = 1e-6


@dataclass(frozen=True)
class LineReads:
    """One tile of an array in one direction, on inputs that the clean network gives it on training samples.

    inputs: (vectors, driven lines); ideal, found: (vectors, sensed lines), outputs of the tile in units of the layer,
    of the weights as they are and as they come back from the crossbar. shown: the same before they are undone; counted:
    whether that is in codes of a converter. conductances_uS: (2, sensed lines, driven lines), both cells of each pair.
    per_sample: such inputs in one inference; floating: whether the sensed lines float (voltage mode).
    """

    array: str
    backward: bool
    tile: int
    inputs: Floats
    ideal: Floats
    found: Floats
    shown: Floats
    counted: bool
    conductances_uS: Floats
    per_sample: float
    floating: bool


def sensed_lines() -> Observation:
    """`line_statistics` of all arrays. Raises NotApplicable on a crossbar without a circuit."""

    def observe(observed: Observed) -> dict[str, NDArray[Any]]:
        return line_statistics(observed.reads())

    return Observation("What sensed lines show", dict.fromkeys(STATISTICS, ("line",)), observe)


def pulse_energy(bits: Mapping[str, int]) -> Observation:
    """`pulse_energies` of all arrays. Raises NotApplicable on a crossbar without a circuit."""

    def observe(observed: Observed) -> dict[str, NDArray[Any]]:
        return pulse_energies(observed.reads(), bits)

    return Observation("Energy of an inference, by array", dict.fromkeys(ENERGIES, ("array_read",)), observe)


def line_statistics(reads: Sequence[LineReads]) -> dict[str, NDArray[Any]]:
    """Of every sensed line of every tile, (lines,): array, direction and tile that it is of; conductance_uS, the sum of
    its cells; slope and offset of what it shows by least squares on its ideal outputs; residual, the rms of what is
    left, and spread, the standard deviation of the ideal outputs, both in units of the layer; shown, the rms. NaN where
    the ideal outputs are all alike."""
    import numpy as np

    columns = [_statistics(one) for one in reads]
    return {name: np.concatenate([one[name] for one in columns]) for name in columns[0]}


def _statistics(reads: LineReads) -> dict[str, NDArray[Any]]:
    import numpy as np

    ideal, shown = reads.ideal - reads.ideal.mean(0), reads.shown - reads.shown.mean(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.square(ideal).mean(0)
        slope = np.where(variance > 1e-12, (ideal * shown).mean(0) / variance, np.nan)
        residual = np.sqrt(np.square(shown / slope - ideal).mean(0))
    lines = len(slope)
    return {
        "array": np.full(lines, reads.array),
        "direction": np.full(lines, "backward" if reads.backward else "forward"),
        "tile": np.full(lines, reads.tile),
        "conductance_uS": reads.conductances_uS.sum((0, 2)),
        "slope": slope,
        "offset": reads.shown.mean(0) - slope * reads.ideal.mean(0),
        "residual": residual,
        "spread": np.sqrt(variance),
        "shown": np.sqrt(np.square(reads.shown).mean(0)),
    }


def pulse_energies(reads: Sequence[LineReads], bits: Mapping[str, int]) -> dict[str, NDArray[Any]]:
    """What an inference takes by array and direction, (reads,): products (of a tile and an input), rows and columns
    (driven and sensed lines, of all tiles), pulses, decrements of charge that converters count, and the energy of the
    cells at the shortest and the longest pulse, low_J and high_J; relative: that energy, and with pulses as many and as
    long the energy-delay product, in units of what the same cells take if their lines are held at virtual ground.

    bits: magnitude bits of the inputs, {array: bits}, "" for all others; of an array that is read both ways
    {"ARRAY backward": bits} too. Of the cells alone: converters, drivers and logic are not in it.
    """
    import numpy as np

    groups: dict[tuple[str, bool], list[LineReads]] = {}
    for one in reads:
        groups.setdefault((one.array, one.backward), []).append(one)
    rows = [_group(tiles, _bits(bits, *group)) for group, tiles in groups.items()]
    found: dict[str, NDArray[Any]] = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    names = [f"{array} backward" if backward else array for array, backward in groups]
    return {"array": np.array(names), **found}


def _bits(bits: Mapping[str, int], array: str, backward: bool) -> int:
    own = f"{array} backward" if backward else array
    return bits.get(own, bits[""])


def _group(tiles: Sequence[LineReads], bits: int) -> dict[str, float]:
    import numpy as np

    products = sum(one.per_sample for one in tiles)
    taken, held = np.sum([np.multiply(_tile_energy(one, bits), one.per_sample) for one in tiles], 0)
    # A code of n - 1/2 is n decrements.
    counted = sum(one.per_sample * float(np.ceil(np.abs(one.shown)).sum(1).mean()) for one in tiles if one.counted)
    low, high = (float(taken) * seconds for seconds in READ_TIMES_S)
    return {
        "products": products,
        "rows": sum(one.inputs.shape[1] for one in tiles),
        "columns": sum(one.ideal.shape[1] for one in tiles),
        "pulses": products * 2 * (2**bits - 1),
        "decrements": counted,
        "low_J": low,
        "high_J": high,
        "relative": float(taken / held),
    }


def _tile_energy(reads: LineReads, bits: int) -> tuple[float, float]:
    """Joule per input and second of pulse: as the lines are sensed, and with all of them at virtual ground.

    A driven line is at +-V, so a line that floats at V_j has sum G (V_i - V_j)^2 = sum G V_i^2 - S_j V_j^2.
    """
    cells = reads.conductances_uS * _SIEMENS
    sums, volts = cells.sum((0, 2)), READ_VOLTAGE_V
    held = floating = 0.0
    for weight, pulse in _pulses(reads.inputs[:: -(-len(reads.inputs) // MOST_INPUTS)], bits):
        settled = volts * (pulse @ (cells[0] - cells[1]).T) / sums
        power = volts**2 * sums.sum()
        held += weight * power
        floating += weight * (power - float((sums * settled**2).sum(1).mean()))
    return (floating if reads.floating else held), held


def _pulses(inputs: Floats, bits: int) -> Iterator[tuple[int, Floats]]:
    """(how often, (vectors, driven lines) of +-1): two for each magnitude bit, whose sum is twice the bit. Bits of
    inputs without sign are sent as 2 bit - 1 and then 1, those that are 0 of inputs with a sign as 1 and then -1."""
    import numpy as np

    largest = np.abs(inputs).max() or 1.0
    codes = np.rint(np.abs(inputs) / largest * (2**bits - 1)).astype(int)
    signs = np.where(inputs < 0, -1.0, 1.0)
    for bit in range(bits):
        on = (codes >> bit & 1) > 0
        if (inputs < 0).any():
            yield 2**bit, np.where(on, signs, 1.0)
            yield 2**bit, np.where(on, signs, -1.0)
        else:
            yield 2**bit, np.where(on, 1.0, -1.0)
            yield 2**bit, np.ones_like(inputs)
