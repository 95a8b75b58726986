"""An automaton and its file:

states: [locked, open]
stimuli: [coin, push]
outputs: [thanks]                                              # may be left out
edges:
  - {from: locked, input: coin, to: open, output: thanks}      # output may be left out
  - {from: open, input: push, to: locked}
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from suite.contract import SuiteError
from suite.contract.names import meant

BUILT_IN = Path(__file__).parent
# Cotteret et al., Neural Computation 36(4), 2024, arXiv:2212.01196: walks of a dense network succeed below
# states + EDGE_COST x edges = LOAD x neurons.
EDGE_COST, LOAD = 2.2, 0.10


class BadAutomaton(SuiteError):
    """An automaton file that cannot be used; the message names the file, the field and the fix."""


def _text(value: Any) -> Any:
    if isinstance(value, (bool, int, float)):
        raise ValueError(f"YAML reads this name as {value!r}; put it in quotes")
    return value


Name = Annotated[str, BeforeValidator(_text), Field(min_length=1)]


class Edge(BaseModel):
    """One edge; each has a vector of its own in the network."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Name = Field(alias="from")
    stimulus: Name = Field(alias="input")
    target: Name = Field(alias="to")
    output: Name | None = None


class Automaton(BaseModel):
    """States, stimuli, outputs and edges, in the order of the file: numbers of each are its indices there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    states: tuple[Name, ...] = Field(min_length=1)
    stimuli: tuple[Name, ...] = Field(min_length=1)
    outputs: tuple[Name, ...] = ()
    edges: tuple[Edge, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Automaton:
        for field in ("states", "stimuli", "outputs"):
            names = getattr(self, field)
            if len(set(names)) < len(names):
                twice = Counter(names).most_common(1)[0][0]
                raise ValueError(f"{field}: {twice!r} is given twice; remove one")
        before: dict[tuple[str, str], int] = {}
        for number, edge in enumerate(self.edges):
            self._check_names(number, edge)
            key = edge.source, edge.stimulus
            if key in before:
                raise ValueError(
                    f"edges.{number}: state {edge.source!r} has two edges on stimulus {edge.stimulus!r}, this one and "
                    f"edges.{before[key]}; an automaton is deterministic: give one of them another stimulus"
                )
            before[key] = number
        return self

    def _check_names(self, number: int, edge: Edge) -> None:
        for key, kind, name, known in (
            ("from", "state", edge.source, self.states),
            ("input", "stimulus", edge.stimulus, self.stimuli),
            ("to", "state", edge.target, self.states),
            ("output", "output", edge.output, self.outputs),
        ):
            if name is not None and name not in known:
                raise ValueError(f"edges.{number}.{key}: unknown {kind} {name!r}{meant(name, known)}")

    @property
    def table(self) -> list[tuple[int, int, int, int]]:
        """Source, stimulus, target and output of every edge as numbers; -1 where there is no output."""
        state, stimulus, output = (
            {name: number for number, name in enumerate(names)} for names in (self.states, self.stimuli, self.outputs)
        )
        return [
            (state[edge.source], stimulus[edge.stimulus], state[edge.target], output.get(edge.output or "", -1))
            for edge in self.edges
        ]

    @property
    def neurons_needed(self) -> int:
        """The smallest dense network that holds it by the capacity rule of arXiv:2212.01196."""
        return neurons_needed(len(self.states), len(self.edges))


def neurons_needed(states: int, edges: int) -> int:
    """As `Automaton.neurons_needed`, of any automaton of this size."""
    return math.ceil((states + EDGE_COST * edges) / LOAD)


def built_in() -> list[str]:
    """Names of the automata that come with the suite."""
    return sorted(path.stem for path in BUILT_IN.glob("*.yaml"))


def read_automaton(name_or_path: str | Path) -> Automaton:
    """A built-in automaton by name, or a YAML file by path. Raises BadAutomaton: file, field and fix."""
    path = _find(name_or_path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadAutomaton(f"{path}: cannot be read as YAML ({error})") from error
    if not isinstance(content, dict):
        raise BadAutomaton(f"{path}: an automaton is a mapping of states, stimuli and edges; found {content!r}")
    # YAML 1.1 takes these bare words for true and false wherever they stand.
    if odd := [key for key in content if not isinstance(key, str)]:
        raise BadAutomaton(f"{path}: field {odd[0]!r}: names of fields are texts")
    try:
        return Automaton.model_validate(content)
    except ValidationError as error:
        raise BadAutomaton("\n".join(f"{path}: field {line}" for line in _lines(error))) from error


def _find(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise BadAutomaton(f"{path}: no such file; known by name: {', '.join(built_in())}")
        return path
    if str(name_or_path) not in built_in():
        raise BadAutomaton(
            f"no automaton {str(name_or_path)!r}{meant(str(name_or_path), built_in())}; or give a .yaml path"
        )
    return BUILT_IN / f"{name_or_path}.yaml"


def _lines(error: ValidationError) -> Iterator[str]:
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            known = ["from", "input", "output", "to"] if "edges" in item["loc"] else sorted(Automaton.model_fields)
            message = f"unknown key{meant(str(item['loc'][-1]), known)}"
        # What concerns several fields has no location: its message begins with them.
        yield f"{place}: {message}" if place else message
