"""Whatever a study adds and in whatever order: positions never move, and every label has exactly one."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from suite.results.cube import Layout, chunk_shape
from suite.results.cube.axes import filled, positions
from tests.cubes import conditions

contestants = st.lists(st.sampled_from(["erm", "bayesmulti", "sgd", "adam"]), min_size=1, unique=True)
seeds = st.lists(st.integers(0, 6), min_size=1, unique=True)
usabilities = st.lists(st.sampled_from([1.0, 0.95, 0.9, 0.74, 0.5, 0.3, 0.05]), min_size=1, unique=True)
realisations = st.lists(st.integers(0, 9), min_size=1, unique=True)
studies = st.tuples(contestants, seeds, usabilities.map(lambda u: conditions(*u)), realisations)
chunks = st.tuples(st.integers(1, 4), st.integers(1, 4))


@given(st.lists(studies, min_size=1, max_size=6), chunks)
def test_growth(wanted: list, chunk: tuple[int, int]) -> None:
    layout = Layout.make(*wanted[0], chunk)
    for labels in wanted[1:]:
        grown = layout.grown(*labels)
        for before, after in zip(axes(layout), axes(grown), strict=True):
            assert after[: len(before)] == before
        layout = grown
    assert layout.shape[2] % chunk[0] == layout.shape[3] % chunk[1] == 0
    for number, axis in enumerate(axes(layout)):
        assert len(set(filled(axis))) == len(filled(axis))
        for labels in wanted:
            assert filled([axis[at] for at in positions(axis, labels[number])]) == tuple(labels[number])
    assert layout.grown(*wanted[0]) == layout


@given(studies, studies, chunks)
def test_blocks_are_a_partition(first: tuple, second: tuple, chunk: tuple[int, int]) -> None:
    layout = Layout.make(*first, chunk).grown(*second)
    blocks = list(layout.blocks())
    assert len({block.grid for block in blocks}) == len(blocks)
    for block in blocks:
        for axis, region, size in zip(axes(layout), block.region, (1, 1, *chunk), strict=True):
            assert region.start % size == 0 and region.stop - region.start == size and region.stop <= len(axis)
        inside = layout.conditions[block.region[2]], layout.realisations[block.region[3]]
        assert (filled(inside[0]), filled(inside[1])) == (block.conditions, block.realisations)
        assert inside[0][0] is not None and inside[1][0] is not None
    cells = sum(len(block.conditions) * len(block.realisations) for block in blocks)
    assert cells == len(layout.contestants) * len(layout.seeds) * len(filled(layout.conditions)) * len(
        filled(layout.realisations)
    )


@given(studies, studies, chunks)
def test_wanted_blocks_are_those_with_a_wanted_cell(first: tuple, second: tuple, chunk: tuple[int, int]) -> None:
    layout = Layout.make(*first, chunk).grown(*second)
    wanted = list(layout.blocks(*second))
    expected = [
        block
        for block in layout.blocks()
        if block.contestant in second[0]
        and block.seed in second[1]
        and set(block.conditions) & set(second[2])
        and set(block.realisations) & set(second[3])
    ]
    assert wanted == expected
    trainings = list(product(*second[:2]))
    by_training = list(layout.blocks_by_training(trainings, *second[2:]))
    assert [{(block.contestant, block.seed) for block in blocks} for blocks in by_training] == [
        {one} for one in trainings
    ]
    assert sorted(block.grid for blocks in by_training for block in blocks) == [block.grid for block in expected]


@given(st.integers(1, 200), st.integers(1, 200), st.integers(1, 2000))
def test_chunks_hold_at_most_what_they_may(conditions: int, realisations: int, evaluations: int) -> None:
    first, second = chunk_shape(conditions, realisations, evaluations)
    assert 1 <= first <= conditions and 1 <= second <= realisations
    assert first * second <= evaluations


def axes(layout: Layout) -> tuple:
    return layout.contestants, layout.seeds, layout.conditions, layout.realisations
