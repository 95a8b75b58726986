"""Streams of any two keys."""

from hypothesis import given
from hypothesis import strategies as st

from suite.contract.seeds import numpy_generator, stream, torch_generator

names = st.lists(st.text("abcdef-_0123456789", max_size=6) | st.integers(0, 10**9), max_size=4)
keys = st.tuples(st.integers(0, 2**40), st.text("abcdef-", min_size=1, max_size=8), names)


def words(key):
    entropy, purpose, parts = key
    return stream(entropy, purpose, *parts).generate_state(4).tolist()


def as_text(key):
    return key[0], key[1], tuple(map(str, key[2]))


@given(keys, keys)
def test_two_streams_are_equal_exactly_if_their_keys_are(one, other):
    assert (words(one) == words(other)) == (as_text(one) == as_text(other))


@given(keys, keys)
def test_what_was_drawn_before_changes_nothing(key, other):
    entropy, purpose, parts = key
    first = torch_generator(entropy, purpose, *parts).initial_seed()
    numpy_generator(*other[:2], *other[2]).random(5)
    assert torch_generator(entropy, purpose, *parts).initial_seed() == first
