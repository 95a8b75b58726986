"""The share of a study that one job of an array takes: whole trainings, each with all that reads its state."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from suite.contract import SuiteError


@dataclass(frozen=True)
class Share:
    """The part with this number, from 1, of so many."""

    number: int
    parts: int

    @staticmethod
    def parsed(text: str) -> Share:
        """What `I/N` says. Raises SuiteError."""
        found = re.fullmatch(r"(\d+)/(\d+)", text)
        share = Share(int(found[1]), int(found[2])) if found else Share(0, 0)
        if not 1 <= share.number <= share.parts:
            raise SuiteError(f"--part {text}: write I/N, the part I of N with I from 1 to N, as in --part 3/8")
        return share

    def __str__(self) -> str:
        return f"{self.number}-of-{self.parts}"

    def of(self, pieces: Iterable[Hashable]) -> frozenset[Hashable]:
        """Its share of the pieces of work, dealt out one by one in their order."""
        distinct = dict.fromkeys(pieces)
        return frozenset(piece for place, piece in enumerate(distinct) if place % self.parts == self.number - 1)
