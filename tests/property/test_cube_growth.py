"""However a cube grew, and whatever order its units came in, it says the same as one that was made at once."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.results.cube import Cube, Layout, digest, verify
from suite.results.cube import arrays as cube_arrays
from tests import cubes

contestants = st.lists(st.sampled_from(["erm", "sgd"]), min_size=1, unique=True)
seeds = st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True)
usabilities = st.lists(st.sampled_from([1.0, 0.9, 0.74, 0.3]), min_size=1, unique=True)
realisations = st.lists(st.integers(0, 3), min_size=1, max_size=3, unique=True)
chunks = st.tuples(st.integers(2, 3), st.integers(2, 3))
layouts = st.builds(cubes.layout, contestants, seeds, usabilities, realisations, chunks)


@settings(max_examples=8, deadline=None)
@given(st.lists(layouts, min_size=2, max_size=3), st.randoms(use_true_random=False))
def test_history_leaves_no_trace(wanted: list[Layout], shuffle: random.Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        grown = Cube.create_or_open(Path(folder) / "grown.zarr", "quick", 3)
        for step in wanted:
            before = stored(grown)
            cubes.ensure(grown, step)
            after = stored(grown)
            common = tuple(slice(size) for size in before.shape)
            np.testing.assert_array_equal(after[common], before)
            blocks = cubes.missing(grown)
            shuffle.shuffle(blocks)
            cubes.fill(grown, blocks)
        fresh = cubes.filled_cube(Path(folder) / "fresh.zarr", wanted[-1])
        assert digest(grown.path) == digest(fresh.path)
        assert verify(grown.path) == []


def stored(cube: Cube) -> np.ndarray:
    if "mnist_mlp" not in cube.workloads:
        return np.zeros((0, 0, 0, 0))
    return np.asarray(cube_arrays.opened(cube.path, "mnist_mlp", "accuracy")[...])
