"""Where the dashboard of a study's run is, beside its cube while the run lasts: readable by its owner alone."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from suite.results.files import writing

FILE = ".dashboard"


@dataclass(frozen=True)
class Dashboard:
    """url: as seen on `host`; token: what it asks for; discovery: the file there that tells Prometheus of the nodes."""

    url: str
    host: str
    token: str
    discovery: str


def note(folder: Path, dashboard: Dashboard) -> None:
    """Says where the dashboard is. Raises ResultsNotWritable."""
    with writing(folder / FILE):
        forget(folder)
        descriptor = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(dashboard), file)


def noted(folder: Path) -> Dashboard | None:
    """What the run that lasts has said; None where there is none."""
    try:
        return Dashboard(**json.loads((folder / FILE).read_text()))
    except FileNotFoundError:
        return None


def forget(folder: Path) -> None:
    """The run has ended."""
    (folder / FILE).unlink(missing_ok=True)
