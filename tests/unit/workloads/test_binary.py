"""Scores of one logit per sample."""

import math

import pytest
import torch
from torch.nn import functional

from workloads.shared.binary import loss, measures, scores

LABELS = torch.tensor([1, 1, 1, 0, 0, 0, 0, 0])


def test_scores_of_known_logits():
    logits = torch.tensor([2.0, 1.0, -1.0, 0.5, -0.5, -2.0, -3.0, -4.0])
    # 2 of 3 and 4 of 5 right; of 15 pairs, the label-1 sample is above in 5 + 5 + 3
    assert scores(logits, LABELS) == {
        "accuracy": 6 / 8,
        "auc": pytest.approx(13 / 15),
        "mcc": pytest.approx((2 * 4 - 1 * 1) / math.sqrt(3 * 3 * 5 * 5)),
    }


@pytest.mark.parametrize("value", [-1.0, 0.0, 1.0])
def test_constant_logits_have_scores(value):
    found = scores(torch.full((8,), value), LABELS)
    assert found == {"accuracy": 3 / 8 if value > 0 else 5 / 8, "auc": 0.5, "mcc": 0.0}


def test_labels_of_one_class_have_scores():
    assert scores(torch.tensor([1.0, -1.0]), torch.tensor([1, 1])) == {"accuracy": 0.5, "auc": 0.5, "mcc": 0.0}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_logit_that_is_not_finite_is_the_wrong_class(value):
    perfect = torch.where(LABELS > 0, 3.0, -3.0)
    assert scores(perfect, LABELS) == {"accuracy": 1.0, "auc": 1.0, "mcc": 1.0}
    for place in (0, 7):
        broken = perfect.clone()
        broken[place] = value
        opposite = perfect.clone()
        opposite[place] = -4 * perfect[place]
        assert scores(broken, LABELS) == scores(opposite, LABELS)
    assert scores(torch.full((8,), value), LABELS) == {"accuracy": 0.0, "auc": 0.0, "mcc": -1.0}


def test_loss_is_binary_cross_entropy():
    logits = torch.tensor([0.3, -2.0])
    expected = functional.binary_cross_entropy(torch.sigmoid(logits), torch.tensor([1.0, 0.0]))
    torch.testing.assert_close(loss(logits, torch.tensor([1, 0])), expected)


def test_the_chance_of_accuracy_is_the_share_of_the_larger_class_and_auc_is_tuned_where_there_is_one():
    equal, unequal = ([(name, measure.chance) for name, measure in measures(share).items()] for share in (0.5, 0.7))
    assert equal == [("accuracy", 0.5), ("auc", 0.5), ("mcc", 0.0)]
    assert unequal == [("auc", 0.5), ("accuracy", 0.7), ("mcc", 0.0)]
