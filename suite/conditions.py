"""What a crossbar is like: the points of the `condition` axis."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Condition:
    """What the crossbar is like: one point of the `condition` axis of a result cube.

    usability: u = exp(-sigma_log), in (0, 1]; sigma_log: standard deviation of ln(w'/w) (no unit);
    crossbar: label of the crossbar settings in the study; curve_source: where a measured curve came from, else "";
    specimen: name of the measured device that this stands for, else ""; level_ratio: what a cell's value is multiplied
    by at each of evenly spaced levels of |w| from 0 to the array's largest (no unit), () for 1 at every level.
    """

    usability: float
    sigma_log: float
    device: str = "lognormal"
    crossbar: str = "weights"
    curve_source: str = ""
    settings: tuple[tuple[str, Any], ...] = ()
    specimen: str = ""
    level_ratio: tuple[float, ...] = ()

    @property
    def key(self) -> str:
        """The identity of this condition, stable over runs: what unit hashes and cubes call it."""
        named = dict(self.settings)
        if self.specimen:
            named["specimen"] = self.specimen
        if self.level_ratio:
            named["curve"] = hashlib.sha256(repr(self.level_ratio).encode()).hexdigest()[:8]
        extra = "".join(f",{name}={value}" for name, value in named.items())
        return f"{self.device}(sigma_log={self.sigma_log:.9g}{extra})@{self.crossbar}"

    @staticmethod
    def of(*, usability: float | None = None, sigma_log: float | None = None, **rest: Any) -> Condition:
        """A condition from either of its two coordinates (u = exp(-sigma_log)); the other one is derived."""
        if usability is not None:
            return Condition(usability, -math.log(usability) + 0.0, **rest)
        if sigma_log is None:
            raise ValueError("a condition needs usability or sigma_log")
        return Condition(math.exp(-sigma_log), sigma_log, **rest)
