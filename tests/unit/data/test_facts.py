"""The packaged tables: 37 devices, the workbooks and curves of 43."""

import csv
import math

import pytest

from suite.data.facts import TABLE, perovskite_curves, perovskite_devices, perovskite_workbooks

DEVICES = perovskite_devices()


def standing():
    return [book for book in perovskite_workbooks() if book.stands]


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


def test_43_devices_have_a_workbook_that_stands_for_them():
    books = perovskite_workbooks()
    found = [book for book in books if book.stands]
    assert (len(books), len(found)) == (54, 43)
    assert [book.device for book in found[:37]] == [device.name for device in DEVICES]
    assert [book.sigma_stored for book in found] == [device.sigma_log for device in DEVICES] + [None] * 6
    assert sum(book.path.startswith("devices_43/") for book in books) == 43


def test_33_of_the_37_stored_sigmas_are_those_of_a_file():
    lacking = [number for number, book in enumerate(standing(), start=1) if not book.reproduced]
    assert lacking == [4, 12, 13, 25, 38, 39, 40, 41, 42, 43]
    for device, book in zip(DEVICES, standing()[:37], strict=True):
        if book.reproduced:
            assert book.authors.mono_len == device.mono_len


def test_every_curve_has_35_levels():
    curves = perovskite_curves()
    assert set(curves) == {book.device for book in standing()}
    assert all(len(curve) == 35 for curve in curves.values())
