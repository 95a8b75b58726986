"""Simulated cells whose truth is 0: how often intervals hold it when realisations are chosen by what was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.statistics.components import components, t_quantile
from suite.statistics.paired import interval
from suite.statistics.two_stage import realisations_needed

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, ...]], Array]
PILOT, MOST = 5, 60


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Mean 0, variance 1."""
    return rng.normal(size=shape)


def skewed(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Mean 0, variance 1, skewness -2: accuracies that collapse now and then."""
    return 1.0 - rng.exponential(size=shape)


@dataclass(frozen=True)
class Held:
    """Shares of intervals that hold the truth: of two stages, of MOST realisations from the outset, of stopping at the
    first interval that is short enough; mean realisations of two stages, and the share that reached the half width."""

    staged: float
    fixed: float
    naive: float
    realisations: float
    reached: float


def held(draw: Draw, seeds: int, within: float, wanted: float, studies: int) -> Held:
    """within: the share of realisations in the variance of the pilot's seed means, which is 1 in all; wanted: half
    width, in units of the pilot's true one."""
    rng = np.random.default_rng([seeds, round(100 * within), round(100 * wanted)])
    states = draw(rng, (studies, seeds, 1)) * np.sqrt(1 - within)
    scores = states + draw(rng, (studies, seeds, MOST)) * np.sqrt(within * PILOT)
    half = wanted * t_quantile(seeds - 1) / np.sqrt(seeds)
    chosen = np.array([realisations_needed(components(cell[:, :PILOT]), half, MOST) for cell in scores])
    means = scores.cumsum(2) / np.arange(1, MOST + 1)
    # Half widths after every number of realisations, (studies, MOST).
    widths = t_quantile(seeds - 1) * means.std(1, ddof=1) / np.sqrt(seeds)
    short = widths[:, PILOT - 1 :] <= half
    stopped = np.where(short.any(1), PILOT + short.argmax(1), MOST)
    everything = np.full(studies, MOST)
    own = [_interval(means, numbers) for numbers in (chosen, everything, stopped)]
    staged, fixed, naive = (float((abs(centre) <= width).mean()) for centre, width in own)
    return Held(staged, fixed, naive, float(chosen.mean()), float((own[0][1] <= half).mean()))


def _interval(means: Array, realisations: NDArray[np.int64]) -> tuple[Array, Array]:
    """Centre and half width of each study's interval over its own number of realisations."""
    found = [interval(cell[:, number - 1]) for cell, number in zip(means, realisations, strict=True)]
    return np.array([one.mean for one in found]), np.array([one.half_width for one in found])
