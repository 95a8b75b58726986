"""The entries of a study's `crossbars:`: every setting with its unit, what is left out is ideal."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from suite.crossbar.settings import Crossbar, CrossbarError


def _above_0(value: float) -> float:
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"give a number above 0, got {value}; where it is ideal, leave it out")
    return value


def _share(value: float) -> float:
    if not 0 < value <= 1:
        raise ValueError(f"a share lies in (0, 1], got {value}; where there is none, leave it out")
    return value


def _percentile(value: float) -> float:
    if not 0 < value < 100:
        raise ValueError(f"a percentile lies between 0 and 100, got {value}; for the largest, leave it out")
    return value


Above0 = Annotated[float, AfterValidator(_above_0)]
Percentile = Annotated[float, AfterValidator(_percentile)]
Share = Annotated[float, AfterValidator(_share)]
AtLeast1 = Annotated[int, Field(ge=1)]
AtLeast2 = Annotated[int, Field(ge=2)]
# float32 tells no more than 24 bits apart.
Bits = Annotated[int, Field(ge=2, le=24)]


class CrossbarSettings(BaseModel):
    """How weights become cells and how these are read; what is left out is ideal (see suite.crossbar.settings)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cells: Literal["weights", "all_parameters"] = "weights"
    g_max_uS: Above0 | None = Field(None, description="cell of the largest weight; with it weights are pairs of cells")
    g_min_uS: Above0 | None = Field(None, description="a cell that carries nothing; left out: 0")
    levels: AtLeast2 | None = Field(None, description="conductances that a cell can be set to")
    programming_noise_uS: Above0 | None = Field(None, description="standard deviation about the asked conductance")
    stuck_on: Share | None = Field(None, description="share of cells that stay at g_max_uS")
    stuck_off: Share | None = Field(None, description="share of cells that stay at g_min_uS")
    tile_rows: AtLeast1 | None = Field(None, description="word lines of the largest tile")
    tile_columns: AtLeast2 | None = Field(None, description="bit lines of the largest tile, two per weight")
    wire_ohm: Above0 | None = Field(None, description="each wire segment from cell to cell")
    input_bits: Bits | None = Field(None, description="converter of each word line, sign included")
    output_bits: Bits | None = Field(None, description="converter of each pair of bit lines, sign included")
    read_noise_uS: Above0 | None = Field(None, description="standard deviation of a cell from read to read")
    drift_compensation: Literal["global"] | None = Field(None, description="one factor per array, from a read of it")
    recalibrate_bn: AtLeast2 | None = Field(None, description="training samples that set batch norm statistics anew")

    scale_percentile: Percentile | None = Field(None, description="of |weight| per tile at g_max_uS, 95; else the most")
    clip_at_g_max: bool = Field(True, description="or targets above it, where scale_percentile leaves some")
    rest: Literal["add", "floor"] = Field("add", description="g_min_uS under every cell, or only raised to it")
    window_uS: Above0 | None = Field(None, description="write and verify ends within it, 1")
    faulty_cells: Share | None = Field(None, description="share of cells that write and verify gives up on, 0.01")
    sensing: Literal["current", "voltage"] = Field("current", description="voltage: divided by each line's conductance")
    undo: Literal["nominal", "line"] = Field("nominal", description="by targets, or fitted per line and realisation")
    unsigned_inputs: bool = Field(False, description="codes of input_bits from 0 on")
    output_steps: AtLeast1 | None = Field(None, description="charge is counted in so many steps, 127")
    range_percentile: Percentile | None = Field(None, description="of |output of a tile| at full scale; else the most")
    full_scale: Literal["array", "core", "random", "none"] = Field(
        "array", description="one for all tiles, or for each; of training samples, of random inputs, or the possible"
    )
    output_noise_codes: Above0 | None = Field(None, description="standard deviation of a conversion, 0.65")
    polarity_gain: Above0 | None = Field(None, description="share by which negative outputs are larger, 0.06")
    core_offset_codes: Above0 | None = Field(None, description="standard deviation per tile, 12 with shared voltages")
    column_offset_codes: Above0 | None = Field(None, description="standard deviation per sensed line, 4")
    source_ohm: Above0 | None = Field(None, description="in front of each driven line, first order, 100")
    cores: AtLeast1 | None = Field(None, description="crossbars of a tile's size for all arrays, 48")

    @model_validator(mode="after")
    def _composes(self) -> CrossbarSettings:
        try:
            self.crossbar()
        except CrossbarError as error:
            raise ValueError(str(error)) from error
        return self

    def crossbar(self) -> Crossbar:
        """The settings as the numeric rooms know them."""
        return Crossbar(**self.model_dump())
