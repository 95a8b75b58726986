"""Which conditions of a workload lie on one line of a plot, and against what: whatever device, crossbar and levels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from suite.contract.condition_words import Parts, parts, value_in_words

USABILITY = "usability"
_SIGMA = "sigma_log"
# Each specimen has a curve of its own: they are points of one cloud.
_OWN = ("specimen", "curve")


@dataclass(frozen=True)
class Point:
    """Where a condition lies. axis: `usability`, or the name of another level or setting that varies; line: device,
    crossbar and all else that is constant on it; joined: whether its points lie on one curve (not so specimens)."""

    axis: str
    x: float
    line: str
    joined: bool


def points(keys: Iterable[str]) -> dict[str, Point]:
    """The place of every condition, by its key, in their order.

    The axis of a line is the number that takes most values among the conditions of its device, crossbar and texts,
    usability where there is a choice; other numbers that vary part it into several lines.
    """
    keys, groups = list(keys), dict[tuple[object, ...], dict[str, Parts]]()
    for key in keys:
        told = parts(key)
        texts = tuple(sorted((name, text) for name, text in told.texts.items() if name not in _OWN))
        kind = told.device, told.crossbar, tuple(sorted(told.numbers)), texts, "specimen" in told.texts
        groups.setdefault(kind, {})[key] = told
    placed = {key: point for group in groups.values() for key, point in _placed(group).items()}
    return {key: placed[key] for key in keys}


def _placed(group: dict[str, Parts]) -> dict[str, Point]:
    first = next(iter(group.values()))
    joined = "specimen" not in first.texts
    values = {name: {told.numbers[name] for told in group.values()} for name in first.numbers}
    ranked = sorted(values, key=lambda name: (-len(values[name]), name != _SIGMA, name))
    axis = _SIGMA if not joined and _SIGMA in values else ranked[0]
    return {
        key: Point(USABILITY if axis == _SIGMA else axis, _x(axis, told), _line(told, axis), joined)
        for key, told in group.items()
    }


def _x(axis: str, told: Parts) -> float:
    value = told.numbers[axis]
    # A key holds nine digits of sigma: no more of usability mean anything.
    return float(f"{math.exp(-value):.8g}") if axis == _SIGMA else value


def _line(told: Parts, axis: str) -> str:
    words = [f"{told.device} on {told.crossbar}"]
    words += [f"{name} {text}" for name, text in told.texts.items() if name not in _OWN]
    words += [value_in_words(name, value) for name, value in told.numbers.items() if name != axis]
    return ", ".join(words)
