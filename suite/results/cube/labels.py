"""Labels as JSON: what the attributes of a cube say about its axes, scores and data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from suite.contract import Condition, Score
from suite.contract.sources import Source
from suite.results.cube.axes import filled
from suite.results.cube.former import renamed
from suite.results.cube.layout import Layout


@dataclass(frozen=True)
class Labels:
    """Everything a workload's group says: all positions ever made, and the labels its study asks for, in its order."""

    layout: Layout
    wanted: Layout
    measures: Mapping[str, Score]
    source: Source
    title: str

    def to_json(self) -> dict[str, Any]:
        """Attributes of the workload's group."""
        return {
            "title": self.title,
            "source": self.source,
            "measures": {name: asdict(score) for name, score in self.measures.items()},
            "layout": _layout_to_json(self.layout),
            "wanted": _layout_to_json(self.wanted),
        }

    @staticmethod
    def from_json(attributes: Mapping[str, Any]) -> Labels:
        """The inverse of `to_json`."""
        return Labels(
            _layout_from_json(attributes["layout"]),
            _layout_from_json(attributes["wanted"]),
            {name: Score(**score) for name, score in attributes["measures"].items()},
            attributes["source"],
            attributes["title"],
        )


def canonical(labels: Labels) -> Labels:
    """The same study without holes or history: what its digest speaks of."""
    wanted = labels.wanted
    conditions, realisations = filled(wanted.conditions), filled(wanted.realisations)
    # Not `Layout.make`, which keeps devices and crossbars in chunks of their own, with holes.
    chunk = (len(conditions), len(realisations))
    whole = Layout(wanted.contestants, wanted.seeds, conditions, realisations, chunk)
    return Labels(whole, whole, labels.measures, labels.source, labels.title)


def _layout_to_json(layout: Layout) -> dict[str, Any]:
    return {
        "contestants": list(layout.contestants),
        "seeds": list(layout.seeds),
        "conditions": [condition and condition_to_json(condition) for condition in layout.conditions],
        "realisations": list(layout.realisations),
        "chunk": list(layout.chunk),
    }


def _layout_from_json(written: Mapping[str, Any]) -> Layout:
    value = renamed(written)
    return Layout(
        tuple(value["contestants"]),
        tuple(value["seeds"]),
        tuple(_conditions(value["conditions"])),
        tuple(value["realisations"]),
        (value["chunk"][0], value["chunk"][1]),
    )


def _conditions(values: Sequence[Mapping[str, Any] | None]) -> list[Condition | None]:
    return [value and condition_from_json(value) for value in values]  # type: ignore[misc]


def condition_to_json(condition: Condition) -> dict[str, Any]:
    """The fields of a condition, and its key for readers; None for a usability or sigma_log that has no meaning."""
    # JSON has no NaN.
    fields = {name: None if value != value else value for name, value in asdict(condition).items()}
    return {"key": condition.key, **fields}


def condition_from_json(value: Mapping[str, Any]) -> Condition:
    """The inverse of `condition_to_json`."""
    fields: dict[str, Any] = {
        name: math.nan if entry is None else entry for name, entry in value.items() if name != "key"
    }
    pairs: dict[str, Any] = {
        name: tuple((key, one) for key, one in fields.get(name, ())) for name in ("settings", "levels")
    }
    return Condition(**{**fields, **pairs, "level_ratio": tuple(fields.get("level_ratio", ()))})
