"""Stratified choices: right number, distinct, every class in its share."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from suite.data.sources._split import stratified

labelled = st.lists(st.integers(0, 4), min_size=1, max_size=200).flatmap(
    lambda labels: st.tuples(st.just(np.array(labels, np.uint8)), st.integers(0, len(labels)))
)


@given(labelled)
def test_every_class_keeps_its_share_to_within_one(case):
    labels, count = case
    chosen = stratified(labels, count, "test")
    assert len(chosen) == count
    assert (np.diff(chosen) > 0).all()
    shares = np.bincount(labels, minlength=5) * count / len(labels)
    assert (np.abs(np.bincount(labels[chosen], minlength=5) - shares) < 1).all()


@given(labelled)
def test_the_choice_depends_on_its_names_alone(case):
    labels, count = case
    np.testing.assert_array_equal(stratified(labels, count, "test"), stratified(labels, count, "test"))


def test_other_names_choose_other_samples():
    labels = np.arange(1000, dtype=np.uint8) % 10
    assert set(stratified(labels, 100, "one")) != set(stratified(labels, 100, "other"))
