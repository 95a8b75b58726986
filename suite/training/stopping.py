"""Ending a hopeless candidate early: one look at it after a share of its epochs, against candidates told before.

The bar is the median of what the candidates that were trained to the end were worth at the same epoch, of those alone
that were told before the candidate's batch was asked: neither the number of workers, nor their order, nor kills change
what is ended. The first batch has no bar.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn

# torch keeps a disturbed array under another name.
_DISTURBED = re.compile(r"parametrizations\.(\w+)\.original$")


class BelowBar(Exception):
    """A candidate is below the bar: its training ends."""


def bar_of(told: Sequence[Mapping[str, Any]]) -> float | None:
    """What the next batch must reach, from the records of the trials told so far; None: everyone goes on."""
    reached = [record["at_rung"] for record in told if "at_rung" in record and "ended_after" not in record]
    return median(reached) if reached else None


def rung(stop_at: float, epochs: int) -> int:
    """The epoch after which candidates are judged, at least 1; the last one leaves nothing to save, so nobody is."""
    return math.ceil(stop_at * epochs)


@dataclass
class Judge:
    """The progress callback of a candidate's training.

    worth(network): larger is better; plain(): a network like the one in training, without the method's noise.
    """

    epoch: int
    bar: float | None
    worth: Callable[[nn.Module], float]
    plain: Callable[[], nn.Module]
    record: dict[str, Any] = field(default_factory=dict)

    def __call__(self, epoch: int, epochs: int, loss: float, network: nn.Module) -> None:
        """Raises BelowBar; `record` has what was seen."""
        if epoch != self.epoch or epoch == epochs:
            return
        self.record = {"at_rung": self.worth(copied(network, self.plain()))}
        if self.bar is not None and self.record["at_rung"] < self.bar:
            self.record |= {"value": self.record["at_rung"], "ended_after": epoch}
            raise BelowBar


def copied(network: nn.Module, plain: nn.Module) -> nn.Module:
    """`plain` with the state of a network in training, whose own streams and modes stay as they are."""
    plain.load_state_dict(plain_state(network, plain))
    return plain


def plain_state(network: nn.Module, plain: nn.Module) -> dict[str, Tensor]:
    """The state of a network in training under the names that `plain`, one without the method's noise, has for it."""
    own = plain.state_dict().keys()
    state = network.state_dict().items()
    return {name if name in own else _DISTURBED.sub(r"\1", name): tensor for name, tensor in state}
