"""What a check is, and the three ways in which it can end other than well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suite.contract import SuiteError
from suite.contract.registry import Entry, Kind

if TYPE_CHECKING:
    from suite.checks.kit import Kit

# What a check is held on beside the file, by label: the further arguments of its function.
Cases = Mapping[str, tuple[Any, ...]]


class Violation(SuiteError):
    """A plug-in file breaks the contract; the message says what was expected, what was found and the fix."""


class DoesNotApply(Exception):
    """A check has no meaning for a file; the message says why."""


class Lacking(Exception):
    """Data or a package that a check needs are not on this machine; the message says how to get them."""


def expect(holds: bool, expected: str, found: object, fix: str) -> None:
    """Raises Violation unless it holds."""
    if not holds:
        raise Violation(f"expected {expected}; found {found}; {fix}")


def once(kit: Kit, entry: Entry) -> Cases:
    """The cases of a check that speaks of a file as a whole."""
    return {"": ()}


@dataclass(frozen=True)
class Check:
    """One sentence of the contract.

    run(kit, entry, *case): raises Violation, DoesNotApply or Lacking, or whatever the file itself raises; kinds: of the
    files that it holds for; cases(kit, entry): what it is run on for one file.
    """

    run: Callable[..., None]
    kinds: tuple[Kind, ...]
    cases: Callable[[Kit, Entry], Cases] = once

    @property
    def title(self) -> str:
        """The sentence: the name of its function."""
        return self.run.__name__.replace("_", " ")

    def hold(self, kit: Kit, entry: Entry, case: tuple[Any, ...]) -> None:
        """Runs it on one case. Raises as `run`, a Violation with the file."""
        try:
            self.run(kit, entry, *case)
        except Violation as broken:
            raise Violation(f"{entry.path}: {broken}") from broken
