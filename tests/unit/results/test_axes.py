"""Axes with holes and the blocks they make."""

from __future__ import annotations

import pytest

from suite.contract import Condition
from suite.results.cube import BadLayout, Layout, chunk_shape
from suite.results.cube.axes import extended, holes, padded
from tests.cubes import conditions, layout


def test_a_partial_chunk_is_filled_with_holes() -> None:
    assert padded([7, 8, 9], 2) == (7, 8, 9, None)
    assert padded([7, 8], 2) == (7, 8)
    assert holes((7, 8, 9, None)) == [3]


def test_new_labels_start_at_the_next_chunk_edge() -> None:
    axis = padded([1, 2, 3], 2)
    assert extended(axis, [0, 2, 5], 2) == (1, 2, 3, None, 0, 5)
    assert extended(axis, [3, 1], 2) == axis


def test_growth_keeps_what_a_study_no_longer_names() -> None:
    grown = layout().grown(["sgd"], [5], conditions(0.5), [7])
    assert grown.contestants == ("erm", "bayesmulti", "sgd")
    assert grown.seeds == (0, 1, 5)
    assert grown.shape == (3, 3, 6, 6)
    assert [c and c.usability for c in grown.conditions] == [1.0, 0.9, 0.8, None, 0.5, None]
    assert grown.realisations == (0, 1, 2, None, 7, None)


def test_blocks_cover_each_label_once_and_name_no_hole() -> None:
    cells = [
        (block.contestant, block.seed, condition.usability, realisation)
        for block in layout().blocks()
        for condition in block.conditions
        for realisation in block.realisations
    ]
    assert len(cells) == len(set(cells)) == 2 * 2 * 3 * 3


def test_a_block_knows_its_chunk() -> None:
    last = list(layout().blocks())[-1]
    assert (last.contestant, last.seed, last.shape) == ("bayesmulti", 1, (1, 1))
    assert last.region == (slice(1, 2), slice(1, 2), slice(2, 4), slice(2, 4))


def test_only_blocks_with_a_wanted_cell() -> None:
    every = layout()
    some = list(every.blocks(contestants=["erm"], seeds=[1], conditions=conditions(0.8), realisations=[0]))
    assert [block.grid for block in some] == [(0, 1, 1, 0)]
    assert list(every.blocks(conditions=conditions(0.33))) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"usabilities": (0.9, 0.9)}, "conditions: lognormal.* is listed twice"),
        ({"seeds": (1, 1)}, "seeds: 1 is listed twice"),
        ({"contestants": ()}, "contestants: none given"),
        ({"chunk": (0, 2)}, "at least 1"),
    ],
)
def test_labels_that_make_no_axis(change: dict, message: str) -> None:
    with pytest.raises(BadLayout, match=message):
        layout(**change)


def test_conditions_are_compared_by_their_key() -> None:
    same = [Condition.of(sigma_log=0.5), Condition.of(sigma_log=0.5 + 1e-14)]
    with pytest.raises(BadLayout, match="listed twice"):
        Layout.make(["erm"], [0], same, [0], (1, 1))


@pytest.mark.parametrize(
    ("labels", "evaluations", "chunk"),
    [
        ((6, 3), 300, (6, 3)),
        ((27, 10), 60, (27, 2)),
        ((27, 10), 10, (9, 1)),
        ((5, 5), 1, (1, 1)),
        ((8, 20), 56, (8, 7)),
    ],
)
def test_chunk_shape(labels: tuple[int, int], evaluations: int, chunk: tuple[int, int]) -> None:
    assert chunk_shape(*labels, evaluations) == chunk
    assert chunk[0] * chunk[1] <= evaluations
