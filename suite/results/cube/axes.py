"""Axes with holes: an axis is a tuple of positions, each a label or None, in whole chunks; positions never move."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

from suite.contract import Condition, SuiteError

Label = TypeVar("Label", bound=Hashable)


class BadLayout(SuiteError):
    """Labels that make no axis: none at all, or one of them twice."""


def identity(label: Hashable) -> Hashable:
    """What two labels are compared by: a condition's key, else the label itself."""
    return label.key if isinstance(label, Condition) else label


def checked(axis: str, labels: Sequence[Label]) -> tuple[Label, ...]:
    """The labels of one axis; raises BadLayout if there are none or one is listed twice."""
    seen: set[Hashable] = set()
    for label in labels:
        if identity(label) in seen:
            raise BadLayout(f"{axis}s: {identity(label)} is listed twice; list it once in the study")
        seen.add(identity(label))
    if not seen:
        raise BadLayout(f"{axis}s: none given; list at least one in the study")
    return tuple(labels)


def padded(labels: Sequence[Label], chunk: int) -> tuple[Label | None, ...]:
    """`labels` followed by as many holes as the last chunk lacks."""
    return (*labels, *(None for _ in range(-len(labels) % chunk)))


def padded_conditions(conditions: Sequence[Condition], chunk: int) -> tuple[Condition | None, ...]:
    """Whole chunks of one device and crossbar each, in order of first appearance: what a unit reads beside its state
    is then the same however the axis grew."""
    groups: dict[tuple[str, str], list[Condition]] = {}
    for condition in conditions:
        groups.setdefault((condition.device, condition.crossbar), []).append(condition)
    return tuple(position for group in groups.values() for position in padded(group, chunk))


def lacking(axis: Sequence[Label | None], labels: Sequence[Label]) -> list[Label]:
    """Those of `labels` that are not on `axis`."""
    known = {identity(label) for label in axis}
    return [label for label in labels if identity(label) not in known]


def extended(axis: tuple[Label | None, ...], labels: Sequence[Label], chunk: int) -> tuple[Label | None, ...]:
    """`axis`, as it is, followed by whole chunks of those `labels` that it lacks."""
    return axis + padded(lacking(axis, labels), chunk)


def filled(axis: Sequence[Label | None]) -> tuple[Label, ...]:
    """The labels of `axis` without its holes."""
    return tuple(label for label in axis if label is not None)


def holes(axis: Sequence[Label | None]) -> list[int]:
    """The positions of `axis` that carry no label."""
    return [position for position, label in enumerate(axis) if label is None]


def split(axis: tuple[Label | None, ...], chunk: int) -> tuple[tuple[Label, ...], ...]:
    """The labels of each chunk of `axis`, without holes."""
    return tuple(filled(axis[start : start + chunk]) for start in range(0, len(axis), chunk))


def positions(axis: Sequence[Label | None], labels: Sequence[Label]) -> list[int]:
    """Where each of `labels` lies on `axis`; raises KeyError with the label that is not there."""
    place = {identity(label): position for position, label in enumerate(axis) if label is not None}
    return [place[identity(label)] for label in labels]
