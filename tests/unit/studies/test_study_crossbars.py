"""Crossbars of a study: what may be said, and what a message says about the rest."""

import pytest

from suite.crossbar.settings import Crossbar, CrossbarError
from suite.studies.study import StudyError, load_study
from tests.toys import toy_study

FULL = {
    "g_max_uS": 100, "g_min_uS": 1, "levels": 16, "programming_noise_uS": 0.5, "stuck_on": 0.01, "stuck_off": 0.02,
    "tile_rows": 128, "tile_columns": 64, "wire_ohm": 1, "input_bits": 8, "output_bits": 6, "read_noise_uS": 0.1,
    "recalibrate_bn": 512,
}  # fmt: skip


def test_every_setting_reaches_the_engine(tmp_path):
    study = load_study(toy_study(tmp_path, crossbars={"weights": {}, "full": FULL}))
    assert study.crossbars["full"].crossbar() == Crossbar(**FULL)
    assert study.crossbars["weights"].crossbar() == Crossbar()


def test_what_is_left_out_is_ideal():
    assert not any((Crossbar().circuit, Crossbar().reads, Crossbar().changes, Crossbar().random))
    wires = Crossbar(g_max_uS=1.0, tile_rows=4, tile_columns=4, wire_ohm=1.0)
    assert (wires.circuit, wires.reads, wires.changes, wires.random) == (True, False, True, False)
    assert Crossbar(g_max_uS=1.0, read_noise_uS=1.0).random
    assert Crossbar(recalibrate_bn=20).changes
    assert not Crossbar(recalibrate_bn=20).circuit


@pytest.mark.parametrize(
    ("change", "field", "rest"),
    [
        ({"g_max_uS": 0}, "g_max_uS", "give a number above 0, got 0.0; where it is ideal, leave it out"),
        ({"wire_ohm": -1}, "wire_ohm", "give a number above 0, got -1.0"),
        ({"read_noise_uS": float("nan")}, "read_noise_uS", "got nan"),
        ({"programming_noise_uS": float("inf")}, "programming_noise_uS", "got inf"),
        ({"stuck_on": 0}, "stuck_on", "a share lies in (0, 1], got 0.0; where there is none, leave it out"),
        ({"stuck_off": 1.5}, "stuck_off", "got 1.5"),
        ({"levels": 1}, "levels", "greater than or equal to 2"),
        ({"input_bits": 1}, "input_bits", "greater than or equal to 2"),
        ({"output_bits": 25}, "output_bits", "less than or equal to 24"),
        ({"recalibrate_bn": 1}, "recalibrate_bn", "greater than or equal to 2"),
        ({"wire_ohms": 1}, "wire_ohms", "unknown key, did you mean 'wire_ohm'?"),
    ],
)
def test_a_bad_value_is_named_with_the_fix(tmp_path, change, field, rest):
    path = toy_study(tmp_path, crossbars={"weights": {}, "full": {**FULL, **change}})
    with pytest.raises(StudyError) as caught:
        load_study(path)
    assert str(caught.value).startswith(f"{path}: field crossbars.full.{field}: ")
    assert rest in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"levels": 4}, "levels: needs g_max_uS, the conductance of the largest weight"),
        ({"input_bits": 4}, "input_bits: needs g_max_uS"),
        ({"g_max_uS": 5, "g_min_uS": 5}, "g_min_uS: lies below g_max_uS (5), got 5"),
        ({"g_max_uS": 5, "stuck_on": 0.6, "stuck_off": 0.5}, "stuck_on: together with stuck_off at most 1"),
        ({"g_max_uS": 5, "tile_rows": 8}, "tile_rows: goes with tile_columns; give both or none"),
        ({"g_max_uS": 5, "tile_columns": 8}, "tile_rows: goes with tile_columns; give both or none"),
        ({"g_max_uS": 5, "wire_ohm": 1}, "wire_ohm: needs tile_rows and tile_columns"),
        ({"g_max_uS": 5, "tile_rows": 8, "tile_columns": 7}, "tile_columns: even, since a pair takes two bit lines"),
        ({"g_max_uS": 5, "cells": "all_parameters"}, "cells: all_parameters has no circuit"),
    ],
)
def test_contradictions_are_told_in_files_and_in_code(tmp_path, settings, message):
    with pytest.raises(CrossbarError) as direct:
        Crossbar(**settings)
    assert message in str(direct.value)
    path = toy_study(tmp_path, crossbars={"weights": {}, "bad": settings})
    with pytest.raises(StudyError) as caught:
        load_study(path)
    assert str(caught.value).startswith(f"{path}: field crossbars.bad: {message}")


@pytest.mark.parametrize("settings", [{"g_max_uS": 5}, {"recalibrate_bn": 20}])
def test_the_label_of_plain_weights_stays_theirs(tmp_path, settings):
    path = toy_study(tmp_path, crossbars={"weights": settings})
    with pytest.raises(StudyError, match="field crossbars: 'weights' names plain weights in figures"):
        load_study(path)
