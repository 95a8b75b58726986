"""Which conditions lie on one line, and against what."""

from dataclasses import replace

from suite.contract import Condition
from suite.statistics.lines import Point, points


def lines(*conditions):
    """{line: (axis, its x, joined)}."""
    found = points(condition.key for condition in conditions)
    grouped = {}
    for point in found.values():
        grouped.setdefault(point.line, (point.axis, [], point.joined))[1].append(point.x)
    return grouped


def test_levels_of_the_plain_device_are_one_line_against_usability():
    plain = [Condition.of(usability=level) for level in (1.0, 0.9, 0.2)]
    assert lines(*plain) == {"lognormal on weights": ("usability", [1.0, 0.9, 0.2], True)}


def test_devices_crossbars_and_settings_part_lines():
    plain = Condition.of(usability=0.5)
    others = [replace(plain, device="oxide"), replace(plain, crossbar="chip"), replace(plain, settings=(("on", True),))]
    assert set(lines(plain, *others)) == {
        "lognormal on weights",
        "oxide on weights",
        "lognormal on chip",
        "lognormal on weights, on True",
    }


def test_the_level_that_takes_most_values_is_the_axis_and_others_part_lines():
    grid = [
        Condition.of(device="pcm", sigma_log=sigma, levels={"seconds": seconds})
        for sigma in (0.1, 0.3)
        for seconds in (1.0, 60.0, 3600.0)
    ]
    assert lines(*grid) == {
        "pcm on weights, sigma 0.10 (u 0.90)": ("seconds", [1.0, 60.0, 3600.0], True),
        "pcm on weights, sigma 0.30 (u 0.74)": ("seconds", [1.0, 60.0, 3600.0], True),
    }


def test_a_setting_that_varies_is_an_axis_too():
    varied = [replace(Condition.of(sigma_log=0.1), settings=(("share", value),)) for value in (0.0, 0.5, 1.0)]
    (found,) = lines(*varied).values()
    assert found == ("share", [0.0, 0.5, 1.0], True)


def test_specimens_are_points_of_one_cloud():
    own = [
        replace(Condition.of(sigma_log=sigma, device="measured"), specimen=name, level_ratio=(sigma, 1.0))
        for name, sigma in (("a", 0.1), ("b", 0.2))
    ]
    assert {(axis, joined) for axis, _, joined in lines(*own).values()} == {("usability", False)}
    assert set(lines(*own)) == {"measured on weights"}


def test_a_condition_alone_has_its_place():
    alone = Condition.of(device="pcm", levels={"seconds": 60.0})
    assert points([alone.key]) == {alone.key: Point("seconds", 60.0, "pcm on weights", True)}
