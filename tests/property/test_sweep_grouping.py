"""Which evaluations share a call, in what order and at what position, never changes a bit of an output."""

import functools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks import built, images
from tests.reference import conditions, swept_outputs

SIGMAS, REALISATIONS = (0.0, 0.1, 0.3, 1.0), tuple(range(5))


def outputs(name, sigmas, realisations):
    """(conditions, realisations, outputs) of a call."""
    return swept_outputs(built(name), images(21), conditions(*sigmas), realisations, block=8).numpy()


whole = functools.cache(lambda name: outputs(name, SIGMAS, REALISATIONS))
parts = st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True)


@given(
    st.sampled_from(["mlp", "lenet", "residual", "unknown", "branching"]),
    parts,
    st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True),
)
@settings(max_examples=40)
def test_any_part_in_any_order_gives_the_same_bits(name, rows, columns):
    part = outputs(name, [SIGMAS[row] for row in rows], [REALISATIONS[column] for column in columns])
    assert np.array_equal(part, whole(name)[np.ix_(rows, columns)])
