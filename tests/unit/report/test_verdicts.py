"""Sentences that the tables of a comparison allow, and none that they do not."""

from __future__ import annotations

import numpy as np

from suite.contract import Score
from suite.report.verdicts import verdicts
from suite.statistics.comparison.report import compare
from tests.curves import scores_of

ACCURACY = {"w": {"accuracy": Score("Accuracy", 0.1)}}
ERROR = {"w": {"accuracy": Score("Error", 0.9, higher_is_better=False)}}
SIGMAS = (0.0, 0.3, 0.6, 1.2)
BASE = (0.95, 0.90, 0.50, 0.20)


def scores(**curves):
    return scores_of(curves, SIGMAS, lambda seed: 0.01)


def near(curve, seeds=5, spread=0.002):
    return np.array(curve) + spread * np.random.default_rng(len(curve) + seeds).standard_normal((seeds, len(curve)))


def told(measures=ACCURACY, **curves):
    return [(found.about, found.text) for found in verdicts(compare(scores(**curves), "erm", measures), measures, "w")]


def test_who_is_ahead_where_and_by_how_much():
    ((about, text),) = told(erm=near(BASE), mine=near(np.add(BASE, (-0.05, 0.0, 0.30, 0.0)), spread=0.003))
    assert about == "mine, accuracy"
    assert "ahead of erm at sigma 0.60 (u 0.55) (1 of 4 conditions) by 0.299 [0.298, 0.301]" in text
    assert "behind erm at sigma 0.00 (u 1.00) (1 of 4 conditions) by 0.05" in text
    assert "nothing is shown at the other 2" in text
    assert "Half of the way to chance is lost at sigma 0.90, of erm at 0.58 (difference +0.32" in text


def test_noise_is_no_difference():
    ((_, text),) = told(erm=near(BASE), mine=near(BASE, spread=0.0021))
    assert text == "no difference to erm is shown at any of 4 conditions."


def test_what_is_significant_alone_is_not_said_where_the_correction_takes_it_back():
    base, own = near(BASE, spread=0.0), near(BASE, spread=0.0)
    own[:, 1] += 0.01 * np.array([1.0, 1.5, 0.2, 1.0, 0.1])
    found = compare(scores(erm=base, mine=own), "erm", ACCURACY).differences.set_index("sigma_log").loc[0.3]
    assert found["p_value"] < 0.05 < found["p_holm"]
    assert told(erm=base, mine=own)[0][1] == "no difference to erm is shown at any of 4 conditions."


def test_lower_is_ahead_where_lower_is_better():
    ((_, text),) = told(ERROR, erm=near(np.subtract(1, BASE)), mine=near(np.subtract(0.8, BASE), spread=0.003))
    assert text.startswith("ahead of erm at all 4 conditions, most by 0.2")


def test_one_seed_is_no_verdict_and_few_seeds_tell_no_sigmas_apart():
    better = np.add(BASE, (0.0, 0.05, 0.30, 0.3))
    assert told(erm=near(BASE, 1), mine=near(better, 1))[0][1] == "one seed, so no difference to erm is tested."
    assert "Half of the way" in told(erm=near(BASE, 5), mine=near(better, 5))[0][1]
    assert "Half of the way" not in told(erm=near(BASE, 4), mine=near(better, 4))[0][1]


def test_a_contestant_alone_is_compared_with_nothing():
    assert told(erm=near(BASE)) == []
