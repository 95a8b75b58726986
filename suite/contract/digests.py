"""SHA-256 of what results are known by: values, and files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

_JSON = json.JSONEncoder(sort_keys=True, default=str)


def digest(content: Any) -> str:
    """SHA-256 of a JSON-able value, as hex."""
    return hashlib.sha256(_JSON.encode(content).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file's content, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
