"""Searches in any space: bounds hold, and a search that is replayed goes on as if it had never stopped."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.contract import Range
from suite.training.search import Search, TuningFailed


@st.composite
def ranges(draw):
    log = draw(st.booleans())
    low = draw(st.floats(1e-6, 1.0) if log else st.floats(-2.0, 2.0))
    high = low * draw(st.floats(1.5, 1e4)) if log else low + draw(st.floats(0.1, 10.0))
    share = draw(st.floats(0.0, 1.0))
    probe = low * (high / low) ** share if log else low + share * (high - low)
    return Range(low, high, min(max(probe, low), high), log)


spaces = st.dictionaries(st.sampled_from(["a", "b", "c"]), ranges(), min_size=1)
worths = st.lists(st.none() | st.floats(-1.0, 1.0), min_size=5, max_size=5)
batches = st.integers(1, 3)


ended = st.sets(st.integers(2, 4))


def make(space, batch, mode="gp"):
    return Search(space, entropy=3, name="x", trials=5, random_trials=1, batch=batch, mode=mode)


def replay(search, worths, ended=()):
    """All trials, as numbers and parameters, telling trial n worths[n]."""
    asked = []
    while trials := search.ask():
        asked += trials
        search.tell([worths[trial.number] for trial in trials], ended)
    return asked


def inside(space, trials):
    return all(space[name].low <= value <= space[name].high for t in trials for name, value in t.params.items())


@given(spaces, batches, worths)
@settings(max_examples=100)
def test_random_trials_lie_within_their_bounds(space, batch, worths):
    trials = replay(make(space, batch, "random"), worths)
    assert inside(space, trials)
    assert trials[0].params == {name: dim.probe for name, dim in space.items()}


@given(spaces, batches, worths, ended)
@settings(max_examples=12)
def test_guided_trials_lie_within_their_bounds_and_are_replayed_exactly(space, batch, worths, ended):
    trials = replay(make(space, batch, "gp"), worths, ended)
    assert inside(space, trials)
    assert [trial.number for trial in trials] == list(range(5))
    assert replay(make(space, batch, "gp"), worths, ended) == trials


@given(spaces, worths, ended)
@settings(max_examples=50)
def test_the_best_of_those_trained_to_the_end_is_chosen(space, worths, ended):
    search = make(space, 1, "random")
    replay(search, worths, ended)
    finished = [worth for number, worth in enumerate(worths) if worth is not None and number not in ended]
    if finished:
        assert search.chosen().objective == max(finished)
    else:
        with pytest.raises(TuningFailed):
            search.chosen()
