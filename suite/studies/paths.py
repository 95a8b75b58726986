"""Paths in a study file: every one of them is given from where the file lies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from suite.contract import SuiteError


def _folder(info: ValidationInfo) -> Path | None:
    """Where the study file lies; None for a study that was made without one, whose paths stay as they are."""
    folder: Path | None = (info.context or {}).get("folder")
    return folder and folder.resolve()


def _placed(path: Path, info: ValidationInfo) -> Path:
    folder = _folder(info)
    return path.expanduser() if folder is None else (folder / path.expanduser()).resolve()


def _placed_pattern(pattern: str, info: ValidationInfo) -> str:
    # Braces in the name of the folder are no fields to be filled in.
    folder = str(_folder(info) or "").replace("{", "{{").replace("}", "}}")
    return str(Path(folder) / Path(pattern).expanduser())


def _placed_name(name: str, info: ValidationInfo) -> str:
    return str(_placed(Path(name), info)) if is_file_name(name) else name


def is_file_name(name_or_path: str | Path) -> bool:
    """Whether a study, or what a setting means, is named by its file, and not as a built-in one."""
    return Path(name_or_path).suffix in (".yaml", ".yml")


StudyPath = Annotated[Path, AfterValidator(_placed)]
# With fields in braces, to be filled in before it is a path.
PathPattern = Annotated[str, AfterValidator(_placed_pattern)]
# Of another study: its name, or the path of its file.
StudyName = Annotated[str, AfterValidator(_placed_name)]
# What a study sets of a plug-in: a text that names a YAML file is a path like any other.
Setting = bool | int | float | Annotated[str, AfterValidator(_placed_name)]


class NoState(SuiteError):
    """A trained state that a study names is not there."""


def state_file(pattern: str, workload: str, seed: int) -> Path:
    """The file of one training: `{workload}` and `{seed}` in the pattern are filled in. Raises NoState."""
    try:
        path = Path(pattern.format(workload=workload.replace("/", "-"), seed=seed)).expanduser()
    except (KeyError, IndexError) as error:
        raise NoState(f"state: {pattern!r} may hold {{workload}} and {{seed}}, not {error}") from error
    if not path.is_file():
        raise NoState(f"{path}: no such state for workload {workload}, seed {seed}; put it there or correct `state`")
    return path
