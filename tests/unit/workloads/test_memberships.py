"""Scores over classes, against scikit-learn."""

import pytest
import torch
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from torch.nn import functional

from workloads.shared.memberships import log_odds, macro_auc, scores


def several(samples=200, classes=7, seed=0):
    """Logits, and memberships in one to three classes of which the last has no member."""
    generator = torch.Generator().manual_seed(seed)
    members = torch.rand(samples, classes, generator=generator) < 0.2
    members[:, 0] |= ~members.any(1)
    members[:, -1] = False
    members[:, 0] |= ~members.any(1)
    return torch.randn(samples, classes, generator=generator) + members, members


def test_one_class_each_is_what_scikit_learn_says():
    outputs, members = several()
    targets = members.long().argmax(1)
    there = sorted(set(targets.tolist()))
    found, given = scores(outputs, targets), outputs.argmax(1)
    assert found["accuracy"] == accuracy_score(targets, given)
    assert found["f1"] == pytest.approx(f1_score(targets, given, average="macro", labels=there))
    single = functional.one_hot(targets, outputs.shape[1])[:, there]
    assert found["auc"] == pytest.approx(roc_auc_score(single, outputs.double().softmax(1)[:, there], average="macro"))


def test_several_classes_each_is_what_scikit_learn_says():
    outputs, members = several()
    there = members.any(0).nonzero()[:, 0].tolist()
    given = functional.one_hot(outputs.argmax(1), outputs.shape[1])
    found = scores(outputs, members)
    assert found["accuracy"] == float((given * members).sum()) / len(outputs)
    assert found["f1"] == pytest.approx(f1_score(members, given, average="macro", labels=there, zero_division=0))
    assert found["auc"] == pytest.approx(
        roc_auc_score(members[:, there], outputs.double().softmax(1)[:, there], average="macro")
    )


def test_class_numbers_are_memberships_in_one():
    outputs, members = several()
    targets = members.long().argmax(1)
    assert scores(outputs, targets) == scores(outputs, functional.one_hot(targets, outputs.shape[1]).bool())


def test_right_and_wrong_predictions_are_the_ends_of_the_scale():
    members = functional.one_hot(torch.arange(12) % 3).bool()
    assert scores(members * 20.0, members) == {"accuracy": 1, "f1": 1, "auc": 1}
    assert scores(members * -20.0, members) == {"accuracy": 0, "f1": 0, "auc": 0}


def test_equal_outputs_rank_nobody():
    outputs, members = several()
    assert scores(torch.zeros_like(outputs), members)["auc"] == 0.5


def test_a_class_that_all_or_none_belong_to_has_no_curve():
    assert macro_auc(torch.randn(4, 2), torch.tensor([[True, False]] * 4)) == 0.5


def test_a_sample_that_is_not_finite_is_wrong_wherever_it_stands():
    outputs, members = several()
    broken, worst = outputs.clone(), outputs.clone()
    broken[:50, 3] = torch.nan
    worst[:50] = torch.where(members[:50], -1e9, 1e9)
    found, expected = scores(broken, members), scores(outputs[50:], members[50:])
    assert found["accuracy"] == pytest.approx(expected["accuracy"] * 150 / 200)
    assert found["auc"] < expected["auc"]
    assert found["auc"] == pytest.approx(macro_auc(worst.where(worst.abs() > 1e8, log_odds(outputs)), members))


def test_log_odds_tell_apart_what_is_all_but_certain():
    outputs = torch.tensor([[50.0, 0.0, -3.0], [60.0, 0.0, -3.0]])
    assert outputs.softmax(1)[:, 0].unique().numel() == 1
    assert log_odds(outputs)[1, 0] > log_odds(outputs)[0, 0]
    some = torch.randn(20, 5, generator=torch.Generator().manual_seed(1))
    assert log_odds(some).allclose(some.double().softmax(1).logit().float(), atol=1e-5)
