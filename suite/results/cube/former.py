"""A contestant was called `method` in cubes, units, tables and receipts once: what says so is read like what is new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TODAY = {"method": "contestant", "methods": "contestants"}
FORMER = {today: former for former, today in TODAY.items()}


def renamed(labels: Mapping[str, Any]) -> dict[str, Any]:
    """Labels out of a file, under today's names."""
    return {TODAY.get(name, name): value for name, value in labels.items()}


def as_formerly(labels: Mapping[str, Any]) -> dict[str, Any]:
    """Labels under their former names: the names of files that are made of them stay what they were."""
    return {FORMER.get(name, name): value for name, value in labels.items()}
