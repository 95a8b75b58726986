"""Conditions as people read them: the key of a condition taken apart again, and in words."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass

_KEY = re.compile(r'(?P<device>"(?:[^"\\]|\\.)*"|[^(]*)\((?P<inside>.*)\)@(?P<crossbar>.*)', re.DOTALL)
# Commas within quotes and brackets part nothing.
_ENTRY = re.compile(r'(?:[^,"(\[{]|"(?:[^"\\]|\\.)*"|\([^)]*\)|\[[^\]]*\]|\{[^}]*\})+')
_PLAIN = "lognormal", "weights"


@dataclass(frozen=True)
class Parts:
    """What `Condition.key` says. numbers: levels and settings that are numbers; texts: everything else. Names as they
    stand there: that of a setting called as a field is in quotes."""

    device: str
    crossbar: str
    numbers: dict[str, float]
    texts: dict[str, str]


def parts(key: str) -> Parts:
    """The key of a condition, taken apart. Raises ValueError for a text that is none."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise ValueError(f"{key!r} is no key of a condition")
    numbers: dict[str, float] = {}
    texts: dict[str, str] = {}
    for entry in _ENTRY.findall(found["inside"]):
        name, _, value = entry.partition("=")
        try:
            numbers[name] = float(value)
        except ValueError:
            texts[name] = _unquoted(value)
    return Parts(_unquoted(found["device"]), found["crossbar"], numbers, texts)


def in_words(key: str) -> str:
    """A condition as a person reads it, such as `sigma 0.30 (u 0.74)`, `drifting, seconds 3600 on chip`.

    The log-normal device and the crossbar `weights` go without saying. Digits that no reader needs are left out, so
    that close levels may read alike: tables tell rows apart by the key.
    """
    told = parts(key)
    named = [value_in_words(name, value) for name, value in told.numbers.items()]
    named += [
        value if name == "specimen" else f"{name} {value}" for name, value in told.texts.items() if name != "curve"
    ]
    device, crossbar = _PLAIN
    words = ", ".join([*([] if told.device == device else [told.device]), *named])
    return words if told.crossbar == crossbar else f"{words} on {told.crossbar}"


def value_in_words(name: str, value: float) -> str:
    """A level: `sigma 0.30 (u 0.74)`, `seconds 3600`."""
    if name != "sigma_log":
        return f"{name} {value:.6g}"
    return f"sigma {_two_digits(value)} (u {_usability(math.exp(-value))})"


def _two_digits(value: float) -> str:
    """Two decimals; two digits that count where those would say 0."""
    return f"{value:.2f}" if value == 0 or value >= 0.095 else f"{value:.2g}"


def _usability(value: float) -> str:
    """Two decimals; near 1 as many as tell it from 1."""
    digits = 2 if value == 1 else max(2, math.ceil(-math.log10(1 - value)))
    return f"{value:.{digits}f}"


def _unquoted(text: str) -> str:
    return str(json.loads(text)) if text.startswith('"') else text
