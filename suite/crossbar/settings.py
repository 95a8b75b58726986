"""What a study may say about its crossbars."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from suite.contract import SuiteError


class CrossbarError(SuiteError):
    """Settings of a crossbar that contradict each other; the message names them and the fix."""


class NoConductances(SuiteError):
    """A device that acts on conductances lies on a crossbar of plain weights."""

    def __init__(self, device: str, crossbar: str) -> None:
        super().__init__(
            f"device {device} acts on conductances, and crossbar {crossbar!r} has plain weights: in the study, add "
            "`chip: {g_max_uS: 100}`, say, to `crossbars`, and write `crossbar: chip` in its conditions"
        )


# What says nothing of the circuit: the rest needs conductances, so g_max_uS.
_OF_THE_NETWORK = ("cells", "g_max_uS", "recalibrate_bn")


@dataclass(frozen=True)
class Crossbar:
    """How a network's tensors become cells, and how the cells are read. None is ideal; the settings compose.

    cells: "weights" programs what the workload calls its arrays, biases and normalisation stay digital;
        "all_parameters" programs every parameter, as the authors' code does.
    g_max_uS: each weight becomes a pair of cells whose conductances differ by it; the array's largest |weight| is a
        cell at g_max_uS. None: weights are programmed as numbers and nothing below but recalibrate_bn may be set.
    g_min_uS: where a cell rests that carries nothing. None: at 0.
    levels: how many conductances a cell can be set to, evenly spaced from g_min_uS to g_max_uS.
    programming_noise_uS: standard deviation of what is set about what was asked for; conductances end at 0.
    stuck_on, stuck_off: shares of the cells that stay at g_max_uS or g_min_uS whatever is programmed.
    tile_rows, tile_columns: word lines and bit lines of the largest tile; a pair takes two neighbouring bit lines.
    wire_ohm: resistance of each segment of word and bit line from cell to cell.
    input_bits, output_bits: signed uniform converters per word line, and per pair of bit lines of a tile.
    read_noise_uS: standard deviation of each cell's conductance from read to read, beside what its device says of it.
    drift_compensation: "global" multiplies the outputs of each array by one factor, from a calibration read after
        programming: every word line once, least squares of what comes on what was asked for.
    recalibrate_bn: training samples by which the running statistics of batch normalisation are estimated anew on
        each programmed network; without effect where a network has none. None: those of the trained state.

    Raises CrossbarError where settings contradict each other.
    """

    cells: Literal["weights", "all_parameters"] = "weights"
    g_max_uS: float | None = None
    g_min_uS: float | None = None
    levels: int | None = None
    programming_noise_uS: float | None = None
    stuck_on: float | None = None
    stuck_off: float | None = None
    tile_rows: int | None = None
    tile_columns: int | None = None
    wire_ohm: float | None = None
    input_bits: int | None = None
    output_bits: int | None = None
    read_noise_uS: float | None = None
    drift_compensation: Literal["global"] | None = None
    recalibrate_bn: int | None = None

    def __post_init__(self) -> None:
        if problem := self._conductance_problem() or self._tile_problem():
            raise CrossbarError(problem)

    @property
    def circuit(self) -> bool:
        """Whether weights become pairs of conductances."""
        return self.g_max_uS is not None

    @property
    def reads(self) -> bool:
        """Whether something happens at each read, so that effective weights do not say everything."""
        return any(given is not None for given in (self.input_bits, self.output_bits, self.read_noise_uS))

    @property
    def changes(self) -> bool:
        """Whether a network on these crossbars may differ from the clean one even if every device is ideal."""
        return self.circuit or self.recalibrate_bn is not None

    @property
    def random(self) -> bool:
        """Whether realisations differ even if every device is ideal."""
        draws = (self.programming_noise_uS, self.stuck_on, self.stuck_off, self.read_noise_uS)
        return any(given is not None for given in draws)

    def _conductance_problem(self) -> str | None:
        given = [field.name for field in fields(self) if getattr(self, field.name) is not None]
        needing = [name for name in given if name not in _OF_THE_NETWORK]
        if self.g_max_uS is None:
            return f"{needing[0]}: needs g_max_uS, the conductance of the largest weight" if needing else None
        if self.cells == "all_parameters":
            return "cells: all_parameters has no circuit (biases and norms are no matrices); leave out g_max_uS"
        if self.g_min_uS is not None and self.g_min_uS >= self.g_max_uS:
            return f"g_min_uS: lies below g_max_uS ({self.g_max_uS:g}), got {self.g_min_uS:g}"
        if (self.stuck_on or 0.0) + (self.stuck_off or 0.0) > 1:
            return f"stuck_on: together with stuck_off at most 1, got {self.stuck_on} and {self.stuck_off}"
        return None

    def _tile_problem(self) -> str | None:
        tiled = (self.tile_rows is not None, self.tile_columns is not None)
        if any(tiled) and not all(tiled):
            return "tile_rows: goes with tile_columns; give both or none"
        if self.wire_ohm is not None and not all(tiled):
            return "wire_ohm: needs tile_rows and tile_columns, the wires are as long as a tile (128 is common)"
        if self.tile_columns is not None and self.tile_columns % 2:
            return f"tile_columns: even, since a pair takes two bit lines, got {self.tile_columns}"
        return None
