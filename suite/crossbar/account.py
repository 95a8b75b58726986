"""How much of a network lies on crossbars: an account of its weights, programmed and ideal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from suite.contract import SuiteError
from suite.crossbar.arrays import places, tensors_at

# More names than these are counted where the account is told in a line.
MOST_NAMED = 8


class NothingProgrammed(SuiteError):
    """No weight of a network lies on a crossbar: every condition would have the clean score."""


@dataclass(frozen=True)
class Account:
    """Cells' worth of weights, tied ones once: those in arrays, and those of two or more dimensions that are in none.

    programmed, ideal: numbers of weights; left_out: names of the ideal tensors, in the network's order; frozen: number
    of weights in no array that come from a file.
    """

    programmed: int
    ideal: int
    left_out: tuple[str, ...]
    frozen: int = 0

    def __str__(self) -> str:
        told = f"programmed {self.programmed:,} of {self.programmed + self.ideal + self.frozen:,} weights"
        told += f", {self.frozen:,} frozen" if self.frozen else ""
        more = len(self.left_out) - MOST_NAMED
        names = ", ".join(self.left_out[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        return f"{told}; ideal: {names}" if names else told


def account_of(network: nn.Module, arrays: Mapping[str, Tensor], frozen: Collection[str] = ()) -> Account:
    """What of a network lies in `arrays` ({state-dict name: tensor}), and which parameters and buffers do not.

    frozen: state-dict names of what comes from a file. Raises NothingProgrammed.
    """
    left_out = _left_out(network, arrays)
    if not arrays:
        listed = f"; it has {', '.join(list(left_out)[:MOST_NAMED])}" if left_out else ""
        raise NothingProgrammed(
            "no weight of the network lies on a crossbar, so every condition would have the clean score: say which do "
            f"in Workload(arrays=...), {{state-dict name: tensor}} of the network{listed}"
        )
    ideal = {name: tensor for name, tensor in left_out.items() if name not in frozen}
    cells, left, total = (sum(map(Tensor.numel, tensors.values())) for tensors in (arrays, ideal, left_out))
    return Account(cells, left, tuple(ideal), total - left)


def _left_out(network: nn.Module, arrays: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """{name: tensor} of what has the shape of weights and is no array; tied tensors by their first name."""
    held = tensors_at(network)
    programmed = {place for name in arrays for place in places(held, name)}
    found: dict[int, tuple[str, Tensor]] = {}
    for place, tensor in held.items():
        if tensor is not None and tensor.ndim >= 2 and tensor.is_floating_point() and place not in programmed:
            found.setdefault(id(tensor), (".".join(filter(None, place)), tensor))
    return dict(found.values())
