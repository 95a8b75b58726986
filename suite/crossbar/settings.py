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
# What only a converter of outputs can do.
_OF_CODES = (
    *("range_percentile", "full_scale", "output_noise_codes"),
    *("polarity_gain", "core_offset_codes", "column_offset_codes"),
)
# What happens at each read, and what is drawn.
_AT_READS = ("input_bits", "output_bits", "output_steps", "read_noise_uS", "sensing", "undo", "source_ohm")
_DRAWN = (
    *("programming_noise_uS", "window_uS", "faulty_cells", "stuck_on", "stuck_off"),
    *("read_noise_uS", "output_noise_codes", "core_offset_codes", "column_offset_codes"),
)
_WHY_TILES = {"wire_ohm": "the wires are as long as a tile", "cores": "each holds one"}


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

    What the NeuRRAM chip does (Wan et al., Nature 608, 504-512, 2022), each by itself:

    scale_percentile: the percentile of |weight| in each tile of rows that is a cell at g_max_uS; None: the largest
        |weight| of the array. clip_at_g_max: whether what lies above becomes g_max_uS, or a higher target.
    rest: "add" puts g_min_uS under both cells of a pair; "floor" raises to it the cells that are below.
    window_uS: write and verify ends anywhere within this of its target, and for targets below it from 0 to it.
    faulty_cells: share of cells that write and verify gives up on (see suite.crossbar.circuit.verify).
    sensing: "current" sums at virtual grounds; "voltage" lets each sensed line settle at the mean of what drives it,
        weighted by the cells: a current divided by the line's conductance.
    undo: how outputs come back from what is sensed, per line and tile: "nominal" by the conductance of the targets;
        "line" by least squares on training samples, slope and offset, of each programmed array.
    unsigned_inputs: input converters have 2^input_bits codes from 0 on. Inputs that are sent bit by bit need no
        setting: what they add up to is linear until it is counted.
    output_steps: converters count up to so many steps of charge, in place of output_bits: codes sgn(q) (n - 1/2).
    range_percentile: the percentile of |output of a tile| on training samples that is their full scale; None: 100.
    full_scale: what that is of. "array": one for all tiles of an array; "core": one for each tile, as operating points
        are that every core is given by itself; "random": one for each tile on inputs drawn evenly from the range of the
        training samples' instead of on these; "none": the most that any inputs in that range could give a tile.
    output_noise_codes: standard deviation of every conversion.
    polarity_gain: share by which negative outputs are larger.
    core_offset_codes, column_offset_codes: standard deviation of an offset per tile, and per sensed line of a tile.
    source_ohm: resistance in front of each driven line, which its cells load (first order).
    cores: how many crossbars of tile_rows by tile_columns there are for all arrays; None: as many as it takes.

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
    scale_percentile: float | None = None
    clip_at_g_max: bool = True
    rest: Literal["add", "floor"] = "add"
    window_uS: float | None = None
    faulty_cells: float | None = None
    sensing: Literal["current", "voltage"] = "current"
    undo: Literal["nominal", "line"] = "nominal"
    unsigned_inputs: bool = False
    output_steps: int | None = None
    range_percentile: float | None = None
    full_scale: Literal["array", "core", "random", "none"] = "array"
    output_noise_codes: float | None = None
    polarity_gain: float | None = None
    core_offset_codes: float | None = None
    column_offset_codes: float | None = None
    source_ohm: float | None = None
    cores: int | None = None

    def __post_init__(self) -> None:
        if problem := self._conductance_problem() or self._tile_problem() or self._converter_problem():
            raise CrossbarError(problem)

    @property
    def circuit(self) -> bool:
        """Whether weights become pairs of conductances."""
        return self.g_max_uS is not None

    @property
    def reads(self) -> bool:
        """Whether something happens at each read, so that effective weights do not say everything."""
        return any(name in self.given for name in _AT_READS)

    @property
    def sees_cells(self) -> bool:
        """Whether a read asks for the cells of each pair, beyond their difference."""
        return self.sensing == "voltage" or self.source_ohm is not None

    @property
    def converts(self) -> bool:
        """Whether outputs are turned into codes."""
        return self.output_bits is not None or self.output_steps is not None

    @property
    def changes(self) -> bool:
        """Whether a network on these crossbars may differ from the clean one even if every device is ideal."""
        return self.circuit or self.recalibrate_bn is not None

    @property
    def random(self) -> bool:
        """Whether realisations differ even if every device is ideal."""
        return any(name in self.given for name in _DRAWN)

    @property
    def given(self) -> tuple[str, ...]:
        """The settings that are not at their default."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) != field.default)

    def _conductance_problem(self) -> str | None:
        needing = [name for name in self.given if name not in _OF_THE_NETWORK]
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
        for name in ("wire_ohm", "cores"):
            if name in self.given and not all(tiled):
                return f"{name}: needs tile_rows and tile_columns, {_WHY_TILES[name]} (128 is common)"
        if self.tile_columns is not None and self.tile_columns % 2:
            return f"tile_columns: even, since a pair takes two bit lines, got {self.tile_columns}"
        if self.wire_ohm is not None and self.sees_cells:
            return "wire_ohm: is for lines at virtual ground, driven without loss; give source_ohm instead, or neither"
        if self.drift_compensation is not None and self.sees_cells:
            return "drift_compensation: is for currents of ideal drivers; leave it out, or sensing and source_ohm"
        return None

    def _converter_problem(self) -> str | None:
        if self.drift_compensation is not None and self.undo == "line":
            return "drift_compensation: undo: line finds what each line lost by itself; leave out one of them"
        if self.output_bits is not None and self.output_steps is not None:
            return "output_steps: is a converter of its own; leave out output_bits, or output_steps"
        if self.unsigned_inputs and self.input_bits is None:
            return "unsigned_inputs: says how input_bits are read; give input_bits too"
        for name in _OF_CODES:
            if name in self.given and not self.converts:
                return f"{name}: is in codes of the output converter; give output_steps (127, say) or output_bits"
        return None
