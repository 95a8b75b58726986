"""The result of a fit: what `suite device fit` writes as JSON, and what a study names in `fits`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from suite.contract import SuiteError
from suite.lab.characterise.mapping import LEVELS, POINTS

Curve = Annotated[tuple[float, ...], Field(min_length=POINTS, max_length=POINTS)]
Ratio = Annotated[float, Field(ge=0, le=1)]


class BadFit(SuiteError):
    """A file that is no device fit, or one that was damaged."""


class DeviceFit(BaseModel):
    """One fitted device.

    sigma_log and its 95 % interval (None: undetermined), usability = exp(-sigma_log); window: first and last of the 100
    points of the positive loop between which the mean conductance rises; level_ratio: (35,), see `mapping`; left_out:
    samples of the window without a logarithm.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    format: Literal["crossbar-suite device fit 1"] = "crossbar-suite device fit 1"
    name: str = Field(pattern=r"^[^,@()=\s]+$")
    file: str
    sha256: str
    curve_source: Literal["measured"] = "measured"
    estimator: Literal["log_mle", "authors"]
    sigma_log: float = Field(gt=0)
    sigma_low: float | None
    sigma_high: float | None
    usability: float = Field(gt=0, lt=1)
    mono_len: int = Field(ge=0, lt=POINTS)
    window: tuple[int, int]
    cycles: int = Field(ge=2)
    used: int
    left_out: int
    voltage_V: Curve
    conductance_uS: Curve
    level_ratio: Annotated[tuple[Ratio, ...], Field(min_length=LEVELS, max_length=LEVELS)]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @model_validator(mode="after")
    def _consistent(self) -> DeviceFit:
        if not math.isclose(self.usability, math.exp(-self.sigma_log), abs_tol=1e-5):
            raise ValueError(f"usability {self.usability:g} is not exp(-sigma_log) = {math.exp(-self.sigma_log):g}")
        if self.window[1] - self.window[0] != self.mono_len:
            raise ValueError(f"window {self.window} does not have the monotone length {self.mono_len}")
        return self

    @property
    def usability_interval(self) -> tuple[float, float] | None:
        """95 % interval of the usability."""
        if self.sigma_low is None or self.sigma_high is None:
            return None
        return math.exp(-self.sigma_high), math.exp(-self.sigma_low)


def load_fit(path: Path) -> DeviceFit:
    """A fit as `suite device fit` wrote it. Raises BadFit: file, field, fix."""
    try:
        return DeviceFit.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadFit(f"{path}: cannot be read ({error.strerror}); write it with `suite device fit`") from error
    except ValidationError as error:
        item = error.errors()[0]
        field = ".".join(map(str, item["loc"])) or "the file"
        raise BadFit(f"{path}: {field}: {item['msg']}; write it anew with `suite device fit`") from error
