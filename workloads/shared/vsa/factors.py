"""The weights of an automaton as a product of two thin matrices: a read costs their size, and nothing of N x N is held.

A node vector x is stored as an attractor, and so is a vector e of each edge; on the first half of a stimulus, s_a, x
turns into e, on the second, s_b, e into the target y. Dense codes, in units of 1/N (H(s) = 1 where s > 0, else 0):

    W = sum x x' + sum (e e' + H(s_a) (e - x) (x s_a)' + H(s_b) (y - e) (e s_b)'),   diagonal 0

H on the left is essential. An edge with an output r has r instead of e on the left wherever r is not 0. Sparse codes,
f being the share of ones: x - f and e - f instead of x and e on both sides of the first two terms and on the right of
the others, no H on the left. Without edge states a stimulus turns x into y at once, in both halves.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from workloads.shared.vsa.codes import Codes


@dataclass(frozen=True)
class Factors:
    """W = left' right less its diagonal; left, right: (rank, N) float32; diagonal: (N,), None where it is kept.

    Dense codes make whole numbers, so that float32 products are exact, whichever way they are taken.
    """

    left: Tensor
    right: Tensor
    diagonal: Tensor | None

    def product(self, states: Tensor) -> Tensor:
        """states @ W', (walks, N) -> (walks, N)."""
        fields = (states @ self.right.T) @ self.left
        return fields if self.diagonal is None else fields - states * self.diagonal

    def dense(self) -> Tensor:
        """W, (N, N)."""
        weights = self.left.T @ self.right
        return weights if self.diagonal is None else weights.fill_diagonal_(0)


def dense_factors(codes: Codes, edge_states: bool, multiplied: bool = False) -> Factors:
    """Of vectors of +1 and -1; multiplied: for stimuli that outputs are multiplied by, for one step, instead of masked:
    the left factors are then e and y, without H and without what they replace, of which such an input leaves nothing.
    """
    terms = codes, codes.nodes.float(), codes.edges.float(), edge_states
    left, right = _terms(*terms, masked=not multiplied, replaced=not multiplied)
    return Factors(left, right, sum(one * other for one, other in zip(left, right, strict=True)))


def sparse_factors(codes: Codes, edge_states: bool) -> Factors:
    """Of vectors of ones and zeros."""
    share = float(codes.nodes[0].float().mean())
    terms = codes, codes.nodes.float() - share, codes.edges.float() - share, edge_states
    return Factors(*_terms(*terms, masked=False, replaced=True), None)


def _terms(
    codes: Codes, nodes: Tensor, edges: Tensor, edge_states: bool, masked: bool, replaced: bool
) -> tuple[Tensor, Tensor]:
    """Both factors, from vectors that are centred; what is common to two of them falls out of their difference."""
    count = len(nodes) + len(edges) * (3 if edge_states else 2)
    left, right = nodes.new_empty(2, count, nodes.shape[1])
    left[: len(nodes)] = right[: len(nodes)] = nodes
    # Edge by edge, so that nothing as large as the factors is held beside them.
    rows = iter(zip(left[len(nodes) :], right[len(nodes) :], strict=True))
    for edge, (source, stimulus, target, output) in zip(edges, codes.table.tolist(), strict=True):
        start, end = nodes[source], nodes[target]
        first, second = codes.first[stimulus].float(), codes.second[stimulus].float()
        terms = (
            [(start, edge, first), (edge, end, second)] if edge_states else [(start, end, first), (start, end, second)]
        )
        if edge_states:
            _put(next(rows), _told(codes, edge, output), edge)
        for before, after, signs in terms:
            turned = after - before if replaced else after
            _put(next(rows), (signs > 0) * turned if masked else turned, before * signs)
    return left, right


def _put(row: tuple[Tensor, Tensor], left: Tensor, right: Tensor) -> None:
    row[0].copy_(left)
    row[1].copy_(right)


def _told(codes: Codes, edge: Tensor, output: int) -> Tensor:
    """What an edge's vector is turned into: its output wherever that is not 0, else itself."""
    if output < 0 or not len(codes.outputs):
        return edge
    given = codes.outputs[output].float()
    return torch.where(given == 0, edge, given)
