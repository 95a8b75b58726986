"""Devices that are tables of measured cells: how far conductances move, as quantiles by level and time.

A table is a CSV: `from_uS, seconds, cells` and one column per probability, named by it, of the quantiles in uS of how
far the cells of a level have moved by then; a level holds what was programmed to `from_uS` or more, up to the next one.
Lines that begin with # are remarks on its source. The file of such a device reads its table when it is imported, so
that results are known by the table as well.
"""

from __future__ import annotations

import csv
import math
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract.cells import Device, ProgrammedWeights
from suite.contract.conditions import Condition
from suite.contract.levels import Level

if TYPE_CHECKING:
    import torch
    from torch import Tensor

HEAD = ("from_uS", "seconds", "cells")
SECONDS = "seconds"


@dataclass(frozen=True)
class Relaxation:
    """Quantiles of the change of conductance, uS, by level, time and probability.

    levels: lowest conductance of each, uS, ascending; times: s, ascending; probabilities: from 0 to 1, ascending;
    changes[time][level][probability].
    """

    levels: tuple[float, ...]
    times: tuple[float, ...]
    probabilities: tuple[float, ...]
    changes: tuple[tuple[tuple[float, ...], ...], ...]

    def at(self, seconds: float) -> list[list[float]]:
        """(levels, probabilities) at a time within the table's: linear in the logarithm of the time between two."""
        after = max(bisect_left(self.times, seconds), 1)
        earlier, later = (math.log(self.times[index]) for index in (after - 1, after))
        share = (math.log(seconds) - earlier) / (later - earlier)
        return [
            [(1 - share) * before + share * behind for before, behind in zip(*rows, strict=True)]
            for rows in zip(self.changes[after - 1], self.changes[after], strict=True)
        ]

    def moved(self, targets: Tensor, seconds: float, uniform: Tensor) -> Tensor:
        """Conductances (*shape) in uS and ranks in [0, 1) (realisations, *shape) -> (realisations, *shape) in uS.

        A cell moves as those of its own level do, and no conductance falls below 0.
        """
        import torch

        quantiles = targets.new_tensor(self.at(seconds))
        level = torch.bucketize(targets, targets.new_tensor(self.levels[1:]), right=True)
        ranks = targets.new_tensor(self.probabilities)
        rank = (torch.bucketize(uniform, ranks, right=True) - 1).clamp_(0, len(ranks) - 2)
        share = (uniform - ranks[rank]) / (ranks[rank + 1] - ranks[rank])
        change = torch.lerp(quantiles[level, rank], quantiles[level, rank + 1], share)
        return (targets + change).clamp_(min=0)


def read_relaxation(path: Path) -> Relaxation:
    """The table of a CSV. Raises ValueError where a level lacks a time or a number."""
    with path.open(newline="") as lines:
        head, *rows = csv.reader(line for line in lines if not line.startswith("#"))
    if tuple(head[:3]) != HEAD:
        raise ValueError(f"{path}: the first columns are {', '.join(HEAD)}, not {', '.join(head[:3])}")
    found = {(float(row[1]), float(row[0])): tuple(map(float, row[3:])) for row in rows}
    times, levels = (tuple(sorted(set(values))) for values in zip(*found, strict=True))
    if len(times) < 2 or len(levels) < 2 or len(found) < len(times) * len(levels):
        raise ValueError(f"{path}: give every level at every time, and two of each at least")
    changes = tuple(tuple(found[time, level] for level in levels) for time in times)
    return Relaxation(levels, times, tuple(map(float, head[3:])), changes)


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """The rank of each cell among those that were measured, uniform in [0, 1), float32, (*shape)."""
    import torch

    return torch.rand(shape, generator=generator, dtype=torch.float32)


def relaxing(title: str, source: str, table: Path) -> Device:
    """The device of a table: a cell keeps its rank at all times, so that its path is the quantile of that rank."""
    relaxation = read_relaxation(table)
    first, last = relaxation.times[0], relaxation.times[-1]
    seconds = Level("since programming, s", last, first, last)

    def program(targets: Tensor, condition: Condition, noise: Tensor) -> ProgrammedWeights:
        """Conductances (*shape) in uS and ranks (realisations, *shape) -> conductances (realisations, *shape)."""
        return ProgrammedWeights(relaxation.moved(targets, seconds.check(condition.level(SECONDS)), noise))

    return Device(title, source, draw, program, levels={SECONDS: seconds}, conductances=True)
