"""The packaged table of 37 devices."""

import csv
import math
import os
from pathlib import Path

import pytest

from suite.data.facts import TABLE, perovskite_curves, perovskite_devices

DEVICES = perovskite_devices()


def test_there_are_37_devices_and_no_two_share_their_recipe():
    assert len(DEVICES) == 37
    assert len({device.name for device in DEVICES}) == 37


def test_usability_is_exp_minus_sigma():
    for device in DEVICES:
        assert device.usability == pytest.approx(math.exp(-device.sigma_log), abs=1e-5)
        assert 0 < device.usability < 1


def test_known_counts_of_the_table():
    usability = [device.usability for device in DEVICES]
    assert [sum(u > level for u in usability) for level in (0.9, 0.95, 0.99)] == [18, 13, 10]
    assert sum(u < 0.5 for u in usability) == 10
    assert sum(device.mono_len < 35 for device in DEVICES) == 14
    assert sum(device.mono_len < 35 and device.usability > 0.9 for device in DEVICES) == 5


def test_levels_are_text_where_they_are_no_numbers():
    assert {device.third_etch for device in DEVICES} == {"NA", "10s", "20s"}
    assert {device.conversion_temp_c for device in DEVICES} == {"180", "210", "180+210"}
    assert {device.pmma for device in DEVICES} == {"yes", "no"}
    assert sorted(device.replicate for device in DEVICES)[-3:] == [1, 2, 2]


def test_names_are_the_authors():
    with TABLE.open() as file:
        assert next(csv.reader(file))[-3:] == ["sigma", "usability", "mono_len"]
    assert DEVICES[1].name == (
        "0.7um_length_200nm_diameter_NA_third_etch_10min_Pb_ED_1h_180C_MAI_no_100nm_Ag_memory_1V_probe"
    )


def test_the_three_workbooks_are_among_them():
    root = os.environ.get("SUITE_DATA")
    if not root or not (folder := Path(root) / "perovskite").is_dir():
        pytest.skip("no data root with perovskite/ (set SUITE_DATA)")
    files = {path.stem.removeprefix("I-V_data_") for path in folder.glob("*.xlsx")}
    assert len(files) == 3
    assert files <= {device.name for device in DEVICES}


def test_three_devices_have_a_curve_that_fits_their_length():
    by_name = {device.name: device for device in DEVICES}
    curves = perovskite_curves()
    assert len(curves) == 3
    for name, ratio in curves.items():
        assert len(ratio) == 35
        assert ratio[: by_name[name].mono_len] == (1.0,) * by_name[name].mono_len
        assert all(0 <= value < 1 for value in ratio[by_name[name].mono_len :])
