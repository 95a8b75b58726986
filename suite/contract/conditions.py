"""What a crossbar is like: the points of the `condition` axis."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

# What a key says beside levels and settings.
_FIELDS = ("sigma_log", "specimen", "curve")
_NO_LEVELS: Mapping[str, float] = MappingProxyType({})
_PLAIN = re.compile(r"[A-Za-z0-9_.+-]+")


@dataclass(frozen=True)
class Condition:
    """What the crossbar is like: one point of the `condition` axis of a result cube.

    usability: u = exp(-sigma_log), in (0, 1]; sigma_log: standard deviation of ln(w'/w) (no unit); both NaN where the
    device knows other levels alone; levels: these, by name, in the units that the device states, see `level`;
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
    levels: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", tuple(sorted(self.levels)))
        # One NaN for all: by any other, equal conditions would differ.
        for name in ("usability", "sigma_log"):
            if math.isnan(getattr(self, name)):
                object.__setattr__(self, name, math.nan)

    def __reduce__(self) -> tuple[type[Condition], tuple[Any, ...]]:
        return Condition, tuple(vars(self).values())

    def level(self, name: str) -> float:
        """The level called `name`, in the unit that the device states. Raises LookupError."""
        for known, value in self.levels:
            if known == name:
                return value
        raise LookupError(f"condition {self.key} has no level {name!r}; declare it in Device(levels=...)")

    @property
    def key(self) -> str:
        """The identity of this condition, stable over runs: what cubes call it.

        Two conditions have one key where they differ in the order of settings, or in a level beyond nine digits, and
        else never: 1, 1.0 and the text "1" are three settings.
        """
        sigma = () if math.isnan(self.sigma_log) else (("sigma_log", self.sigma_log),)
        levels = [f"{name}={value:.9g}" for name, value in (*sigma, *self.levels)]
        named = [f"{_setting_name(name)}={_written(value)}" for name, value in sorted(self.settings)]
        if self.specimen:
            named.append(f"specimen={_written(self.specimen)}")
        if self.level_ratio:
            named.append(f"curve={hashlib.sha256(repr(self.level_ratio).encode()).hexdigest()[:8]}")
        return f"{_written(self.device)}({','.join([*levels, *named])})@{self.crossbar}"

    @staticmethod
    def of(
        *,
        usability: float | None = None,
        sigma_log: float | None = None,
        levels: Mapping[str, float] = _NO_LEVELS,
        **rest: Any,
    ) -> Condition:
        """A condition from either of usability and sigma_log (u = exp(-sigma_log)), the other one is derived, from
        other levels, {name: value}, or from both."""
        if usability is not None:
            sigma_log = -math.log(usability) + 0.0
        elif sigma_log is not None:
            usability = math.exp(-sigma_log)
        elif levels:
            usability = sigma_log = math.nan
        else:
            raise ValueError("a condition needs usability or sigma_log, or levels of its device")
        return Condition(usability, sigma_log, levels=tuple(levels.items()), **rest)


def _setting_name(name: str) -> str:
    return _quoted(name) if name in _FIELDS else _written(name)


def _written(value: Any) -> str:
    """A text stands as it is where it can be taken for nothing else, else in quotes."""
    if not isinstance(value, str):
        return repr(value)
    return value if _PLAIN.fullmatch(value) and not _is_literal(value) else _quoted(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _is_literal(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text in ("True", "False", "None")
    return True
