"""Small results by hash beside the trained states: `results/store/HASH.json` (tuning trials, chosen parameters)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from suite.results.files import write_files


def save_record(folder: Path, key: str, content: Mapping[str, Any]) -> None:
    """Writes a record atomically. Raises ResultsNotWritable."""
    write_files(record_files(folder, key, content))


def record_files(folder: Path, key: str, content: Mapping[str, Any]) -> dict[Path, bytes]:
    """The file of a record; same content, same bytes."""
    return {folder / f"{key}.json": (json.dumps(content, sort_keys=True) + "\n").encode()}


def load_record(folder: Path, key: str) -> dict[str, Any] | None:
    """The record of that hash; None where there is none, or only a torn one, which is then computed again."""
    try:
        content = json.loads((folder / f"{key}.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None
