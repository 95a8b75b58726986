"""The positive loop of a set of sweeps: where conductance is measured, and on which points levels are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suite.lab.characterise.mapping import POINTS
from suite.lab.characterise.steps import near_zero_V
from suite.lab.characterise.sweeps import SweepError, Sweeps

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_FEWEST_POINTS = 10


@dataclass(frozen=True)
class Loop:
    """The points of positive voltage on the way up and down, those around V = 0 left out.

    voltage: (points,) in V; conductance: (points, cycles) in S; rows: (points,) rows of the file;
    zeros: how many rows within half a voltage step of V = 0 were left out; short: how many cycles lack one of these
    points and were left out.
    """

    voltage: Array
    conductance: Array
    rows: Array
    zeros: int
    short: int

    @property
    def mean(self) -> Array:
        """Mean conductance over cycles, (points,) in S."""
        return self.conductance.mean(axis=1)

    @property
    def places(self) -> Array:
        """Where each point lies on the 100 points among which levels are counted, (points,) in [0, 99]."""
        import numpy as np

        return np.linspace(0, POINTS - 1, len(self.voltage))

    def resampled(self, values: Array) -> Array:
        """Values at the loop's points, (points,), on 100 points: themselves where the loop has 100."""
        import numpy as np

        return np.interp(np.arange(POINTS), self.places, values)


def positive_loop(sweeps: Sweeps) -> Loop:
    """The longest stretch of rows whose voltages are not negative, without its rows of V = 0: G = I / V, in S. Voltages
    within half a step of 0 count as 0 (`near_zero_V`).

    Raises SweepError where there are fewer than 10 points or 2 cycles that have them all.
    """
    import numpy as np

    zero = near_zero_V(sweeps.voltage)
    stretch = _longest_stretch(sweeps.voltage > -zero)
    rows = stretch[sweeps.voltage[stretch] >= zero]
    if len(rows) < _FEWEST_POINTS or len(np.unique(sweeps.voltage[rows])) < 3:
        raise SweepError(
            f"{sweeps.source}: {len(rows)} rows in a row with positive voltages, at least {_FEWEST_POINTS} are needed; "
            "give a sweep from 0 to a positive voltage and back"
        )
    current = sweeps.current[rows]
    whole = ~np.isnan(current).any(axis=0)
    if whole.sum() < 2:
        raise SweepError(
            f"{sweeps.source}: {whole.sum()} cycle has every point of the positive loop (rows "
            f"{sweeps.rows[rows[0]]} to {sweeps.rows[rows[-1]]}); sigma needs the spread over at least 2"
        )
    voltage = sweeps.voltage[rows]
    conductance = current[:, whole] / voltage[:, None]
    return Loop(voltage, conductance, sweeps.rows[rows], len(stretch) - len(rows), int((~whole).sum()))


def _longest_stretch(chosen: Array) -> Array:
    """The row numbers of the longest run of True; the first one of several."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return np.arange(0)
    longest = int((ends - starts).argmax())
    return np.arange(starts[longest], ends[longest])
