"""Where write and verify leaves a cell: within a window of its target, or where it gave up.

The loop itself (read, RESET above the window, SET below it, again) ends anywhere in the window; targets within the
window of 0 are only ever RESET and end anywhere below it. Cells that the loop gives up on, as logged for the NeuRRAM
chip: those that should rest read 2 to 10 uS instead, the others 0.5 to 1.5 times their target.
"""

from __future__ import annotations

from torch import Tensor

from suite.crossbar.circuit.conductances import limits
from suite.crossbar.settings import Crossbar

FAULTY_AT_REST_uS = (2.0, 10.0)
FAULTY_SHARE_OF_TARGET = (0.5, 1.5)


def verified(targets: Tensor, uniform: Tensor, window_uS: float) -> Tensor:
    """Conductances in uS after write and verify; uniform: one number in [0, 1) per cell."""
    return (targets + (2 * uniform - 1) * window_uS).where(targets > window_uS, uniform * window_uS)


def given_up(conductances: Tensor, targets: Tensor, which: Tensor, where: Tensor, crossbar: Crossbar) -> Tensor:
    """Conductances with some cells where no pulse could move them.

    which, where: one number in [0, 1) per cell each; the faulty cells of a share are among those of every larger one.
    """
    assert crossbar.faulty_cells is not None
    resting = targets <= max(limits(crossbar)[0], crossbar.window_uS or 0.0)
    missed = (targets * _between(where, FAULTY_SHARE_OF_TARGET)).where(~resting, _between(where, FAULTY_AT_REST_uS))
    return missed.where(which < crossbar.faulty_cells, conductances)


def _between(uniform: Tensor, ends: tuple[float, float]) -> Tensor:
    low, high = ends
    return low + (high - low) * uniform
