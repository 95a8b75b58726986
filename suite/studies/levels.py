"""The entries of a study's `conditions:`: levels of one device, or measured devices, on one kind of crossbar."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    model_validator,
)

from suite.contract import Condition, SuiteError
from suite.lab.characterise.specimens import Specimen, specimens
from suite.studies.paths import StudyPath

# The default grid of design.md section 4: the paper's dialogue levels and four reporting sigmas are among it.
PAPER_USABILITY = (*(round(1.0 - 0.05 * step, 2) for step in range(20)), 0.74, 0.69, 0.57)
PAPER_SIGMA = (0.3, 0.5, 0.8, 1.2)


def _sigma(value: float) -> float:
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"sigma_log must be finite and >= 0, got {value}")
    return value + 0.0  # -0.0 is 0.0: they are one condition


def _usability(value: float) -> float:
    if not 0 < value <= 1:
        raise ValueError(f"usability = exp(-sigma) lies in (0, 1], got {value}; give a value such as 0.9")
    return value


Usability = Annotated[float, AfterValidator(_usability)]
Sigma = Annotated[float, AfterValidator(_sigma)]


class Part(BaseModel):
    """Unknown keys are errors: a typing mistake must never silently change a study."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Levels(Part):
    """One device at several levels of usability or sigma_log (no unit), read through one kind of crossbar.

    `devices` and `fits` name measured devices. `device: measured` programs each with its own levels and sigma; any
    other device takes their sigmas alone, which makes the twins that the effect of the levels is told by.
    """

    device: str = "lognormal"
    grid: Literal["paper"] | None = Field(None, description="the default grid: 27 levels, among them the paper's")
    usability: tuple[Usability, ...] = ()
    sigma_log: tuple[Sigma, ...] = ()
    devices: tuple[str, ...] | Literal["all"] = Field((), description="of the packaged table, by name, or all 43")
    fits: tuple[StudyPath, ...] = Field((), description="files written by `suite device fit`, relative to the study")
    crossbar: str = Field("weights", description="a label of `crossbars`")
    workloads: tuple[str, ...] = Field((), description="of these alone; left out: of all the study's")
    settings: dict[str, bool | int | float | str] = Field(default_factory=dict, description="the device's settings")
    _specimens: tuple[Specimen, ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _measured(self) -> Levels:
        """Fitted files are read once, here: workers elsewhere need not have them."""
        levels = self.grid or self.usability or self.sigma_log
        if self.device == "measured" and (levels or not (self.devices or self.fits)):
            raise ValueError("device `measured` takes its levels from `devices` or `fits`, and from nothing else")
        try:
            self._specimens = specimens(self.devices, self.fits)
        except SuiteError as error:
            raise ValueError(str(error)) from error
        return self

    def conditions(self) -> list[Condition]:
        """The conditions in the order written."""
        if self.device == "measured":
            return [specimen.condition(self.crossbar) for specimen in self._specimens]
        usability, sigma = self.usability, (*self.sigma_log, *(specimen.sigma_log for specimen in self._specimens))
        if self.grid == "paper":
            usability, sigma = PAPER_USABILITY + usability, PAPER_SIGMA + sigma
        rest: dict[str, Any] = {
            "device": self.device,
            "crossbar": self.crossbar,
            "settings": tuple(sorted(self.settings.items())),
        }
        return [Condition.of(usability=u, **rest) for u in usability] + [
            Condition.of(sigma_log=s, **rest) for s in sigma
        ]
