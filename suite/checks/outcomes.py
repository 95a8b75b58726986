"""How the checks of one file end: one line each, with the reason of what is not well."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from suite.checks.check import Check, DoesNotApply, Lacking, Violation
from suite.checks.kit import Kit
from suite.checks.table import checks_of
from suite.contract import SuiteError
from suite.contract.registry import Entry

State = Literal["ok", "n/a", "skipped", "FAILED"]
# The order in which the outcomes of one check are told.
STATES: tuple[State, ...] = ("ok", "n/a", "skipped", "FAILED")


@dataclass(frozen=True)
class Outcome:
    """How a check of a file ended on some of its cases. n/a: it has no meaning here; skipped: something is lacking."""

    title: str
    state: State
    cases: tuple[str, ...]
    reason: str = ""

    def __str__(self) -> str:
        where = f" ({', '.join(filter(None, self.cases))})" if any(self.cases) else ""
        return f"{self.state:8} {self.title}{where}" + (f": {self.reason}" if self.reason else "")


def outcomes(kit: Kit, entry: Entry) -> Iterator[Outcome]:
    """Every check of a file, one outcome for the cases that end alike; a reason is told once."""
    told: set[str] = set()
    for check in checks_of(entry):
        ends: dict[tuple[State, str], list[str]] = {}
        try:
            for case, arguments in check.cases(kit, entry).items():
                ends.setdefault(_end(check, kit, entry, arguments), []).append(case)
        except Exception as error:
            ends["FAILED", _raised(error, entry, kit.folders)] = []
        if not ends:
            ends["n/a", "there is nothing in the file that it speaks of"] = []
        for (state, reason), cases in sorted(ends.items(), key=lambda end: STATES.index(end[0][0])):
            yield Outcome(check.title, state, tuple(cases), "as above" if reason in told else reason)
            told |= {reason} - {""}


def _end(check: Check, kit: Kit, entry: Entry, arguments: tuple[Any, ...]) -> tuple[State, str]:
    try:
        check.hold(kit, entry, arguments)
    except DoesNotApply as reason:
        return "n/a", str(reason)
    except Lacking as reason:
        return "skipped", str(reason)
    except Violation as broken:
        return "FAILED", str(broken)
    except Exception as error:
        return "FAILED", _raised(error, entry, kit.folders)
    return "ok", ""


def _raised(error: Exception, entry: Entry, folders: Iterable[Path]) -> str:
    """What a file raises, with the last line of the user's files on the way there."""
    ours = [folder.resolve() for folder in folders]
    lines = [
        f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if any(Path(frame.filename).resolve().is_relative_to(folder) for folder in ours)
    ]
    what = str(error) if isinstance(error, SuiteError) else f"it raises {type(error).__name__}: {error}"
    return f"{lines[-1] if lines else entry.path}: {what}"
