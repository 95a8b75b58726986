"""The positive loop of a set of sweeps, or the rows that the authors take: where conductance and levels are counted."""

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
    """The points at which conductance is counted, those around V = 0 left out.

    voltage: (points,) in V; conductance: (points, cycles) in S, NaN only in the authors' rows; rows: (points,) rows of
    the file; places: where each point lies on the 100 points among which levels are counted, (points,) in [0, 99];
    zeros: how many rows within half a voltage step of V = 0 were left out; short: how many cycles lack one of these
    points and were left out; authors: whether these are the authors' rows.
    """

    voltage: Array
    conductance: Array
    rows: Array
    places: Array
    zeros: int
    short: int
    authors: bool = False

    @property
    def mean(self) -> Array:
        """Mean conductance over cycles, (points,) in S."""
        import numpy as np

        return np.asarray(np.nanmean(self.conductance, axis=1))

    def resampled(self, values: Array) -> Array:
        """Values at the loop's points, (points,), on 100 points: themselves where the loop has these."""
        import numpy as np

        return np.interp(np.arange(POINTS), self.places, values)


def positive_loop(sweeps: Sweeps) -> Loop:
    """The longest stretch of rows whose voltages are not negative, without its rows of V = 0: G = I / V, in S. Voltages
    within half a step of 0 count as 0 (`near_zero_V`).

    Raises SweepError where there are fewer than 10 points or 2 cycles that have them all.
    """
    import numpy as np

    rows, zeros = _positive(sweeps)
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
    places = np.linspace(0, POINTS - 1, len(rows))
    return Loop(voltage, conductance, sweeps.rows[rows], places, zeros, int((~whole).sum()))


def authors_rows(sweeps: Sweeps) -> Loop:
    """The points that the authors of arXiv:2412.02779 take: rows 1 to 100 of the sheet (row 0 is that of V = 0)
    whatever the length of the loop, so that a longer loop is cut and a shorter one is followed by its negative branch;
    a cycle counts as far as it goes, empty cells within it are left out.

    Source: found by reproducing 33 of their 37 stored sigmas. Raises SweepError where there are fewer rows.
    """
    import numpy as np

    first = int(abs(sweeps.voltage[0]) < near_zero_V(sweeps.voltage))
    rows = np.arange(first, first + POINTS)
    if rows[-1] >= len(sweeps.voltage):
        raise SweepError(
            f"{sweeps.source}: {len(sweeps.voltage) - first} rows from the first voltage on, but the authors' "
            f"definition takes {POINTS}; leave --compat authors away"
        )
    known = (sweeps.voltage[rows] != 0) & ~np.isnan(sweeps.current[rows]).all(axis=1)
    kept = rows[known]
    conductance = sweeps.current[kept] / sweeps.voltage[kept, None]
    places, zeros = np.flatnonzero(known), POINTS - len(kept)
    return Loop(sweeps.voltage[kept], conductance, sweeps.rows[kept], places, zeros, 0, authors=True)


def loop_points(sweeps: Sweeps) -> int:
    """How many points the whole positive loop has."""
    return len(_positive(sweeps)[0])


def _positive(sweeps: Sweeps) -> tuple[Array, int]:
    """(places of the rows of the positive loop, how many rows of V = 0 it has beside them)."""
    zero = near_zero_V(sweeps.voltage)
    stretch = _longest_stretch(sweeps.voltage > -zero)
    rows = stretch[sweeps.voltage[stretch] >= zero]
    return rows, len(stretch) - len(rows)


def _longest_stretch(chosen: Array) -> Array:
    """The row numbers of the longest run of True; the first one of several."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return np.arange(0)
    longest = int((ends - starts).argmax())
    return np.arange(starts[longest], ends[longest])
