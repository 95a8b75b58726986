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
    return Factors(left, right, (left * right).sum(0))


def sparse_factors(codes: Codes, edge_states: bool) -> Factors:
    """Of vectors of ones and zeros."""
    share = float(codes.nodes[0].float().mean())
    terms = codes, codes.nodes.float() - share, codes.edges.float() - share, edge_states
    return Factors(*_terms(*terms, masked=False, replaced=True), None)


def _terms(
    codes: Codes, nodes: Tensor, edges: Tensor, edge_states: bool, masked: bool, replaced: bool
) -> tuple[Tensor, Tensor]:
    """Both factors, from vectors that are centred; what is common to two of them falls out of their difference."""
    source, stimulus, target, output = codes.table.unbind(1)
    first, second = codes.first[stimulus].float(), codes.second[stimulus].float()
    start, end = nodes[source], nodes[target]

    def turned(signs: Tensor, before: Tensor, after: Tensor) -> Tensor:
        found = after - before if replaced else after
        return (signs > 0) * found if masked else found

    if not edge_states:
        left = [nodes, turned(first, start, end), turned(second, start, end)]
        return torch.cat(left), torch.cat([nodes, start * first, start * second])
    given = codes.outputs[output.clamp_min(0)].float() * (output >= 0)[:, None] if len(codes.outputs) else 0 * edges
    told = torch.where(given == 0, edges, given)
    left = [nodes, told, turned(first, start, edges), turned(second, edges, end)]
    return torch.cat(left), torch.cat([nodes, edges, start * first, edges * second])
