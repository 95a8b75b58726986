"""Simulated scenes: the same bytes every time, labels by KITTI's rules, statistics like those of real frames."""

import hashlib
import zipfile
from functools import cache

import numpy as np
import pytest

from suite.contract import DataCorrupt, DataMissing
from suite.data.kitti.boxes import alpha, corners, cut, inside, lidar_boxes, picture_boxes
from suite.data.kitti.clouds import in_picture
from suite.data.kitti.evaluation.rules import CLASSES, DIFFICULTIES, truth_status
from suite.data.kitti.folder import read_split
from suite.data.kitti.labels import Objects
from suite.data.kitti.rotated import intersections
from suite.data.lidar.camera import CALIBRATION, SIZE
from suite.data.lidar.ground import Ground
from suite.data.lidar.labelling import labels_of
from suite.data.lidar.layouts import Layouts, read_layouts
from suite.data.lidar.placement import Layout, placed
from suite.data.lidar.rays import Met, Sweep
from suite.data.lidar.scenes import generator_of, scene
from suite.data.lidar.sensor import points
from tests.unit.kitti.kitti_files import frame, real_data, text_of, thing


@cache
def scenes(count=60):
    return [scene(generator_of(0, "test", number)) for number in range(count)]


def digest(found):
    content = [found.cloud, found.labels.location, found.labels.picture, found.labels.occlusion]
    return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in content)).hexdigest()


def objects(kind):
    """All labelled objects of a class."""
    rows = [made.labels.where(made.labels.kinds == kind) for made in scenes()]
    return {name: np.concatenate([getattr(row, name) for row in rows]) for name in Objects.__dataclass_fields__}


def test_a_scene_is_the_same_every_time_and_none_is_like_another():
    again = [scene(generator_of(0, "test", number)) for number in range(3)]
    assert [digest(made) for made in again] == [digest(made) for made in scenes()[:3]]
    others = [scene(generator_of(seed, split, 0)) for seed, split in ((1, "test"), (0, "train"), (0, "validation"))]
    assert len({digest(made) for made in [*others, *again]}) == 6


def test_a_stream_is_keyed_by_seed_split_and_number():
    expected = np.random.default_rng(np.random.SeedSequence([4, 1, 7])).random()
    assert generator_of(4, "validation", 7).random() == expected
    with pytest.raises(ValueError, match="not in tuple"):
        generator_of(4, "real", 7)


def test_clouds_have_the_form_of_cropped_sweeps():
    for made in scenes():
        assert made.cloud.dtype == np.float32 and made.cloud.shape[1] == 4
        assert np.isfinite(made.cloud).all()
        assert made.cloud[:, 3].min() >= 0 and made.cloud[:, 3].max() <= 0.99
        np.testing.assert_allclose(made.cloud[:, 3] * 100, np.round(made.cloud[:, 3] * 100), atol=1e-4)
        assert in_picture(made.cloud, CALIBRATION, SIZE).all()


def test_labels_follow_from_boxes_and_stand_on_the_ground():
    for made in scenes():
        real = made.labels.real
        boxes = lidar_boxes(real, CALIBRATION)
        np.testing.assert_allclose(real.alpha, alpha(real.rotation_y, real.location))
        whole = picture_boxes(corners(boxes), CALIBRATION)
        np.testing.assert_allclose(real.picture, cut(whole, SIZE), atol=1e-6)
        area = (real.picture[:, 2:] - real.picture[:, :2]).prod(1) / (whole[:, 2:] - whole[:, :2]).prod(1)
        np.testing.assert_allclose(real.truncation, 1 - area, atol=1e-6)
        assert np.isin(real.occlusion, [0, 1, 2, 3]).all()
        bottoms = boxes[:, 2] - boxes[:, 5] / 2
        assert (np.abs(bottoms + 1.73) < 0.15 + 0.04 * np.hypot(boxes[:, 0], boxes[:, 1])).all()
        hidden = made.labels.where(made.labels.kinds == "dontcare")
        assert (hidden.location == -1000).all() and (hidden.size == -1).all() and (hidden.alpha == -10).all()
        assert (hidden.picture[:, 2:] > hidden.picture[:, :2]).all()


def test_labelled_objects_have_points_and_do_not_overlap():
    for made in scenes():
        boxes = lidar_boxes(made.labels.real, CALIBRATION)
        # Noise carries some points out of their box.
        assert (inside(made.cloud, boxes + np.array([0, 0, 0, 0.2, 0.2, 0.2, 0])).sum(1) >= 4).all()
        ground = boxes[:, [0, 1, 3, 4, 6]]
        one, other = np.triu_indices(len(ground), 1)
        assert intersections(ground[one], ground[other]).max(initial=0) < 1e-9


@pytest.mark.parametrize(
    ("reached", "occlusion"), [(100, 0), (76, 0), (75, 1), (41, 1), (40, 2), (13, 2), (12, 3), (5, 3), (4, None)]
)
def test_occlusion_is_the_share_of_rays_that_still_arrive(reached, occlusion):
    layout = Layout(("Car",), np.array([[20, 0, -1, 4, 1.6, 1.5, 0.2]]))
    found = labels_of(layout, np.array([reached]), np.array([100]), np.array([50]))
    if occlusion is None:
        assert found.kinds.tolist() == ["dontcare"] and len(found.real) == 0
    else:
        assert found.kinds.tolist() == ["car"] and found.occlusion.tolist() == [occlusion]


def test_too_few_points_are_a_region_and_what_the_picture_does_not_show_is_nothing():
    layout = Layout(("Car", "Car"), np.array([[20, 0, -1, 4, 1.6, 1.5, 0.2], [5, 30, -1, 4, 1.6, 1.5, 0]]))
    hundred = np.array([100, 100])
    assert labels_of(layout, hundred, hundred, np.array([4, 4])).kinds.tolist() == ["car"]
    found = labels_of(layout, hundred, hundred, np.array([3, 4]))
    assert found.kinds.tolist() == ["dontcare"] and found.size.tolist() == [[-1, -1, -1]]


def test_a_scene_without_objects_has_points_and_no_labels():
    class Empty(Layouts):
        def drawn(self, generator):
            return Layout((), np.zeros((0, 7)))

    made = scene(generator_of(0, "test", 0), Empty((), ()))
    assert len(made.labels) == 0 and len(made.cloud) > 5_000


def sweep_at(reach, *, lost=0.0, reflectance=0.5, owner=0):
    """A sweep that has met one thing everywhere."""
    sweep = Sweep()
    count = sweep.range.size
    met = Met(np.full(count, reach), np.ones(count), np.full(count, reflectance), np.full(count, lost))
    sweep.meet(np.array([0, sweep.range.shape[0], 0, sweep.range.shape[1]]), owner, met)
    return sweep


def test_the_sensor_adds_noise_and_loses_more_of_what_is_far_and_smooth():
    def returned(*args, **kwargs):
        sweep = sweep_at(*args, **kwargs)
        return points(sweep, np.random.default_rng(0)), sweep.range.size

    (near, owner), rays = returned(10)
    assert len(near) / rays == pytest.approx(0.98, abs=0.005)
    assert np.linalg.norm(near[:, :3], axis=1).std() == pytest.approx(0.018, rel=0.05)
    assert (owner == 0).all()
    assert (near[:, 3] == 0).mean() == pytest.approx(0.06, abs=0.01)
    assert 0.75 * 0.5 - 0.02 < np.median(near[:, 3]) < 0.5
    shares = [len(returned(reach, lost=lost)[0][0]) / rays for reach in (10, 30, 60) for lost in (0, 0.1)]
    assert shares[0] > shares[1] and shares[2] > 1.1 * shares[3] and shares[4] > 1.5 * shares[5]
    assert shares[1] > shares[3] > shares[5] > 0.3


def test_placed_objects_have_the_sizes_and_places_of_real_ones():
    layouts = [placed(np.random.default_rng(seed)) for seed in range(200)]
    kinds = np.array([kind for layout in layouts for kind in layout.kinds])
    boxes = np.concatenate([layout.boxes for layout in layouts])
    cars = boxes[kinds == "Car"]
    np.testing.assert_allclose(cars[:, 3:6].mean(0), [3.88, 1.63, 1.53], rtol=0.02)
    np.testing.assert_allclose(np.percentile(cars[:, 0], [5, 50, 95]), [6, 25, 59], rtol=0.3)
    along = np.abs(np.sin(cars[:, 6])) < np.sin(np.radians(15))
    assert along.mean() == pytest.approx(0.71, abs=0.05)
    people = boxes[kinds == "Pedestrian"]
    np.testing.assert_allclose(people[:, 3:6].mean(0), [0.84, 0.66, 1.76], rtol=0.04)
    assert (np.abs(np.sin(people[:, 6])) < np.sin(np.radians(15))).mean() == pytest.approx(0.38, abs=0.08)
    standing = layouts[0].standing(Ground(0, 0, 0, 0, 100, 0.3, 0.3))
    np.testing.assert_allclose(standing.boxes[:, 2] - standing.boxes[:, 5] / 2, -1.73)


def test_statistics_are_near_those_of_real_sweeps():
    """Real frames: 19,000 points; reflectance 0 .13 .25 .31 .43 at 5 to 95 %; 598, 212, 59, 22 points on a car."""
    assert 14_000 < np.mean([len(made.cloud) for made in scenes()]) < 20_000
    reflectance = np.percentile(np.concatenate([made.cloud[:, 3] for made in scenes()]), [5, 25, 50, 75, 95])
    np.testing.assert_allclose(reflectance, [0, 0.13, 0.25, 0.31, 0.43], atol=0.06)
    cars = []
    for made in scenes():
        seen = made.labels.where((made.labels.kinds == "car") & (made.labels.occlusion == 0))
        counts = inside(made.cloud, lidar_boxes(seen, CALIBRATION)).sum(1)
        cars += zip(seen.location[:, 2], counts, strict=True)
    depth, counts = np.array(cars).T
    for (near, far), real in (((10, 20), 598), ((20, 30), 212), ((30, 40), 59), ((40, 60), 22)):
        assert 0.55 * real < np.median(counts[(depth > near) & (depth < far)]) < 1.5 * real
    per_scene = {kind: len(objects(kind)["score"]) / len(scenes()) for kind in CLASSES}
    assert 3 < per_scene["car"] < 5 and 1.5 < per_scene["pedestrian"] < 3 and 1 < per_scene["cyclist"] < 2.4
    assert (objects("car")["occlusion"] > 0).mean() > 0.15


def write_archive(root, frames):
    with zipfile.ZipFile(root / "labels.zip", "w") as archive:
        for name, text in frames.items():
            archive.writestr(f"training/label_2/{name}.txt", text)
    return root / "labels.zip"


CAR = text_of(frame(thing("Car", location=(-3, 1.7, 15), rotation_y=-1.5)))
BOTH = CAR + text_of(frame(thing("Cyclist", location=(2, 1.6, 12), size=(1.7, 0.6, 1.8))))
REGION = text_of(frame(thing("DontCare", size=(-1, -1, -1), location=(-1000, -1000, -1000))))


def test_layouts_with_a_cyclist_are_drawn_three_times_as_often(tmp_path):
    archive = write_archive(tmp_path, {"000000": CAR, "000001": BOTH + REGION, "000002": REGION, "000003": CAR})
    found = read_layouts(archive, ["000000", "000001", "000002"])
    assert len(found.frames) == 2
    assert found.weights == pytest.approx((0.25, 0.75))
    drawn = [found.drawn(np.random.default_rng(seed)) for seed in range(200)]
    assert {layout.kinds for layout in drawn} == {("Car",), ("Car", "Cyclist")}
    sides = {np.sign(layout.boxes[0, 1]) for layout in drawn}
    assert sides == {-1, 1}
    for layout in drawn:
        assert np.abs(layout.boxes[0, [0, 3, 4, 5]] - (15.3, 4, 1.6, 1.5)).max() < 0.3
        # The label turns from z to x, and yaw from x to y; the mirrored box the other way.
        assert abs(np.sin(layout.boxes[0, 6])) < 0.1


def test_a_scene_takes_the_objects_of_its_layout(tmp_path):
    found = read_layouts(write_archive(tmp_path, {"000001": BOTH}), ["000001"])
    made = scene(generator_of(0, "test", 1), found)
    assert sorted(made.labels.real.kinds) == ["car", "cyclist"]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda path: path.unlink(), DataMissing, "labels.zip: no such file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-30]), DataCorrupt, "labels.zip: no sound zip"),
        (lambda path: write_archive(path.parent, {"000001": CAR}), DataMissing, r"no label file 000000.txt in it \(1"),
        (lambda path: write_archive(path.parent, {"000000": CAR[:-6]}), DataCorrupt, "000000.txt: line 1: 14 fields"),
    ],
)
def test_an_archive_that_is_not_whole_is_named(tmp_path, change, error, message):
    path = write_archive(tmp_path, {"000000": CAR})
    change(path)
    with pytest.raises(error, match=message):
        read_layouts(path, ["000000"])


def test_of_250_test_scenes_every_class_has_41_objects_that_count():
    root = real_data("kitti")
    layouts = read_layouts(root / "label_2_all.zip", read_split(root / "ImageSets" / "val.txt"))
    counted = dict.fromkeys(CLASSES, 0)
    for number in range(250):
        labels = scene(generator_of(0, "test", number), layouts).labels
        for kind in CLASSES:
            counted[kind] += (truth_status(labels, kind, DIFFICULTIES["easy"]) == 0).sum()
    assert min(counted.values()) >= 41
