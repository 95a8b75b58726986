"""The monotone window and the level ratios, by hand."""

import pytest

from suite.lab.characterise.mapping import LEVELS, Window, level_ratio, monotone_window


def test_a_rising_curve_is_one_window():
    assert monotone_window(range(100)) == Window(0, 99)
    assert level_ratio(list(range(100)), Window(0, 99)) == (1.0,) * LEVELS


def test_outside_the_window_the_ratio_is_the_relative_conductance():
    curve = [*range(20), *[4.75] * 80]
    window = Window(0, 20)
    assert level_ratio(curve, window) == (1.0,) * 20 + (0.25,) * 15


def test_a_late_window_is_shifted_left():
    curve = [0.0] * 89 + list(range(11))
    ratio = level_ratio(curve, Window(88, 99))
    assert ratio == (0.0,) * 23 + (1.0,) * 11 + (1.0,)
    curve[70], curve[99] = 10, 5
    assert level_ratio(curve, Window(88, 99))[5] == 1.0
    assert level_ratio(curve, Window(88, 99))[34] == pytest.approx(0.5)
