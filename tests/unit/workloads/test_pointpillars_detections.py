"""From what the network says to boxes: scores, suppression, ties, what is not finite."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from suite.data.kitti.rotated import ious
from workloads.shared.pointpillars.anchors import anchors, directions, encoded
from workloads.shared.pointpillars.detections import LEAST_SCORE, detections, unsuppressed
from workloads.shared.pointpillars.sizes import SCALED

GRID = anchors(SCALED)
LOW = -8.0


def said(*found):
    """(anchor, class, logit, box) -> what a network would say that sees these."""
    rows = torch.full((1, len(GRID), 12), LOW)
    for anchor, kind, logit, box in found:
        box = np.array([box], np.float64)
        rows[0, anchor, kind] = logit
        rows[0, anchor, 3:10] = torch.from_numpy(encoded(box, GRID[[anchor]])[0])
        rows[0, anchor, 10:] = torch.tensor([0.0, 0.0])
        rows[0, anchor, 10 + directions(box)[0]] = 1.0
    return rows


CAR = [10.0, 2.0, -0.9, 4.1, 1.7, 1.5, 2.5]
WALKER = [20.0, -5.0, -0.8, 0.8, 0.6, 1.7, -1.0]


def test_boxes_come_with_class_and_score_best_first():
    (found,) = detections(said((100, 1, 0.5, WALKER), (200, 0, 2.0, CAR)), SCALED)
    assert found.shape == (2, 9) and found.dtype == torch.float32
    assert found[:, 0].tolist() == [0, 1]
    assert_allclose(found[:, 1], [1 / (1 + np.exp(-2)), 1 / (1 + np.exp(-0.5))], rtol=1e-6)
    assert_allclose(found[:, 2:], [CAR, WALKER], atol=1e-4)


def test_what_is_not_likely_is_not_reported():
    edge = float(np.log(LEAST_SCORE / (1 - LEAST_SCORE)))
    (found,) = detections(said((100, 1, edge - 0.01, WALKER), (200, 0, edge + 0.01, CAR)), SCALED)
    assert found[:, 0].tolist() == [0]
    (nothing,) = detections(said(), SCALED)
    assert nothing.shape == (0, 9)


def test_boxes_that_overlap_a_better_one_are_dropped_whatever_their_class():
    near = [*CAR[:1], CAR[1] + 0.5, *CAR[2:]]
    (found,) = detections(said((100, 2, 1.0, near), (200, 0, 2.0, CAR)), SCALED)
    assert found[:, 0].tolist() == [0]


def test_of_equal_boxes_and_scores_the_first_anchor_is_kept():
    again = [*CAR[:2], CAR[2] + 0.1, *CAR[3:]]
    for first, second in ((CAR, again), (again, CAR)):
        (found,) = detections(said((100, 0, 1.0, first), (200, 0, 1.0, second)), SCALED)
        assert_allclose(found[:, 2:], [first], atol=1e-4)


# Fewer than a block, and several in which little or much is dropped.
@pytest.mark.parametrize(("count", "side"), [(60, 12), (300, 12), (300, 120)])
def test_suppression_is_the_greedy_one(count, side):
    random = np.random.default_rng(3)
    boxes = np.column_stack(
        [random.uniform(0, side, (count, 2)), np.zeros(count), random.uniform(1, 4, (count, 2)), np.ones(count)]
    )
    boxes = np.column_stack([boxes, random.uniform(-3, 3, count)])
    kept: list[int] = []
    for number, box in enumerate(boxes[:, [0, 1, 3, 4, 6]]):
        others = boxes[kept][:, [0, 1, 3, 4, 6]]
        if not (ious(others, np.tile(box, (len(kept), 1))) > 0.01).any():
            kept.append(number)
    assert unsuppressed(boxes, count).tolist() == kept
    assert unsuppressed(boxes, len(kept) - 2).tolist() == kept[:-2]
    assert count / 60 < len(kept) < 0.9 * count


@pytest.mark.parametrize("count", [0, 1])
def test_few_boxes_are_kept(count):
    assert unsuppressed(np.ones((count, 7)), 5).tolist() == list(range(count))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_one_row_of_nan_and_only_for_its_sweep(value):
    rows = torch.cat([said((200, 0, 2.0, CAR))] * 2)
    rows[0, 5, 4] = value
    broken, sound = detections(rows, SCALED)
    assert broken.shape == (1, 9) and torch.isnan(broken).all()
    assert len(sound) == 1


def test_a_batch_gives_the_boxes_of_single_sweeps():
    rows = torch.cat([said((200, 0, 2.0, CAR)), said(), said((100, 1, 1.0, WALKER), (300, 2, 1.0, CAR))])
    together = detections(rows, SCALED)
    alone = [detections(row[None], SCALED)[0] for row in rows]
    assert all(torch.equal(one, other) for one, other in zip(together, alone, strict=True))


def test_no_more_boxes_than_the_detector_may_report():
    rows = torch.full((1, len(GRID), 12), 1.0)
    rows[..., 3:] = 0
    (found,) = detections(rows, SCALED)
    assert len(found) <= SCALED.most_boxes
