"""Where every cell of a workload lies in its cube, and which cells make one sweep unit. Pure: no input or output."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import ceil

from suite.contract import Condition
from suite.results.cube.axes import (
    BadLayout,
    checked,
    extended,
    filled,
    identity,
    lacking,
    padded,
    padded_conditions,
    split,
)

Grid = tuple[int, int, int, int]
Region = tuple[slice, slice, slice, slice]


@dataclass(frozen=True, slots=True)
class Block:
    """One chunk of the cube = one sweep unit: one contestant and seed under some conditions x realisations.

    conditions (c,) and realisations (r,) carry no holes; grid: indices of the chunk along the four axes;
    chunk: its size (C, R) with holes, c <= C and r <= R.
    """

    contestant: str
    seed: int
    conditions: tuple[Condition, ...] = field(hash=False)
    realisations: tuple[int, ...] = field(hash=False)
    grid: Grid
    chunk: tuple[int, int]

    @property
    def region(self) -> Region:
        """The whole chunk, holes included, as slices of the four axes."""
        sizes = (1, 1, *self.chunk)
        first, second, third, fourth = (
            slice(at * size, (at + 1) * size) for at, size in zip(self.grid, sizes, strict=True)
        )
        return first, second, third, fourth

    @property
    def shape(self) -> tuple[int, int]:
        """(conditions, realisations) without holes."""
        return len(self.conditions), len(self.realisations)


@dataclass(frozen=True)
class Layout:
    """The four axes of one workload. Conditions and realisations lie in whole chunks of (C, R), padded with holes;
    a chunk of conditions is of one device and one crossbar."""

    contestants: tuple[str, ...]
    seeds: tuple[int, ...]
    conditions: tuple[Condition | None, ...]
    realisations: tuple[int | None, ...]
    chunk: tuple[int, int]

    @staticmethod
    def make(
        contestants: Sequence[str],
        seeds: Sequence[int],
        conditions: Sequence[Condition],
        realisations: Sequence[int],
        chunk: tuple[int, int],
    ) -> Layout:
        """A fresh layout; raises BadLayout where an axis has no label or one twice, or a chunk has no cell."""
        if min(chunk) < 1:
            raise BadLayout(f"chunk {chunk}: both sizes must be at least 1")
        return Layout(
            checked("contestant", contestants),
            checked("seed", seeds),
            padded_conditions(checked("condition", conditions), chunk[0]),
            padded(checked("realisation", realisations), chunk[1]),
            chunk,
        )

    def grown(
        self,
        contestants: Sequence[str],
        seeds: Sequence[int],
        conditions: Sequence[Condition],
        realisations: Sequence[int],
    ) -> Layout:
        """This layout with the labels it lacks appended in whole chunks; no position moves, none is removed."""
        return Layout(
            filled(extended(self.contestants, checked("contestant", contestants), 1)),
            filled(extended(self.seeds, checked("seed", seeds), 1)),
            self.conditions
            + padded_conditions(lacking(self.conditions, checked("condition", conditions)), self.chunk[0]),
            extended(self.realisations, checked("realisation", realisations), self.chunk[1]),
            self.chunk,
        )

    @property
    def shape(self) -> Grid:
        """Cells along (contestant, seed, condition, realisation), holes included: multiples of the chunk."""
        return len(self.contestants), len(self.seeds), len(self.conditions), len(self.realisations)

    @property
    def grid(self) -> Grid:
        """Chunks along the four axes."""
        return len(self.contestants), len(self.seeds), len(self._condition_blocks), len(self._realisation_blocks)

    @cached_property
    def _condition_blocks(self) -> tuple[tuple[Condition, ...], ...]:
        return split(self.conditions, self.chunk[0])

    @cached_property
    def _realisation_blocks(self) -> tuple[tuple[int, ...], ...]:
        return split(self.realisations, self.chunk[1])

    def block(self, grid: Grid) -> Block:
        """The block at chunk indices `grid`."""
        contestant, seed, condition, realisation = grid
        return Block(
            self.contestants[contestant],
            self.seeds[seed],
            self._condition_blocks[condition],
            self._realisation_blocks[realisation],
            grid,
            self.chunk,
        )

    def blocks(
        self,
        contestants: Sequence[str] | None = None,
        seeds: Sequence[int] | None = None,
        conditions: Sequence[Condition] | None = None,
        realisations: Sequence[int] | None = None,
    ) -> Iterator[Block]:
        """The blocks that hold a wanted cell (None: all labels of that axis are wanted), in order of position."""
        first, second, third, fourth = self._holding((contestants, seeds, conditions, realisations))
        for grid in product(first, second, third, fourth):
            yield self.block(grid)

    def blocks_by_training(
        self,
        trainings: Iterable[tuple[str, int]],
        conditions: Sequence[Condition],
        realisations: Sequence[int],
    ) -> Iterator[list[Block]]:
        """`blocks` of every (contestant, seed) in turn, at a cost per block that no axis adds to."""
        _, _, third, fourth = self._holding((None, None, conditions, realisations))
        planes, (contestants, seeds, _, _) = list(product(third, fourth)), self._places
        for contestant, seed in trainings:
            first, second = contestants[contestant], seeds[seed]
            yield [self.block((first, second, *plane)) for plane in planes]

    def _holding(self, wanted: Iterable[Iterable[Hashable] | None]) -> list[Sequence[int]]:
        """Of each axis, the chunks that hold a wanted label."""
        axes = zip(self.grid, self._places, wanted, strict=True)
        return [range(size) if labels is None else _chunks_of(labels, places) for size, places, labels in axes]

    @cached_property
    def _places(self) -> tuple[Mapping[Hashable, int], ...]:
        """Of each axis, which chunk holds a label."""
        axes = (self.contestants, self.seeds, self.conditions, self.realisations)
        return tuple(
            {identity(label): at // chunk for at, label in enumerate(axis) if label is not None}
            for axis, chunk in zip(axes, (1, 1, *self.chunk), strict=True)
        )


def _chunks_of(labels: Iterable[Hashable], places: Mapping[Hashable, int]) -> list[int]:
    return sorted({places[name] for name in map(identity, labels) if name in places})


def chunk_shape(conditions: int, realisations: int, evaluations: int) -> tuple[int, int]:
    """The (C, R) whose blocks hold about `evaluations` cells of a (conditions, realisations) plane.

    Conditions come first, because all levels share the draws of a realisation; the parts of an axis are even.
    """
    first = _even(conditions, max(1, evaluations))
    return first, _even(realisations, max(1, evaluations // first))


def _even(labels: int, most: int) -> int:
    return ceil(labels / ceil(labels / most))
