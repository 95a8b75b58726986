"""The official evaluation, rule by rule, on cases made by hand, and against the numbers of the official program."""

import csv

import numpy as np
import pytest

from suite.data.kitti.evaluation import Evaluation
from suite.data.kitti.evaluation.curves import curve, r11, r40, sampled_thresholds
from suite.data.kitti.labels import read_detections, read_labels
from tests.unit.kitti.kitti_files import frame, real_data, thing


def evaluate(*frames):
    """Frames of (truths, detections)."""
    truths, detections = zip(*frames, strict=True)
    return Evaluation([frame(*things) for things in truths], [frame(*things) for things in detections])


def best(evaluation, metric="2d", difficulty="easy", kind="car", overlaps="strict"):
    """The first entry of the curve: precision at its best."""
    return evaluation.precision(overlaps, metric, kind, difficulty).curve[0]


def box(width=100, height=100, x=100, y=100):
    """A picture box."""
    return (x, y, x + width, y + height)


def counted(**label):
    """How many truths count at the three difficulties."""
    found = evaluate(([thing(**label)], []))
    return [found.precision("strict", "3d", "car", d).counted for d in ("easy", "moderate", "hard")]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ({"picture": box(height=40)}, [0, 1, 1]),
        ({"picture": box(height=40.01)}, [1, 1, 1]),
        ({"picture": box(height=25)}, [0, 0, 0]),
        ({"picture": box(height=25.01)}, [0, 1, 1]),
        ({"occlusion": 1}, [0, 1, 1]),
        ({"occlusion": 2}, [0, 0, 1]),
        ({"occlusion": 3}, [0, 0, 0]),
        ({"truncation": 0.15}, [1, 1, 1]),
        ({"truncation": 0.16}, [0, 1, 1]),
        ({"truncation": 0.31}, [0, 0, 1]),
        ({"truncation": 0.51}, [0, 0, 0]),
        ({"kind": "CAR"}, [1, 1, 1]),
        ({"kind": "Van"}, [0, 0, 0]),
        ({"kind": "DontCare"}, [0, 0, 0]),
    ],
)
def test_difficulty_decides_what_counts(label, expected):
    assert counted(**label) == expected


@pytest.mark.parametrize(
    ("truth", "kind"), [("Van", "car"), ("Person_sitting", "pedestrian")], ids=["van", "person sitting"]
)
def test_a_neighbouring_class_excuses_a_detection_and_is_never_a_miss(truth, kind):
    other = thing(kind, 0.5, box(x=500))
    true = thing(kind, picture=box(x=500))
    found = evaluate(([thing(truth), true], [thing(kind, 0.9), other]))
    assert found.precision("strict", "2d", kind, "easy").counted == 1
    assert found.all_points("strict", "2d", kind, "easy") == 100
    stranger = evaluate(([thing("Truck"), true], [thing(kind, 0.9), other]))
    assert stranger.all_points("strict", "2d", kind, "easy") == 50


def test_a_detection_that_is_too_low_has_no_effect_but_takes_a_truth_whatever_its_class():
    truth = thing(picture=box(height=41))
    good, low = thing("Car", 0.9, box(height=40.5)), thing("Pedestrian", 0.9, box(height=39.9))
    assert evaluate(([truth], [good])).all_points("strict", "2d", "car", "easy") == 100
    car_elsewhere = thing("Car", 0.5, box(x=700))
    assert evaluate(([truth], [low, car_elsewhere])).all_points("strict", "2d", "car", "easy") == 0
    # At Moderate its height is enough, and then it is of another class.
    assert evaluate(([truth], [low, good])).all_points("strict", "2d", "car", "moderate") == 100
    # A false one that is too low is no alarm.
    alarm = thing("Car", 0.95, box(height=39.9, x=700))
    assert evaluate(([truth], [alarm, good])).all_points("strict", "2d", "car", "easy") == 100
    assert evaluate(([truth], [alarm, good])).all_points("strict", "2d", "car", "moderate") == 50


@pytest.mark.parametrize(("height", "hit"), [(70, 0), (71, 1)])
def test_an_overlap_must_exceed_the_threshold(height, hit):
    assert best(evaluate(([thing()], [thing("Car", 0.9, box(height=height))]))) == hit


@pytest.mark.parametrize(
    ("change", "hits"),
    [
        # (2d, bev, 3d strict, bev, 3d loose); half a turn of heading changes nothing, a quarter does.
        ({"rotation_y": np.pi}, (1, 1, 1, 1, 1)),
        ({"rotation_y": np.pi / 2}, (1, 0, 0, 0, 0)),
        ({"location": (0, 1.35, 20)}, (1, 1, 1, 1, 1)),  # 1.25 of 1.75 m in height: 0.714
        ({"location": (0, 1.3, 20)}, (1, 1, 0, 1, 1)),  # 0.667
        ({"location": (0, 0.95, 20)}, (1, 1, 0, 1, 0)),  # 0.4
        ({"location": (0.6, 1.6, 20)}, (1, 1, 1, 1, 1)),  # 3.4 of 4.6 m in length: 0.739
        ({"location": (0.8, 1.6, 20)}, (1, 0, 0, 1, 1)),  # 0.667
        ({"location": (0, 1.6, 20.5)}, (1, 0, 0, 1, 1)),  # 1.1 of 2.1 m in width: 0.524
    ],
)
def test_overlaps_on_the_ground_and_in_space(change, hits):
    found = evaluate(([thing()], [thing("Car", 0.9, **change)]))
    strict = [best(found, metric) for metric in ("2d", "bev", "3d")]
    loose = [best(found, metric, overlaps="loose") for metric in ("bev", "3d")]
    assert (*strict, *loose) == hits


def test_a_heading_turns_around_the_vertical_axis_from_z_to_x():
    # The car's front, at l / 2 ahead of its centre, lies at x = cos, z = -sin.
    ahead = (2 * np.cos(0.5), 1.6, 20 - 2 * np.sin(0.5))
    front = thing("Car", 0.9, size=(1.5, 0.4, 0.4), location=ahead, rotation_y=0.5)
    region = thing("Car", size=(1.5, 0.4, 0.4), location=ahead, rotation_y=0.5 + np.pi / 2)
    assert best(evaluate(([region], [front])), "3d") == 1
    long, short = thing("Car", rotation_y=0.5), thing("Car", 0.9, rotation_y=-0.5)
    assert best(evaluate(([long], [short])), "bev") == 0


def test_thresholds_come_from_the_highest_scores_and_hits_from_the_largest_overlaps():
    truth = thing(alpha=0.0)
    bold, near = thing("Car", 0.9, box(height=75), alpha=np.pi), thing("Car", 0.8, box(height=95), alpha=0.0)
    other = ([thing(alpha=0.0)], [thing("Car", 0.5, alpha=0.0)])
    found = evaluate(([truth], [bold, near]), other).precision("strict", "aos", "car", "easy")
    # At 0.9 the bold one, with its wrong heading; at 0.5 the near one and the other truth's, and one false alarm.
    np.testing.assert_allclose(found.curve[:3], [2 / 3, 2 / 3, 0], atol=1e-12)


def test_truths_choose_in_the_order_of_the_file():
    hidden, plain = thing(occlusion=3), thing(picture=box(height=99))
    found = thing("Car", 0.9)
    assert evaluate(([hidden, plain], [found])).all_points("strict", "2d", "car", "easy") == 0
    assert evaluate(([plain, hidden], [found])).all_points("strict", "2d", "car", "easy") == 100
    # Each its own detection: nothing is taken twice.
    assert evaluate(([plain, plain], [found, found])).all_points("strict", "2d", "car", "easy") == 100
    assert evaluate(([plain, plain], [found])).all_points("strict", "2d", "car", "easy") == 50


def test_an_ignored_detection_is_taken_for_want_of_others():
    truth = thing(picture=box(height=45))
    low, good = thing("Car", 0.5, box(height=39)), thing("Car", 0.9, box(height=60))
    for order in ([low, good], [good, low]):
        assert best(evaluate(([truth], order))) == 1
    # In the first pass the higher score wins, whatever it is: then there is no hit, and no threshold.
    eager = thing("Car", 0.95, box(height=39))
    assert best(evaluate(([truth], [eager, good]))) == 0


def test_of_equal_scores_and_overlaps_the_first_is_taken():
    first, second = thing("Car", 0.9, alpha=0.0), thing("Car", 0.9, alpha=np.pi)
    assert best(evaluate(([thing()], [first, second])), "aos") == pytest.approx(0.5)
    assert best(evaluate(([thing()], [second, first])), "aos") == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("width", "precision"), [(100, 1), (71, 1), (70, 0.5), (60, 0.5)])
def test_dont_care_excuses_what_lies_in_it_by_more_than_the_threshold(width, precision):
    size, location = (-1, -1, -1), (-1000, -1000, -1000)
    region = thing("DontCare", picture=box(width, x=700), size=size, location=location, rotation_y=-10)
    alarm = thing("Car", 0.9, box(x=700), location=(9, 1.6, 30))
    found = evaluate(([thing(), region, region], [thing("Car", 0.8), alarm]))
    assert best(found) == precision
    assert best(found, "bev") == best(found, "3d") == 0.5


def test_dont_care_excuses_no_hit_and_nothing_twice():
    region = thing("DontCare", picture=box(300, 300, 50, 50))
    found = evaluate(([thing(), region], [thing("Car", 0.9), thing("Car", 0.8)]))
    assert best(found) == 1


def test_thresholds_are_sampled_at_steps_of_recall():
    few, many = np.linspace(1, 0.1, 10), np.linspace(1, 0.1, 400)
    assert sampled_thresholds(few, 10).tolist() == few.tolist()
    assert sampled_thresholds([], 0).tolist() == []
    kept = sampled_thresholds(many, 400)
    assert len(kept) == 41
    recalls = [(np.flatnonzero(many == score)[0] + 1) / 400 for score in kept]
    np.testing.assert_allclose(recalls[1:], np.arange(1, 41) / 40, atol=1 / 400)
    assert len(sampled_thresholds(many[:200], 400)) == 21


def test_entries_are_filled_by_number_and_raised_to_the_right():
    entries = curve(np.array([0.5, 1, 0.25]))
    assert entries[:4].tolist() == [1, 1, 0.25, 0]
    assert entries.shape == (41,) and not entries[3:].any()
    assert r40(entries) == pytest.approx(100 * 1.25 / 40)
    assert r11(entries) == pytest.approx(100 / 11)
    assert r11(np.ones(41)) == r40(np.ones(41)) == 100


@pytest.mark.parametrize(("objects", "ap_r40"), [(5, 10), (41, 100), (60, 100)])
def test_few_objects_never_reach_the_top_officially_but_do_by_all_points(objects, ap_r40):
    found = evaluate(*[([thing()], [thing("Car", 0.5 + i / 1000)]) for i in range(objects)])
    for metric in ("2d", "bev", "3d", "aos"):
        assert found.precision("strict", metric, "car", "easy").r40 == pytest.approx(ap_r40)
    assert found.all_points("strict", "3d", "car", "easy") == 100


def test_all_points_is_the_area_under_the_raised_curve():
    hit, alarm = (lambda score: ([thing()], [thing("Car", score)])), lambda score: ([], [thing("Car", score)])
    found = evaluate(hit(0.9), alarm(0.8), hit(0.7), hit(0.6), alarm(0.5), ([thing()], []))
    # Precision 1 at recall 1/4, 2/3 and then 3/4 at 2/4 and 3/4.
    assert found.all_points("strict", "3d", "car", "easy") == pytest.approx(100 * (1 + 3 / 4 + 3 / 4) / 4)
    nobody = evaluate(([thing("Pedestrian")], [thing("Car", 0.5)]))
    assert np.isnan(nobody.all_points("strict", "3d", "car", "easy"))
    assert nobody.all_points("strict", "3d", "pedestrian", "easy") == 0


@pytest.mark.parametrize(("error", "share"), [(0, 1), (np.pi, 0), (np.pi / 2, 0.5), (2 * np.pi, 1)])
def test_orientation_weighs_hits_by_their_error_in_alpha(error, share):
    found = evaluate(([thing(alpha=0.3)], [thing("Car", 0.9, alpha=0.3 + error)]))
    assert best(found, "aos") == pytest.approx(share, abs=1e-12)
    assert best(found, "2d") == 1


def test_one_detection_without_alpha_switches_orientation_off_for_all():
    found = evaluate(([thing()], [thing("Car", 0.9)]), ([], [thing("Pedestrian", 0.5, alpha=-10)]))
    assert np.isnan(found.precision("strict", "aos", "car", "easy").r40)
    assert best(found, "2d") == 1


@pytest.mark.parametrize(
    ("change", "metrics"),
    [
        ({}, ["2d", "bev", "3d", "aos"]),
        ({"picture": (-1, -1, -1, -1)}, ["bev", "3d"]),
        ({"size": (-1, 1.6, 4)}, ["2d", "bev", "aos"]),
        ({"size": (-1, -1, -1)}, ["2d", "aos"]),
        ({"location": (-1000, -1000, -1000)}, ["2d", "aos"]),
        ({"location": (0, -1000, 20)}, ["2d", "bev", "aos"]),
    ],
)
def test_a_class_is_evaluated_if_it_is_detected_in_the_sense_of_the_metric(change, metrics):
    found = evaluate(([thing(), thing("Cyclist")], [thing("Car", 0.9, **change)]))
    given = list(found.precisions(overlaps=["strict"]))
    assert len(given) == 4 * 3 * 3
    assert [p.metric for p in given if not np.isnan(p.r40) and p.difficulty == "easy"] == metrics
    assert {p.kind for p in given if not np.isnan(p.r40)} <= {"car"}


def test_empty_frames_and_frames_of_dont_care_alone_are_evaluated():
    region = thing("DontCare", picture=box(), size=(-1, -1, -1), location=(-1000, -1000, -1000))
    found = evaluate(([], []), ([region], []), ([], [thing("Car", 0.9)]))
    first = found.precision("strict", "3d", "car", "easy")
    assert (first.counted, first.r40, first.r11) == (0, 0, 0)
    nothing = list(evaluate(([], [])).precisions())
    assert len(nothing) == 72 and all(np.isnan(p.r40) and p.counted == 0 for p in nothing)


def test_frames_of_labels_and_detections_are_of_one_number():
    with pytest.raises(ValueError, match="1 frames of labels and 2 of detections"):
        Evaluation([frame()], [frame(), frame()])


SETS = ("edges", "fewgt", "general", "noalpha", "nocyclist", "perfect_few", "perfect_many", "ties")


def rows_of(path, name):
    """{(overlaps, metric, class, difficulty): row} of a set."""
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row.pop("set") == name]
    keys = ("overlaps", "metric", "class", "difficulty")
    return {tuple(row.pop(key) for key in keys): row for row in rows}


@pytest.mark.parametrize("name", SETS)
def test_numbers_are_those_of_the_official_program(name):
    root = real_data("kitti_ap_golden")
    expected = rows_of(root / "expected_ap.csv", name)
    curves = rows_of(root / "expected_curves.csv", name)
    files = sorted(path.name for path in (root / name / "label_2").iterdir())
    truths = [read_labels(root / name / "label_2" / file) for file in files]
    found = Evaluation(truths, [read_detections(root / name / "data" / file) for file in files])
    given = {(p.overlaps, p.metric, p.kind, p.difficulty): p for p in found.precisions()}
    assert given.keys() == expected.keys() and len(given) == 72
    assert {key for key, p in given.items() if not np.isnan(p.r40)} == curves.keys()
    for key, row in curves.items():
        np.testing.assert_allclose(given[key].curve, [float(row[f"p{k:02}"]) for k in range(41)], rtol=0, atol=1e-6)
        official = [float(expected[key]["ap_r11"]), float(expected[key]["ap_r40"])]
        np.testing.assert_allclose([given[key].r11, given[key].r40], official, rtol=0, atol=1e-4)
