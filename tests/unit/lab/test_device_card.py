"""`suite device fit`: its files, their bytes, its words, its errors."""

import json

import pytest
from click.testing import CliRunner

from suite.cli import main
from suite.figures import style
from suite.figures.device_card import draw_card
from suite.lab.characterise.device_fit import load_fit
from suite.lab.characterise.fit import fit_device
from suite.studies.study import Levels
from tests.unit.lab import iv_files as iv
from tests.unit.lab.iv_files import read_sweeps


def suite(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_it_writes_a_fit_and_its_card_and_says_the_numbers(tmp_path):
    file, out = iv.workbook(tmp_path / "I-V_data_mine.xlsx"), tmp_path / "out"
    result = suite("device", "fit", file, "--out", out)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir()) == ["mine.json", "mine.pdf", "mine.png"]
    fit = load_fit(out / "mine.json")
    assert f"mine: sigma {fit.sigma_log:.6g} [" in result.output
    assert all(f"warning: {warning}" in result.output for warning in fit.warnings)
    assert (out / "mine.pdf").read_bytes().startswith(b"%PDF")
    (condition,) = Levels(device="measured", fits=(out / "mine.json",)).conditions()
    assert (condition.sigma_log, condition.specimen) == (fit.sigma_log, "mine")


def test_equal_files_give_equal_bytes(tmp_path):
    file = iv.text(tmp_path / "mine.csv")
    for name in ("first", "again"):
        assert suite("device", "fit", file, "--out", tmp_path / name).exit_code == 0
    for suffix in ("json", "pdf", "png"):
        first, again = ((tmp_path / name / f"mine.{suffix}").read_bytes() for name in ("first", "again"))
        assert first == again


def test_flags_reach_the_fit(tmp_path):
    volts = iv.table(iv.currents() * 1e3).assign(voltage=1e3 * iv.SHEET_VOLTAGE)
    plain, flagged = iv.text(tmp_path / "plain.csv"), iv.text(tmp_path / "flagged.csv", volts)
    options = ("--current-unit", "mA", "--voltage-unit", "mV", "--compat", "authors", "--out", tmp_path)
    assert suite("device", "fit", flagged, *options).exit_code == 0
    assert suite("device", "fit", plain, "--compat", "authors", "--out", tmp_path).exit_code == 0
    fits = [json.loads((tmp_path / f"{name}.json").read_text()) for name in ("plain", "flagged")]
    assert fits[0]["estimator"] == fits[1]["estimator"] == "authors"
    assert fits[0]["sigma_log"] == pytest.approx(fits[1]["sigma_log"])
    assert fits[0]["conductance_uS"] == pytest.approx(fits[1]["conductance_uS"])
    assert fits[0]["sigma_low"] is None


def test_errors_end_in_a_message(tmp_path):
    one = iv.text(tmp_path / "one.csv", iv.table(iv.currents(1)))
    result = suite("device", "fit", one, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "one.csv" in result.output
    assert "at least 2 cycles" in " ".join(result.output.split())
    (tmp_path / "other").mkdir()
    twice = [iv.text(tmp_path / "mine.csv"), iv.text(tmp_path / "other" / "mine.csv")]
    result = suite("device", "fit", *twice, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "rename one of the files" in " ".join(result.output.split())


@pytest.mark.parametrize("estimator", ["log_mle", "authors"])
def test_the_card_shows_sweeps_window_histogram_quantiles_and_words(tmp_path, estimator):
    values = iv.currents()
    values[20, 2] *= -1
    fitted = fit_device(read_sweeps(iv.text(tmp_path / "mine.csv", iv.table(values))), estimator)
    with style.house_style():
        drawing = draw_card(fitted)
    sweeps, conductance, histogram, quantiles, words = drawing.axes
    assert len(sweeps.get_lines()) == 6
    labels = [text.get_text() for text in conductance.get_legend().get_texts()]
    assert f"window, length {fitted.fit.mono_len}" in labels
    assert sum(bar.get_height() * bar.get_width() for bar in histogram.patches) == pytest.approx(1)
    assert len(quantiles.get_lines()[0].get_xdata()) == fitted.spread.log_ratio.size
    said = " ".join(words.texts[0].get_text().split())
    assert f"{fitted.fit.sigma_log:.4g}" in said
    assert fitted.fit.warnings
    for warning in fitted.fit.warnings:
        assert warning in said
    assert ("no interval" in said) == (estimator == "authors")
