"""Searches replayed over the measured devices, and the committed outcome."""

import itertools
import math
from pathlib import Path

import numpy as np
import pandas
import pytest
from pandas import DataFrame

from suite.lab.fabrication.outcome import ROUNDS, lines, rounds, summary, write
from suite.lab.fabrication.pool import Pool, pools
from suite.lab.fabrication.replay import (
    STARTS,
    evaluations,
    expected_random,
    goals,
    order_of,
    replay,
    searched,
)
from suite.lab.fabrication.strategies import STRATEGIES, nearest_to_best
from suite.statistics.paired import interval

COMMITTED = Path(__file__).parents[3] / "results" / "reference" / "fabrication"


def line_of_devices(*sigma: float) -> Pool:
    """Devices along one numeric factor; all else is equal."""
    rows = pools()[0].rows.iloc[[0] * len(sigma)].reset_index(drop=True)
    return Pool("toy", rows.assign(length_um=np.arange(float(len(sigma)))), np.array(sigma))


def test_the_pool_has_37_devices_and_the_misnamed_one_counts_as_five_volts():
    everything, trusted, *_ = pools()
    assert (len(everything.sigma_log), len(trusted.sigma_log)) == (37, 36)
    assert everything.sigma_log.min() == pytest.approx(7.75708e-6)
    assert trusted.sigma_log.min() > 1e-3
    probe = everything.rows[(everything.rows["electrode"] == "probe") & (everything.rows["length_um"] == 0.7)]
    assert list(probe["write_voltage_v"]) == [5.0]
    assert (everything.rows["write_voltage_v"] == 1).sum() == 2
    assert everything.features.shape == (37, 20)
    assert everything.features.min() == 0 and everything.features.max() == 1


def test_the_whole_loop_and_the_later_table_are_pools_of_their_own():
    _, _, whole, later = pools()
    assert (len(whole.sigma_log), len(later.sigma_log)) == (37, 43)
    assert whole.rows.equals(pools()[0].rows)
    assert set(later.rows) - set(whole.rows) == {"bt_voltage_v", "wait_min", "log10_compliance_a", "annealing"}
    assert set(later.rows["conversion_temp_c"]) > {"370+450"} and set(later.rows["halide"]) > {"CsPbI3"}
    assert later.features.min() == 0 and later.features.max() == 1


def test_two_recipes_were_made_twice_and_share_their_features():
    features = pools()[0].features
    assert len(np.unique(features, axis=0)) == 35


def test_goals_are_the_briefs():
    aims = goals(pools()[0])
    assert {name: len(rows) for name, rows in aims.items()} == {"best": 1, "top3": 3, "above_0.99": 10}
    expected = {name: round(expected_random(37, len(rows)), 2) for name, rows in aims.items()}
    assert expected == {"best": 19.0, "top3": 9.5, "above_0.99": 3.45}


def test_random_search_takes_what_the_formula_says_over_all_orders():
    goal = {1, 4}
    counts = [evaluations(order, goal) for order in itertools.permutations(range(6))]
    assert np.mean(counts) == pytest.approx(expected_random(6, 2), abs=1e-12)


def test_the_random_replay_agrees_with_the_formula():
    pool = pools()[0]
    aims = goals(pool)
    for goal, rows in aims.items():
        found = interval([evaluations(order_of(pool, number), rows) for number in range(2000)], confidence=0.9999)
        exact = expected_random(37, len(rows))
        assert abs(found.mean - exact) < found.half_width, goal


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_starts_with_the_same_devices_and_ends_with_the_best(name):
    pool = pools()[1]
    (best,) = goals(pool)["best"]
    order = next(order for order in (order_of(pool, n) for n in range(9)) if best not in order[:STARTS])
    tried = searched(order, STRATEGIES[name](pool), best)
    assert tried[:STARTS] == order[:STARTS]
    assert tried[-1] == best
    assert len(set(tried)) == len(tried)
    assert tried == searched(order, STRATEGIES[name](pool), best)


def test_the_nearest_neighbour_of_the_best_is_taken():
    pool = line_of_devices(1.0, 0.5, 0.1, 0.7, 0.05, 0.9)
    choose = nearest_to_best(pool)
    assert choose([0, 2, 5], [1, 4, 3]) == 1
    assert choose([0, 2, 5], [3, 1, 4]) == 3
    assert choose([0, 5], [1, 4]) == 4


def test_the_model_finds_the_end_of_a_slope_before_chance_would():
    sigma = 10.0 ** -np.linspace(0, 3, 25)
    pool = line_of_devices(*sigma)
    found = [len(searched(order_of(pool, n), STRATEGIES["gp_log_sigma"](pool), 24)) for n in range(5)]
    assert np.mean(found) < 9 < expected_random(25, 1)


def test_processes_change_nothing(tmp_path):
    pool = pools()[1]
    one, two = replay([pool], 2, 1), replay([pool], 2, 2)
    pandas.testing.assert_frame_equal(one, two)
    assert len(one) == 2 * len(STRATEGIES)
    paths = write(one, [pool], tmp_path)
    assert [path.name for path in paths] == ["replay.csv", "summary.csv", "rounds.csv"]
    assert (tmp_path / "replay.csv").read_text().startswith("pool,strategy,repetition,best,top3,above_0.99\n")


def test_the_summary_is_paired_and_knows_the_exact_expectation():
    pool = line_of_devices(0.5, 0.4, 0.3, 0.2, 0.1, 0.6, 0.7)
    counts = {"random": [3.0, 5.0, 4.0], "clever": [2.0, 3.0, 3.0]}
    rows = [
        {"pool": "toy", "strategy": name, "repetition": n, "best": value, "top3": 1, "above_0.99": 1, "tried": (4,)}
        for name, values in counts.items()
        for n, value in enumerate(values)
    ]
    table = summary(DataFrame(rows), [pool]).set_index(["goal", "strategy"]).loc["best"]
    assert table.loc["clever", "mean"] == pytest.approx(8 / 3)
    assert table.loc["clever", "random_exact"] == 4.0
    assert table.loc["clever", "minus_random"] == pytest.approx(-4 / 3)
    half = 4.302653 * np.std([-1, -2, -1], ddof=1) / math.sqrt(3)
    assert table.loc["clever", "minus_random_high"] == pytest.approx(-4 / 3 + half, abs=1e-5)
    assert not table.loc["clever", "differs"]
    text = "\n".join(lines(summary(DataFrame(rows), [pool])))
    assert "(n.s.)" in text and "3 repetitions" in text


def test_rounds_stay_at_the_best_once_it_is_found():
    pool = line_of_devices(0.5, 0.1, 0.3)
    rows = [{"pool": "toy", "strategy": "s", "tried": tried} for tried in ((0, 1), (2, 0, 1))]
    table = rounds(DataFrame(rows), [pool])
    expected = [np.exp([-0.5, -0.3]).mean(), np.exp([-0.1, -0.3]).mean(), math.exp(-0.1)]
    assert list(table["usability"]) == pytest.approx(expected)
    assert list(table["round"]) == [1, 2, 3]


def test_the_committed_summary_comes_of_the_committed_repetitions():
    found = pandas.read_csv(COMMITTED / "replay.csv")
    assert found.groupby(["pool", "strategy"])["repetition"].nunique().eq(200).all()
    again = summary(found, pools())
    committed = pandas.read_csv(COMMITTED / "summary.csv")
    pandas.testing.assert_frame_equal(again, committed, check_dtype=False, rtol=1e-4)


@pytest.mark.parametrize("name", ["random", "nearest"])
def test_the_committed_repetitions_are_replayed_where_no_optimiser_is_in_them(name):
    found = pandas.read_csv(COMMITTED / "replay.csv")
    for pool in pools():
        aims = goals(pool)
        (best,) = aims["best"]
        rows = found[(found["pool"] == pool.name) & (found["strategy"] == name)].set_index("repetition")
        for number in range(0, 200, 10):
            tried = searched(order_of(pool, number), STRATEGIES[name](pool), best)
            assert [evaluations(tried, goal) for goal in aims.values()] == list(rows.loc[number, list(aims)])


def test_figures_read_the_rounds_of_the_committed_replay():
    assert ROUNDS.read_bytes() == (COMMITTED / "rounds.csv").read_bytes()
