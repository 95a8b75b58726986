"""The workload: samples, their variation and batches, the loss, scores; sweeps in which there is nothing to find."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from suite.contract import DataMissing
from suite.contract.registry import registry
from suite.data.kitti.boxes import corners, inside
from suite.data.kitti.folder import Frame
from tests.unit.kitti.kitti_files import CALIBRATION, SIZE, frame, real_data, thing
from workloads.shared.pointpillars.anchors import anchors
from workloads.shared.pointpillars.kitti_ap import scores
from workloads.shared.pointpillars.losses import loss
from workloads.shared.pointpillars.network import PointPillars
from workloads.shared.pointpillars.pictures import telling
from workloads.shared.pointpillars.samples import Samples, batch_of, sample, varied
from workloads.shared.pointpillars.sizes import CLASSES, SCALED

CAR = thing("Car", picture=(500, 150, 600, 200), location=(1, 1.7, 15), rotation_y=0.3, size=(1.5, 1.6, 3.9))
CYCLIST = thing("Cyclist", picture=(300, 150, 380, 250), location=(-3, 1.7, 12), size=(1.7, 0.6, 1.8))
VAN = thing("Van", picture=(700, 150, 800, 210), location=(5, 1.7, 20), size=(2.2, 1.9, 5))
REGION = thing("DontCare", size=(-1, -1, -1), location=(-1000, -1000, -1000))
FAR = thing("Car", picture=(600, 170, 630, 190), location=(1, 1.7, 60))


def sweep(*things, points=2000, seed=0):
    random = np.random.default_rng(seed)
    cloud = random.uniform((2, -10, -2, 0), (40, 10, 1, 1), (points, 4)).astype(np.float32)
    return Frame("000000", cloud, CALIBRATION, frame(*things) if things else frame(REGION).real, SIZE)


def samples(*frames):
    return [sample(one, SCALED) for one in frames]


def found(one, *, score=0.9, shift=0.0):
    """The labelled boxes of a sample as perfect detections, moved ahead."""
    boxes = np.column_stack([one[1][:, :1], np.full(len(one[1]), score), one[1][:, 1:]])
    boxes[:, 2] += shift
    return torch.from_numpy(boxes.astype(np.float32))


def test_neighbours_and_dont_care_regions_are_no_boxes_but_stay_in_the_truth():
    cloud, boxes, truth, size = sample(sweep(CAR, VAN, REGION, CYCLIST), SCALED)
    assert [CLASSES[int(kind)] for kind in boxes[:, 0]] == ["car", "cyclist"]
    assert np.abs(boxes[:, 1:]).max() < 100
    assert truth.labels.kinds.tolist() == ["car", "van", "dontcare", "cyclist"]
    assert (cloud.shape, size) == ((2000, 4), SCALED)


def test_samples_are_made_once():
    made = Samples([sweep(CAR), sweep(CYCLIST)], SCALED)
    assert made[1] is made[1]
    assert len(made) == 2


def test_boxes_move_with_their_points():
    one = sample(sweep(CAR, CYCLIST), SCALED)
    points = np.concatenate([corners(one[1][:, 1:]).reshape(-1, 3), one[1][:, 1:4]])
    cloud = np.column_stack([points, np.ones(len(points))]).astype(np.float32)
    given = (cloud, one[1], *one[2:])
    before = cloud.copy()
    moved = varied([given] * 20, torch.Generator().manual_seed(0))
    assert (cloud == before).all()
    for other in moved:
        boxes = other[1][:, 1:].copy()
        boxes[:, 3:6] *= 1.001
        assert inside(other[0], boxes).sum(1).tolist() == [9, 9]
    assert len({tuple(np.round(other[1].ravel(), 6)) for other in moved}) == 20
    assert {int(np.sign(other[1][1, 2])) for other in moved} == {-1, 1}


@pytest.mark.parametrize(
    "frames",
    [
        [sweep()],
        [sweep(REGION)],
        [sweep(FAR)],
        [sweep(VAN)],
        [sweep(CAR, points=0)],
        [sweep(points=0), sweep(CAR, CYCLIST)],
    ],
    ids=["no object", "only DontCare", "out of range", "only a neighbour", "no point", "an empty one in a batch"],
)
def test_a_step_and_scores_work_where_there_is_nothing(frames):
    workload = registry().workload("kitti_pointpillars").at("ci", {})
    network = workload.network(torch.Generator().manual_seed(0)).train()
    batch = workload.collate(samples(*frames))
    if len(batch[0][0]) == 0:
        network.eval()  # no statistics of no points
    value = workload.step(workload, network, batch)
    value.backward()
    assert torch.isfinite(value)
    assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters() if parameter.grad is not None)
    with torch.no_grad():
        outputs = workload.outputs(network.eval(), batch, torch.Generator())
    told = workload.scores(outputs, workload.targets(batch))
    assert set(told) == set(workload.measures)
    assert set(told.values()) == {0.0}


def test_the_loss_is_the_sum_of_its_parts_written_plainly():
    torch.manual_seed(0)
    batch = batch_of(samples(sweep(CAR, CYCLIST), sweep(), sweep(CYCLIST, CAR, seed=1)))
    wanted = batch[2]
    grid = len(anchors(SCALED))
    said = torch.randn(3, grid, 12)
    expected = []
    for number in range(3):
        own = {name: values[wanted["frame"] == number] for name, values in wanted.items() if name != "ignored"}
        ignored = {int(place) - number * grid for place in wanted["ignored"] if place // grid == number}
        truth, weight = torch.zeros(grid, 3), torch.ones(grid)
        weight[list(ignored)] = 0
        boxes = direction = torch.tensor(0.0)
        for place, kind, code, way in zip(*(own[n] for n in ("positive", "kind", "code", "direction")), strict=True):
            row = said[number, int(place) - number * grid]
            truth[int(place) - number * grid, kind] = 1
            error = row[3:10] - code
            error[6] = torch.sin(error[6])
            size = error.abs()
            boxes = boxes + torch.where(size < 1 / 9, 4.5 * size**2, size - 1 / 18).sum()
            direction = direction - row[10:].log_softmax(0)[way]
        p = said[number, :, :3].sigmoid()
        focal = -(truth * 0.25 * (1 - p) ** 2 * p.log() + (1 - truth) * 0.75 * p**2 * (1 - p).log())
        count = max(1, len(own["positive"]))
        expected.append(((focal.sum(1) * weight).sum() + 2 * boxes + 0.2 * direction) / count)
    assert_allclose(loss(said, wanted), torch.stack(expected).mean(), rtol=1e-5)


def test_perfect_detections_of_few_objects_have_the_official_ceiling_and_a_whole_honest_ap():
    given = samples(*(sweep(CAR, VAN, REGION, seed=seed) for seed in range(5)))
    told = scores([found(one) for one in given], [one[2] for one in given])
    assert told["car"] == told["car_bev"] == pytest.approx(4 / 40)
    assert told["car_points"] == told["car_bev_points"] == pytest.approx(1)
    assert told["cyclist"] == told["cyclist_points"] == 0
    assert told["ap"] == pytest.approx(told["car"] / 3) and told["ap_points"] == pytest.approx(1 / 3)


def test_many_perfect_detections_have_all_and_misplaced_ones_nothing_in_space():
    given = samples(*(sweep(CAR, CYCLIST, seed=seed) for seed in range(60)))
    truths = [one[2] for one in given]
    perfect = scores([found(one) for one in given], truths)
    assert perfect["car"] == perfect["cyclist"] == 1.0
    assert perfect["ap"] == pytest.approx(2 / 3)
    wrong = scores([found(one, shift=3.0) for one in given], truths)
    assert wrong["ap"] == wrong["bev"] == 0


def test_a_sweep_with_a_number_that_is_not_finite_has_no_boxes_and_the_others_count():
    given = samples(*(sweep(CAR, seed=seed) for seed in range(4)))
    outputs = [found(one) for one in given]
    outputs[1][0, 4] = torch.inf
    outputs[2] = torch.full((1, 9), torch.nan)
    assert scores(outputs, [one[2] for one in given])["car_points"] == pytest.approx(0.5)


def test_the_sweep_shown_is_the_first_with_the_most_classes_then_objects():
    assert telling(samples(sweep(CAR, CAR, CAR), sweep(CAR, CYCLIST), sweep(CAR, FAR, CYCLIST))) == 1


def test_simulated_splits_never_share_a_scene_and_forms_are_told_apart():
    workload = registry().workload("kitti_pointpillars").at("ci", {})
    data = workload.data("ci", None, 0)
    assert data.source == {"test": "synthetic:lidar"}
    clouds = [
        part[number][0].tobytes() for part in (data.train, data.validation, data.tests["test"]) for number in (0, 1)
    ]
    assert len(set(clouds)) == 6


def test_layouts_are_asked_for_and_named(tmp_path):
    asked = registry().workload("kitti_pointpillars").at("ci", {"layouts": True})
    with pytest.raises(DataMissing, match=r"label_2_all.zip"):
        asked.data("ci", tmp_path, 0)


def test_real_frames_are_test_sets_alone_and_one_is_part_of_the_other():
    root = real_data("kitti").parent
    workload = registry().workload("kitti_pointpillars").at("reference", {})
    data = workload.data("reference", root, 0)
    assert data.source == {"test": "synthetic:lidar", "real": "kitti:sample", "scattered": "kitti:sample"}
    names = {test: [frame.name for frame in data.tests[test].frames] for test in ("real", "scattered")}
    assert [len(names[test]) for test in ("real", "scattered")] == [84, 33]
    assert set(names["scattered"]) < set(names["real"])
    assert [len(part) for part in (data.train, data.validation, data.tests["test"])] == [1500, 150, 250]
    kinds = {type(part.frames).__name__ for part in (data.train, data.validation)}
    assert kinds == {"Scenes"}


def test_the_official_set_is_asked_for_by_its_frames(tmp_path):
    workload = registry().workload("kitti_pointpillars").at("paper", {})
    with pytest.raises(DataMissing, match="kitti/training"):
        workload.data("paper", tmp_path, 0)
    assert isinstance(workload.network(torch.Generator().manual_seed(0)), PointPillars)
