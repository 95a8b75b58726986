"""SweetNet, a graph network for glycans (Burkholz et al., Cell Reports 35, 109251, 2021), in plain torch.

Three rounds of graph convolution (Morris et al., AAAI 2019), leaky ReLU and top-k pooling (Gao and Ji, ICML 2019); the
maximum and the mean over the nodes of each round, summed over rounds; then 1024, 64, classes with batch normalisation.
Each convolution is followed by batch normalisation, as in the authors' later code (glycowork 1.11): without it nothing
bounds the scores, and node features grow without end. Bonds are read in both directions. A batch is one long list of
nodes: glycans differ in size too much for padding.

On crossbars lie the matrices of the convolutions, the vectors that score nodes for pooling and the dense layers; the
table of node labels is a look-up and stays digital. Batch normalisation keeps the statistics of the trained state.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

WIDTH, HIDDEN, REPRESENTATION = 128, 1024, 64
ROUNDS, KEPT = 3, 0.8


class SweetNet(nn.Module):
    """Glycans (N, 2, nodes), integers: label numbers (0: no node) above the positions of parents -> (N, classes)."""

    def __init__(self, labels: int, classes: int) -> None:
        """labels: how many node labels there are, numbered from 1."""
        super().__init__()
        self.embedding = nn.Embedding(labels + 1, WIDTH)
        self.rounds = nn.ModuleList(Round() for _ in range(ROUNDS))
        self.dense = nn.Sequential(
            nn.Linear(2 * WIDTH, HIDDEN),
            nn.BatchNorm1d(HIDDEN),
            nn.LeakyReLU(),
            nn.Linear(HIDDEN, REPRESENTATION),
            nn.BatchNorm1d(REPRESENTATION),
            nn.LeakyReLU(),
        )
        self.dropout = nn.Dropout(0.5)
        self.classify = nn.Linear(REPRESENTATION, classes)

    def forward(self, glycans: Tensor) -> Tensor:
        """Logits (N, classes)."""
        return self.classify(self.dropout(self.representation(glycans)))

    def representation(self, glycans: Tensor) -> Tensor:
        """What the network knows of a glycan, (N, 64): the input of the classifier."""
        labels, forest = Forest.of(glycans)
        nodes, read = self.embedding(labels), torch.zeros((), device=glycans.device)
        for one in self.rounds:
            nodes, forest = one(nodes, forest)
            read = read + torch.cat([forest.largest(nodes), forest.mean(nodes)], 1)
        return self.dense(read)


class Round(nn.Module):
    """Graph convolution own(x) + others(sum of neighbours), batch normalisation, leaky ReLU, and of each tree the share
    of nodes that scores best.

    Kept nodes are weighted by tanh(score), which is how the score learns. Its vector is not divided by its length: a
    crossbar does not know the length of what was programmed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.own = nn.Linear(WIDTH, WIDTH)
        self.others = nn.Linear(WIDTH, WIDTH, bias=False)
        self.norm = nn.BatchNorm1d(WIDTH)
        self.activate = nn.LeakyReLU()
        self.score = nn.Linear(WIDTH, 1, bias=False)

    def forward(self, nodes: Tensor, forest: Forest) -> tuple[Tensor, Forest]:
        """(nodes, 128) of a forest -> those that are kept, and their forest."""
        nodes = self.activate(self.norm(self.own(nodes) + self.others(forest.neighbours(nodes))))
        score = self.score(nodes).squeeze(1)
        kept = forest.best(score.detach(), KEPT)
        return nodes[kept] * score[kept].tanh().unsqueeze(1), forest.part(kept)


@dataclass(frozen=True)
class Forest:
    """The trees of a batch: the tree of each node, ascending (nodes,); the nodes of each tree (trees,); bonds as two
    lists of node numbers."""

    tree: Tensor
    sizes: Tensor
    child: Tensor
    parent: Tensor

    @staticmethod
    def of(glycans: Tensor) -> tuple[Tensor, Forest]:
        """Labels of all nodes, one tree after the other, and their bonds."""
        there = glycans[:, 0] > 0
        sizes = there.sum(1)
        tree = there.nonzero()[:, 0]
        above = glycans[:, 1][there].long()
        child = (above >= 0).nonzero()[:, 0]
        first = sizes.cumsum(0) - sizes
        return glycans[:, 0][there].long(), Forest(tree, sizes, child, above[child] + first[tree[child]])

    def neighbours(self, nodes: Tensor) -> Tensor:
        """The sum over each node's neighbours, (nodes, width)."""
        total = torch.zeros_like(nodes)
        return total.index_add(0, self.parent, nodes[self.child]).index_add(0, self.child, nodes[self.parent])

    def largest(self, nodes: Tensor) -> Tensor:
        """The maximum over each tree, (trees, width)."""
        return torch.segment_reduce(nodes, "max", lengths=self.sizes)

    def mean(self, nodes: Tensor) -> Tensor:
        """The mean over each tree, (trees, width)."""
        total = nodes.new_zeros(len(self.sizes), nodes.shape[1]).index_add(0, self.tree, nodes)
        return total / self.sizes.unsqueeze(1)

    def best(self, score: Tensor, share: float) -> Tensor:
        """Numbers, ascending, of the share of each tree's nodes (rounded up) that score highest; ties: the first."""
        order = score.sort(descending=True, stable=True).indices
        order = order[self.tree[order].sort(stable=True).indices]
        first = self.sizes.cumsum(0) - self.sizes
        place = torch.arange(len(order), device=order.device) - first[self.tree]
        return order[place < (share * self.sizes).ceil()[self.tree]].sort().values

    def part(self, kept: Tensor) -> Forest:
        """The forest of some nodes, with the bonds between them; every tree keeps one or more."""
        number = torch.full_like(self.tree, -1)
        number[kept] = torch.arange(len(kept), device=kept.device)
        child, parent = number[self.child], number[self.parent]
        both = (child >= 0) & (parent >= 0)
        tree = self.tree[kept]
        return Forest(tree, torch.bincount(tree, minlength=len(self.sizes)), child[both], parent[both])
