"""The labelled entries of a study: a file, and what the study sets of it."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, model_validator

from suite.contract.method import Statistics
from suite.studies.levels import Part
from suite.studies.paths import PathPattern, Setting

__fingerprint__ = "glue"

# It becomes a coordinate of the cube and, with '-' for '/', a part of file names.
LABEL = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")


def _check_label(value: Any) -> None:
    if not LABEL.fullmatch(str(value)):
        raise ValueError(
            f"label {value!r}: use letters, digits, '-' and '_', with '/' between parts as in bayesmulti/fixed"
        )


def labelled(value: Any, kind: str, more: str) -> Any:
    """Entries by label: a list of files is the short form; a label alone names its own file."""
    if isinstance(value, (list, tuple)):
        if not all(isinstance(label, str) for label in value) or len(set(value)) < len(value):
            raise ValueError(f"a list has names, each only once, got {list(value)}; with {more}, write a mapping")
        value = {label: {} for label in value}
    if isinstance(value, dict):
        for label in value:
            _check_label(label)
        return {
            label: {kind: label, **(entry or {})} if isinstance(entry, (dict, type(None))) else entry
            for label, entry in value.items()
        }
    return value


class WorkloadEntry(Part):
    """A workload file and what the study sets of it; its label is its group in the cube."""

    workload: str = ""
    settings: dict[str, Setting] = Field(default_factory=dict)
    epochs: int | None = Field(None, ge=1, description="of a training; default: the recipe's at the study's scale")
    methods: tuple[str, ...] = Field((), description="labels of those of the study that are run on it; default: all")


class Adaptation(Part):
    """What fits a trained network to each programmed chip: a method file with `adapt`, and its options."""

    method: str
    options: dict[str, bool | int | float | str] = Field(default_factory=dict)


class MethodEntry(Part):
    """One line of the comparison: a method file, its options and how its parameters are found."""

    method: str = ""
    options: dict[str, bool | int | float | str] = Field(default_factory=dict)
    tuning: Literal["gp", "random", "none"] = "gp"
    objective: Literal["drift", "clean_train"] = "drift"
    params: dict[str, float] = Field(default_factory=dict, description="fixed values, not searched")
    draws_per_step: int = Field(1, ge=1, description="noise draws whose losses a training step averages")
    statistics: Statistics | None = Field(
        None, description="of batch norm: as training under noise left them, or estimated anew; default: the better"
    )
    state: PathPattern | None = Field(
        None, description="for `external`: file of each state, with {workload} and {seed}, relative to the study"
    )

    adapt: Adaptation | None = Field(None, description="what follows the training, on every chip; default: nothing")

    @model_validator(mode="after")
    def _external(self) -> MethodEntry:
        if (self.method == "external") != (self.state is not None):
            raise ValueError("`method: external` and `state: PATH` belong together")
        return self
