"""Searches replayed over devices that were all measured: how many have to be made until a good one is found?

Every repetition draws one random order of the pool; its first five devices start all strategies, so that strategies
are compared pair by pair. Evaluations count the starts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from typing import Any

import numpy as np
from pandas import DataFrame

from suite.contract.seeds import numpy_generator
from suite.lab.fabrication.pool import Pool
from suite.lab.fabrication.strategies import STRATEGIES, Chooser

Array = np.ndarray[Any, Any]

STARTS = 5
ENTROPY = 20241202779
EXCELLENT = 0.99


def goals(pool: Pool) -> dict[str, frozenset[int]]:
    """The rows of the pool that end the search for: the best, any of the best three, any usability above 0.99 where
    there are any."""
    ranked = np.argsort(pool.sigma_log, kind="stable")
    excellent = np.flatnonzero(np.exp(-pool.sigma_log) > EXCELLENT)
    sets = {"best": ranked[:1], "top3": ranked[:3], "above_0.99": excellent}
    return {name: frozenset(int(row) for row in rows) for name, rows in sets.items() if len(rows)}


def expected_random(n: int, k: int) -> float:
    """Draws without replacement from n until any of k is drawn, in expectation: (n + 1) / (k + 1)."""
    return (n + 1) / (k + 1)


def order_of(pool: Pool, repetition: int) -> list[int]:
    """The random order of one repetition."""
    generator = numpy_generator(ENTROPY, "fabrication-replay", pool.name, repetition)
    return [int(row) for row in generator.permutation(len(pool.sigma_log))]


def searched(order: Sequence[int], choose: Chooser, last: int) -> list[int]:
    """The rows in the order in which they are tried, the starts first, until row `last` is found."""
    tried, left = list(order[:STARTS]), list(order[STARTS:])
    while last not in tried:
        row = choose(tried, left)
        left.remove(row)
        tried.append(row)
    return tried


def evaluations(tried: Sequence[int], goal: Collection[int]) -> int:
    """How many devices were made until the first that is in `goal`, itself included."""
    return next(count for count, row in enumerate(tried, start=1) if row in goal)


def replay(pools: Iterable[Pool], repetitions: int, processes: int) -> DataFrame:
    """One row per pool, strategy and repetition: evaluations until each goal, and the rows tried (`tried`).

    The number of processes changes nothing but the time.
    """
    work = [(pool, name, number) for pool, name, number in product(pools, STRATEGIES, range(repetitions))]
    with ProcessPoolExecutor(processes) as executor:
        return DataFrame(executor.map(_repetition, work, chunksize=5))


def _repetition(work: tuple[Pool, str, int]) -> dict[str, Any]:
    pool, name, number = work
    aims = goals(pool)
    (best,) = aims["best"]
    tried = searched(order_of(pool, number), STRATEGIES[name](pool), best)
    counts = {goal: evaluations(tried, rows) for goal, rows in aims.items()}
    return {"pool": pool.name, "strategy": name, "repetition": number, **counts, "tried": tuple(tried)}
