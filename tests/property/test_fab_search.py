"""What holds of any search over any pool, and of any calibrated interval."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.lab.fabrication.acquisition import expected_improvement
from suite.lab.fabrication.pool import Pool, pools
from suite.lab.fabrication.replay import STARTS, evaluations, searched
from suite.lab.fabrication.strategies import first_left, nearest_to_best
from suite.lab.fabrication.surrogate import Prediction
from suite.lab.fabrication.validation import Validation

NUMBERS = st.floats(-5, 5)


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), size=st.integers(STARTS + 1, 37))
def test_a_search_tries_devices_once_and_stops_at_its_goal(seed, size):
    generator = np.random.default_rng(seed)
    chosen = generator.permutation(37)[:size]
    whole = pools()[0]
    pool = Pool("part", whole.rows.iloc[chosen].reset_index(drop=True), whole.sigma_log[chosen])
    order = [int(row) for row in generator.permutation(size)]
    last = int(generator.integers(size))
    for make in (first_left, nearest_to_best):
        tried = searched(order, make(pool), last)
        assert len(set(tried)) == len(tried) <= size
        assert last in tried and last not in tried[STARTS:-1]
        assert 1 <= evaluations(tried, {last}) <= len(tried)


@given(mean=st.lists(NUMBERS, min_size=1, max_size=8), sd=st.floats(0, 3), best=NUMBERS)
def test_improvement_is_never_negative_and_never_below_the_certain_gain(mean, sd, best):
    values = np.array(mean)
    found = expected_improvement(Prediction(values, np.full(len(values), sd), np.ones(len(values))), best)
    assert (found >= -1e-12).all()
    assert (found >= values - best - 1e-9).all()


@given(scores=st.lists(st.floats(0.01, 10), min_size=2, max_size=60), wanted=st.floats(0.05, 0.99))
def test_the_reach_holds_the_share_that_the_level_promises(scores, wanted):
    errors = np.array(scores)
    found = Validation(errors, np.zeros(len(errors)), np.ones(len(errors)), np.zeros(len(errors)))
    inside = (errors <= found.reach(wanted)).sum()
    assert found.level(wanted) <= wanted
    assert inside >= found.level(wanted) * (len(errors) + 1) - 1e-6
