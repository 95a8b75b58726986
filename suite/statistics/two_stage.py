"""Two stages, one decision: a pilot fixes how much more is drawn, and nothing is looked at in between.

Whoever stops as soon as an interval is short enough stops where spreads look small by chance (docs/adr/0012). Stein
(Annals of Mathematical Statistics 16, 1945, 243-258) lets the variance of a first stage alone fix n.
"""

from __future__ import annotations

from math import ceil, sqrt

from suite.statistics.components import Components, t_quantile

# Realisations may take this share of the variance that a half width allows, seeds the rest.
SHARE = 0.5
# A cell is given up where seeds alike enough to reach the half width would seldom look so different.
SELDOM = 0.05


def draws_needed(variance: float, degrees: int, half_width: float) -> int:
    """Stein's n: as many independent draws in all, and their mean +- half_width holds the truth in 95 of 100 cases.

    variance: as a first stage estimates it, with so many degrees of freedom.
    """
    return max(1, ceil(variance * (t_quantile(degrees) / half_width) ** 2))


def realisations_needed(pilot: Components, half_width: float, most: int) -> int:
    """Realisations per seed that a cell should have, from its pilot's to `most`.

    The number follows from the variance within seeds. It is independent of the seed means, as of any normal sample, so
    that the t interval on the seed means of all realisations keeps its coverage. What the seed means show may only
    lessen the number, to the pilot's where the half width is out of reach: that errs on the safe side.
    """
    runs = draws_needed(pilot.within, pilot.seeds - 1, half_width * sqrt(SHARE))
    wanted = min(most, ceil(runs / pilot.seeds))
    if wanted <= pilot.realisations or _out_of_reach(pilot, half_width, wanted):
        return pilot.realisations
    return wanted


def _out_of_reach(pilot: Components, half_width: float, realisations: int) -> bool:
    """Whether realisations alone spread too much, or seeds that leave them room would seldom look so different."""
    from scipy.stats import ncx2

    allowed = pilot.seeds * (half_width / t_quantile(pilot.seeds - 1)) ** 2 - pilot.within / realisations
    if allowed <= 0:
        return True
    # Seeds whose own means have the variance `allowed`, seen through the pilot's realisations.
    degrees, noise = pilot.seeds - 1, pilot.within / pilot.realisations
    return bool(ncx2.sf(degrees * pilot.of_means / noise, degrees, degrees * allowed / noise) < SELDOM)
