"""SweetNet on batches, against the same arithmetic glycan by glycan."""

from fractions import Fraction
from math import ceil

import pytest
import torch
from torch import nn

from suite.checks import plainly
from suite.contract import Condition
from suite.contract.registry import registry
from suite.crossbar.arrays import crossbar_arrays
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from workloads.shared.sweetnet import KEPT, Forest, SweetNet

LABELS, CLASSES, NODES = 9, 4, 12


def glycans(count=20, seed=0):
    """Random trees of 1 to NODES nodes, some of them forests."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.zeros(count, 2, NODES, dtype=torch.int16)
    inputs[:, 1] = -1
    for number, sample in enumerate(inputs):
        size = 1 + number % NODES
        sample[0, :size] = torch.randint(1, LABELS + 1, (size,), generator=generator)
        for node in range(1, size):
            above = int(torch.randint(0, node, (1,), generator=generator))
            sample[1, node] = -1 if node == 7 else above
    return inputs


def network(seed=0):
    torch.manual_seed(seed)
    built = SweetNet(LABELS, CLASSES)
    for module in built.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2.0)
    return built.eval()


def one_by_one(built, sample):
    """The published arithmetic with lists and loops, for one glycan."""
    size = int((sample[0] > 0).sum())
    nodes = [built.embedding.weight[int(label)] for label in sample[0, :size]]
    bonds = [(child, int(above)) for child, above in enumerate(sample[1, :size]) if above >= 0]
    read = 0
    for one in built.rounds:
        sums = [torch.zeros_like(nodes[0]) for _ in nodes]
        for child, above in bonds:
            sums[child] = sums[child] + nodes[above]
            sums[above] = sums[above] + nodes[child]
        nodes = [
            one.activate(one.norm((one.own(own) + one.others(around))[None])[0])
            for own, around in zip(nodes, sums, strict=True)
        ]
        score = [float(one.score(node)) for node in nodes]
        best = sorted(range(len(nodes)), key=lambda node: -score[node])[: ceil(Fraction(4, 5) * len(nodes))]
        kept = sorted(best)
        bonds = [(kept.index(child), kept.index(above)) for child, above in bonds if child in best and above in best]
        nodes = [nodes[node] * torch.tanh(one.score(nodes[node])) for node in kept]
        together = torch.stack(nodes)
        read = read + torch.cat([together.amax(0), together.mean(0)])
    return built.classify(built.dense(read.unsqueeze(0)))[0]


def test_a_batch_gives_what_each_glycan_gives_alone():
    built, inputs = network(), glycans()
    with torch.no_grad():
        expected = torch.stack([one_by_one(built, sample) for sample in inputs])
        assert built(inputs).allclose(expected, rtol=1e-4, atol=1e-5)
        assert not expected[0].allclose(expected[1])


def test_pooling_keeps_the_share_rounded_up_and_the_best():
    sizes = torch.arange(1, 206)
    tree = torch.repeat_interleave(torch.arange(len(sizes)), sizes)
    none = torch.empty(0, dtype=torch.long)
    forest = Forest(tree, sizes, none, none)
    score = torch.rand(len(tree), generator=torch.Generator().manual_seed(0))
    kept = forest.best(score, KEPT)
    assert forest.part(kept).sizes.tolist() == [ceil(Fraction(4, 5) * int(size)) for size in sizes]
    for number in range(0, len(sizes), 17):
        inside = (tree == number).nonzero()[:, 0]
        chosen = kept[tree[kept] == number]
        dropped = inside[~torch.isin(inside, chosen)]
        assert not len(dropped) or score[dropped].max() <= score[chosen].min()


def test_nodes_of_equal_score_are_kept_from_the_first():
    forest = Forest(torch.zeros(5, dtype=torch.long), torch.tensor([5]), *torch.empty(2, 0, dtype=torch.long))
    assert forest.best(torch.zeros(5), KEPT).tolist() == [0, 1, 2, 3]


def test_every_weight_is_trained():
    built = network().train()
    nn.functional.cross_entropy(built(glycans(48)), torch.arange(48) % CLASSES).backward()
    # Biases in front of a batch normalisation are of no account.
    weights = [parameter for parameter in built.parameters() if parameter.ndim > 1]
    assert len(weights) == 1 + 3 * 3 + 3
    assert all(weight.grad.abs().max() > 1e-6 for weight in weights)


def test_features_stay_in_bounds_while_scores_grow():
    built = network().train()
    for one in built.rounds:
        one.score.weight.data.mul_(1e3)
    seen = []
    built.rounds[-1].activate.register_forward_hook(lambda module, inputs, output: seen.append(output))
    built(glycans(48))
    assert seen[0].abs().max() < 100


def test_matrices_lie_on_crossbars_and_the_table_of_labels_does_not():
    workload = registry().workload("glycan_kingdom").at("ci", {})
    arrays = crossbar_arrays(workload, workload.network(torch.Generator().manual_seed(0)), Crossbar())
    assert len(arrays) == 3 * 3 + 3
    assert not any("embedding" in name for name in arrays)


@pytest.mark.parametrize("condition", [Condition(1.0, 0.0), Condition.of(usability=0.5)])
def test_the_sweep_scores_what_a_copy_with_noisy_weights_scores(condition):
    from dataclasses import replace

    from torch.utils.data import TensorDataset

    from suite.contract.seeds import torch_generator
    from suite.sweep.sweep import sweep

    built, found = network(), registry()
    workload = replace(found.workload("glycan_kingdom"), network=lambda generator, scale=None, settings=None: network())
    data = TensorDataset(glycans(1_024), torch.arange(1_024) % CLASSES)
    scores = sweep(
        workload,
        built,
        {"test": data},
        [condition],
        (0,),
        Key("sweetnet", 1, 0, {"lognormal": found.device("lognormal")}, {"weights": Crossbar()}, 256),
    ).scores
    state = built.state_dict()
    for array, tensor in workload.arrays(built).items():
        draw = torch.randn(tensor.shape, generator=torch_generator(1, "device-noise", "sweetnet", 0, 0, array))
        state[array] = tensor.detach() * (condition.sigma_log * draw).exp()
    copy = network()
    copy.load_state_dict(state)
    expected = workload.scores(plainly.outputs(workload, copy, data), data.tensors[1])
    assert {name: float(values[0, 0]) for name, values in scores.items()} == pytest.approx(expected, rel=1e-6)
