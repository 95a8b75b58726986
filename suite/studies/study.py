"""The study file: one YAML that says which workloads, methods, seeds and conditions are compared, and at what scale."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from suite.contract import Condition, Scale, SuiteError
from suite.contract.names import meant
from suite.contract.registry import registry
from suite.contract.seeds import TUNING_SEED
from suite.studies.canonical import canonical
from suite.studies.crossbars import CrossbarSettings
from suite.studies.entries import MethodEntry, WorkloadEntry, labelled
from suite.studies.levels import Levels, Part, Sigma
from suite.studies.paths import StudyName, StudyPath, is_file_name

__fingerprint__ = "glue"

BUILT_IN = Path(__file__).parent


class StudyError(SuiteError):
    """A study file that cannot be run as written."""


def _plain_name(value: str) -> str:
    if not value or not all(char.isalnum() or char in "-_" for char in value):
        raise ValueError("use letters, digits, '-' and '_' only: it becomes a folder name")
    return value


class Tuning(Part):
    """The tuning budget, the same for every method; `batch` candidates are asked at a time."""

    # Hashes leave out what is at its default, here and in methods and crossbars: no default ever changes.

    trials: int = Field(14, ge=1)
    random_trials: int = Field(3, ge=0)
    batch: int = Field(1, ge=1)
    sigma_log: tuple[Sigma, ...] = (0.0, 0.3, 0.6, 0.9)
    realisations: int = Field(8, ge=1)
    stop_at: float | None = Field(
        None, gt=0, lt=1, description="share of its epochs after which a candidate below the median ends"
    )
    warm_start: StudyName | None = Field(
        None, description="study of a cheaper scale (a name, or a .yaml path) whose best is tried first"
    )


class Observe(Part):
    """One observation of trained states, of every method: named arrays that the files of these workloads define."""

    what: Annotated[str, AfterValidator(_plain_name)]
    workloads: tuple[str, ...] = Field(min_length=1)
    seeds: tuple[int, ...] = Field((), description="default: the first of the study's")
    conditions: tuple[Levels, ...] = Field((Levels(sigma_log=(0.0,)),), min_length=1)
    realisations: int = Field(1, ge=1)


class Precision(Part):
    """A wanted half width of the 95 % interval of every cell's first score; the pilot is the study's `realisations`."""

    half_width: float = Field(gt=0, description="in units of the score: 0.005 is half a point of accuracy")
    most_realisations: int = Field(100, ge=2)


class Study(Part):
    """A study: what is compared, on what, under which conditions, at what scale."""

    name: Annotated[str, AfterValidator(_plain_name)]
    scale: Scale
    workloads: dict[str, WorkloadEntry] = Field(min_length=1)
    methods: dict[str, MethodEntry] = Field(min_length=1)
    seeds: tuple[int, ...] = Field((0, 1, 2), description="one training each; a number N means 0..N-1")
    realisations: int = Field(10, ge=1, description="random programmings of the crossbars per trained state")
    conditions: tuple[Levels, ...] = Field((Levels(grid="paper"),), min_length=1)
    crossbars: dict[str, CrossbarSettings] = Field(default_factory=lambda: {"weights": CrossbarSettings()})
    observe: tuple[Observe, ...] = ()
    tuning: Tuning = Tuning()
    precision: Precision | None = Field(None, description="default: `realisations` and no more")
    entropy: int = Field(20241202779, ge=0, description="root of every random stream")
    standins: Literal["allow", "forbid"] = "forbid"
    plugins: tuple[StudyPath, ...] = Field((), description="folders with workloads/, methods/, devices/ of your own")
    figures: tuple[str, ...] = Field((), description="drawn beside those of every study; `suite list` shows all")
    _file: Path | None = PrivateAttr(None)

    @property
    def reference(self) -> str:
        """What a command line calls this study: its file, or its name where it is built in."""
        own = self._file is not None and self._file.parent != BUILT_IN
        return str(self._file) if own else self.name

    @property
    def workload_files(self) -> dict[str, str]:
        """The name of the file behind each label of a workload."""
        return {label: entry.workload for label, entry in self.workloads.items()}

    def at(self, field: str) -> str:
        """How an error message about a field begins."""
        return f"{self._file or f'study {self.name}'}: field {field}"

    @field_validator("seeds", mode="before", json_schema_input_type=int | tuple[int, ...])
    @classmethod
    def _count(cls, value: Any) -> Any:
        return tuple(range(value)) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("workloads", mode="before", json_schema_input_type=dict[str, WorkloadEntry | None] | list[str])
    @classmethod
    def _workloads(cls, value: Any) -> Any:
        found = labelled(value, "workload", "settings")
        for label in found if isinstance(found, dict) else ():
            if below := [other for other in found if other.startswith(f"{label}/")]:
                raise ValueError(
                    f"{below[0]!r} would lie within {label!r} in the cube; give {label!r} a second part too"
                )
        return found

    @field_validator("methods", mode="before", json_schema_input_type=dict[str, MethodEntry | None] | list[str])
    @classmethod
    def _methods(cls, value: Any) -> Any:
        return labelled(value, "method", "options")

    @model_validator(mode="after")
    def _consistent(self) -> Study:
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"seeds: give at least one and each only once, got {list(self.seeds)}")
        if any(not 0 <= seed < TUNING_SEED for seed in self.seeds):
            raise ValueError(f"seeds: lie in 0..{TUNING_SEED - 1} (the seed above is kept for tuning)")
        if (plain := self.crossbars.get("weights")) is not None and plain.crossbar().changes:
            raise ValueError("crossbars: 'weights' names plain weights in figures; give the circuit another label")
        for levels in self.conditions:
            if levels.crossbar not in self.crossbars:
                raise ValueError(f"conditions: crossbar {levels.crossbar!r} is not among {sorted(self.crossbars)}")
            if strange := sorted({*levels.workloads} - {*self.workloads}):
                raise ValueError(f"conditions: workloads: {strange[0]!r} is not among {list(self.workloads)}")
        for name, entry in self.workloads.items():
            if strange := [label for label in entry.methods if label not in self.methods]:
                raise ValueError(f"workloads.{name}.methods: {strange[0]!r} is not among {list(self.methods)}")
            self._check_conditions(name)
        self._check_observations()
        self._check_precision()
        return self

    def _check_workloads(self) -> None:
        labels: dict[str, str] = {}
        for label, entry in self.workloads.items():
            if (other := labels.setdefault(repr(entry), label)) != label:
                raise ValueError(f"workloads: {other!r} and {label!r} are one workload with equal settings; remove one")

    def _check_conditions(self, workload: str) -> None:
        keys = [condition.key for condition in self.conditions_of(workload)]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"conditions: given twice: {', '.join(twice)}; remove the repetition")
        if not keys:
            raise ValueError(f"conditions: no level given for {workload}; add usability, sigma_log or grid: paper")

    def _check_observations(self) -> None:
        for number, entry in enumerate(self.observe):
            crossbars = [levels.crossbar for levels in entry.conditions]
            for field, given, known in (
                ("workloads", entry.workloads, self.workloads),
                ("seeds", entry.seeds, self.seeds),
                ("conditions", crossbars, (*self.crossbars, "weights")),
            ):
                if strange := [value for value in given if value not in known]:
                    raise ValueError(f"observe.{number}.{field}: {strange[0]!r} is not among {list(known)}")
            if not all(levels.conditions() for levels in entry.conditions):
                raise ValueError(f"observe.{number}.conditions: no level given; add usability or sigma_log")

    def _check_precision(self) -> None:
        if self.precision is None:
            return
        for field, count in (("seeds", len(self.seeds)), ("realisations", self.realisations)):
            if count < 2:
                raise ValueError(f"{field}: precision takes a pilot of at least two, to see how much they differ")
        if self.precision.most_realisations < self.realisations:
            raise ValueError(
                f"precision.most_realisations: {self.precision.most_realisations} is below the pilot's realisations "
                f"({self.realisations}); raise it, or lower `realisations`"
            )

    def conditions_of(self, workload: str) -> tuple[Condition, ...]:
        """Every condition of a workload, in the order written."""
        chosen = (levels for levels in self.conditions if not levels.workloads or workload in levels.workloads)
        return tuple(condition for levels in chosen for condition in levels.conditions())


def load_study(name_or_path: str | Path) -> Study:
    """A study of `suite/studies` by name, or any YAML file by path. Raises StudyError: file, field and fix."""
    import yaml

    path = _find(name_or_path)
    try:
        content = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StudyError(f"{path}: not a YAML file: {error}") from error
    if not isinstance(content, dict):
        raise StudyError(f"{path}: a study is a mapping of fields such as name, scale, workloads; found {content!r}")
    try:
        study = Study.model_validate(content, context={"folder": path.parent})
    except ValidationError as error:
        raise StudyError(_explain(path, error)) from error
    for folder in study.plugins:
        if not folder.is_dir():
            raise StudyError(f"{path}: field plugins: no folder {folder}; create it or correct the path")
    study._file = path
    return _canonical(study)


def by_name(studies: Iterable[Study]) -> dict[str, Study]:
    """Studies whose results can lie in one folder. Raises StudyError where two have one name."""
    found: dict[str, Study] = {}
    for study in studies:
        if study.name in found:
            raise StudyError(
                f"two studies are called {study.name}, and results go by names; rename one, or name one alone"
            )
        found[study.name] = study
    return found


def _canonical(study: Study) -> Study:
    """With the form of every entry that its plug-in files make the only one. Raises StudyError."""
    try:
        plain = canonical(study, registry(study.plugins))
        plain._check_workloads()
        for name in plain.workloads:
            plain._check_conditions(name)
    except ValueError as error:
        raise StudyError(f"{study._file}: field {error}") from error
    return plain


def _find(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if is_file_name(path):
        if not path.is_file():
            raise StudyError(f"{path}: no such study file; `suite list` shows the built-in studies")
        return path
    built_in = {file.stem: file for file in sorted(BUILT_IN.glob("*.yaml"))}
    if str(name_or_path) not in built_in:
        raise StudyError(
            f"no study {str(name_or_path)!r}{meant(str(name_or_path), list(built_in))}; or give a .yaml path"
        )
    return built_in[str(name_or_path)]


def _explain(path: Path, error: ValidationError) -> str:
    lines = []
    for item in error.errors():
        field = ".".join(str(part) for part in item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message = f"unknown key{meant(str(item['loc'][-1]), _siblings(item['loc']))}"
        # What concerns several fields has no location: its message begins with them.
        lines.append(f"{path}: field {field}: {message}" if field else f"{path}: field {message}")
    return "\n".join(lines)


def _siblings(location: tuple[int | str, ...]) -> list[str]:
    """The keys allowed where an unknown one was found."""
    parts: dict[str, type[BaseModel]] = {
        "workloads": WorkloadEntry,
        "methods": MethodEntry,
        "tuning": Tuning,
        "precision": Precision,
        "crossbars": CrossbarSettings,
        "observe": Observe,
    }
    model: type[BaseModel] = Study if len(location) == 1 else parts.get(str(location[0]), Study)
    return sorted(model.model_fields)


def json_schema() -> str:
    """The schema that editors read; committed as suite/studies/schema.json and kept in step by a test."""
    return json.dumps(Study.model_json_schema(), indent=2, sort_keys=True) + "\n"
