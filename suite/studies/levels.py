"""The entries of a study's `conditions:`: levels of one device, or measured devices, on one kind of crossbar."""

from __future__ import annotations

import math
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    PrivateAttr,
    model_validator,
)

from suite.contract import Condition, Device, Level, SuiteError
from suite.contract.names import meant
from suite.lab.characterise.specimens import Specimen, WhichSigma, specimens
from suite.studies.paths import StudyPath

# The default grid of design.md section 4: the paper's dialogue levels and four reporting sigmas are among it.
PAPER_USABILITY = (*(round(1.0 - 0.05 * step, 2) for step in range(20)), 0.74, 0.69, 0.57)
PAPER_SIGMA = (0.3, 0.5, 0.8, 1.2)
# What gives a sigma_log.
_SPREADS = ("grid", "usability", "sigma_log", "devices", "fits")


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
Number = Annotated[FiniteFloat, Field(strict=True), AfterValidator(lambda value: value + 0.0)]


class Part(BaseModel):
    """Unknown keys are errors: a typing mistake must never silently change a study."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Levels(Part):
    """One device at several levels of usability or sigma_log (no unit), or of what else its file declares, read through
    one kind of crossbar.

    Any other key is a level of the device, with a list of numbers in the unit that its file states. Lists of several
    levels span a grid: all their combinations, the last key running fastest, usability and sigma_log slowest.
    `devices` and `fits` name measured devices. `device: measured` programs each with its own levels and sigma; any
    other device takes their sigmas alone, which makes the twins that the effect of the levels is told by. Which sigma
    those of the table have is said by `sigma_of`.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Annotated[tuple[Number, ...], Field(min_length=1)]]

    device: str = "lognormal"
    grid: Literal["paper"] | None = Field(None, description="the default grid: 27 levels, among them the paper's")
    usability: tuple[Usability, ...] = ()
    sigma_log: tuple[Sigma, ...] = ()
    devices: tuple[str, ...] | Literal["all"] = Field((), description="of the packaged table, by name, or all 43")
    sigma_of: WhichSigma = Field("stored", description="of `devices`: the authors' of 37, their later one, or ours")
    fits: tuple[StudyPath, ...] = Field((), description="files written by `suite device fit`, relative to the study")
    crossbar: str = Field("weights", description="a label of `crossbars`")
    workloads: tuple[str, ...] = Field((), description="of these alone; left out: of all the study's")
    settings: dict[str, bool | int | float | str] = Field(default_factory=dict, description="the device's settings")
    _specimens: tuple[Specimen, ...] = PrivateAttr(())

    @model_validator(mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        """A mistyped key is mostly no list: said here, before it is taken for a level."""
        for key, given in value.items() if isinstance(value, dict) else ():
            if key not in cls.model_fields and not isinstance(given, (list, tuple)):
                known = meant(str(key), cls.model_fields)
                raise ValueError(f"{key}: unknown key{known}; a level of the device takes a list of numbers")
        return value

    @model_validator(mode="after")
    def _measured(self) -> Levels:
        """Fitted files are read once, here: workers elsewhere need not have them."""
        levels = self.grid or self.usability or self.sigma_log or self.others
        if self.device == "measured" and (levels or not (self.devices or self.fits)):
            raise ValueError("device `measured` takes its levels from `devices` or `fits`, and from nothing else")
        try:
            self._specimens = specimens(self.devices, self.fits, self.sigma_of)
        except SuiteError as error:
            raise ValueError(str(error)) from error
        return self

    @property
    def others(self) -> dict[str, tuple[float, ...]]:
        """The levels of the device beside usability and sigma_log."""
        return self.__pydantic_extra__

    def conditions(self) -> list[Condition]:
        """The conditions in the order written."""
        if self.device == "measured":
            return [specimen.condition(self.crossbar) for specimen in self._specimens]
        rest: dict[str, Any] = {
            "device": self.device,
            "crossbar": self.crossbar,
            "settings": tuple(sorted(self.settings.items())),
        }
        spreads = self._spreads() or ([{}] if self.others else [])
        grid = [dict(zip(self.others, values, strict=True)) for values in product(*self.others.values())]
        return [Condition.of(**spread, levels=levels, **rest) for spread in spreads for levels in grid]

    def _spreads(self) -> list[dict[str, float]]:
        """Every usability and sigma_log, by that name."""
        usability, sigma = self.usability, (*self.sigma_log, *(specimen.sigma_log for specimen in self._specimens))
        if self.grid == "paper":
            usability, sigma = PAPER_USABILITY + usability, PAPER_SIGMA + sigma
        return [{"usability": u} for u in usability] + [{"sigma_log": s} for s in sigma]

    def check(self, field: str, device: Device) -> None:
        """Raises ValueError, beginning with the field, where these are not the levels that the device declares."""
        named = ", ".join(f"{name} ({level.meaning})" for name, level in device.levels.items())
        declared = f"levels of device {self.device}: {named}"
        for name in self.others:
            if name not in device.levels:
                known = meant(name, {*Levels.model_fields, *device.levels})
                raise ValueError(f"{field}.{name}: unknown key{known}; {declared}")
            _check_values(f"{field}.{name}", self.others[name], device.levels[name])
        spread = [name for name in _SPREADS if getattr(self, name)]
        if spread and "sigma_log" not in device.levels:
            raise ValueError(f"{field}.{spread[0]}: {self.device} has no sigma_log, leave it out; {declared}")
        for name in device.levels:
            if name not in self.others and (name != "sigma_log" or not spread):
                example = f"{name}: [{device.levels[name].example:.4g}]"
                raise ValueError(f"{field}: gives no {name}, add {example}, say; {declared}")


def _check_values(field: str, values: tuple[float, ...], level: Level) -> None:
    for value in values:
        try:
            level.check(value)
        except ValueError as error:
            raise ValueError(f"{field}: {error} ({level.meaning})") from error
