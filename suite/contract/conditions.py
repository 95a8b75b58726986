"""What a crossbar is like: the points of the `condition` axis."""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass
from typing import Any

# What a key says beside the settings.
_FIELDS = ("sigma_log", "specimen", "curve")
_PLAIN = re.compile(r"[A-Za-z0-9_.+-]+")


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
        """The identity of this condition, stable over runs: what cubes call it.

        Two conditions have one key where they differ in the order of settings, or in sigma_log beyond nine digits, and
        else never: 1, 1.0 and the text "1" are three settings.
        """
        named = [f"{_setting_name(name)}={_written(value)}" for name, value in sorted(self.settings)]
        if self.specimen:
            named.append(f"specimen={_written(self.specimen)}")
        if self.level_ratio:
            named.append(f"curve={hashlib.sha256(repr(self.level_ratio).encode()).hexdigest()[:8]}")
        inside = ",".join([f"sigma_log={self.sigma_log:.9g}", *named])
        return f"{_written(self.device)}({inside})@{self.crossbar}"

    @staticmethod
    def of(*, usability: float | None = None, sigma_log: float | None = None, **rest: Any) -> Condition:
        """A condition from either of its two coordinates (u = exp(-sigma_log)); the other one is derived."""
        if usability is not None:
            return Condition(usability, -math.log(usability) + 0.0, **rest)
        if sigma_log is None:
            raise ValueError("a condition needs usability or sigma_log")
        return Condition(math.exp(-sigma_log), sigma_log, **rest)


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
