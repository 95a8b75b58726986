"""From sweeps to sigma, window, ratios and warnings."""

import math
import os
from pathlib import Path

import numpy as np
import pytest

from suite.data.facts import perovskite_curves
from suite.lab.characterise.fit import fit_device
from suite.lab.characterise.loop import positive_loop
from suite.lab.characterise.mapping import monotone_window
from suite.lab.characterise.sigma import jackknife
from suite.lab.characterise.sweeps import Source, SweepError, checked
from tests.unit.lab import iv_files as iv
from tests.unit.lab.iv_files import read_sweeps

AUTHORS = {"carbon_paste": (1.84698, 24), "1V_probe": (0.185432, 28), "silver_paste": (2.24799, 22)}
LOG_MLE = {"carbon_paste": 1.88802, "1V_probe": 0.212404, "silver_paste": 2.48698}


def sweeps(values=None, voltage=iv.SHEET_VOLTAGE, path="made_up.csv", **options):
    values = iv.currents(**options) if values is None else values
    return checked(Source(Path(path)), voltage, values)


def fitted(tmp_path, values=None, estimator="log_mle", **options):
    path = tmp_path / "made_up.csv"
    path.touch()
    return fit_device(sweeps(values, path=path, **options), estimator).fit


def workbook(electrode):
    root = os.environ.get("SUITE_DATA")
    found = sorted((Path(root) / "perovskite").glob(f"*{electrode}.xlsx")) if root else []
    if not found:
        pytest.skip("no data root with perovskite/ (set SUITE_DATA)")
    return found[0]


def one(folder, pattern):
    """The workbook of `folder` that a pattern names."""
    root = os.environ.get("SUITE_DATA")
    found = sorted((Path(root) / "perovskite" / folder).glob(pattern)) if root else []
    if not found:
        pytest.skip(f"no data root with perovskite/{folder} (set SUITE_DATA)")
    (path,) = found
    return path


@pytest.mark.parametrize("electrode", AUTHORS)
def test_the_authors_sigmas_and_lengths_are_reproduced(electrode):
    fit = fit_device(read_sweeps(workbook(electrode)), "authors").fit
    sigma, length = AUTHORS[electrode]
    assert fit.sigma_log == pytest.approx(sigma, abs=1e-5)
    assert fit.mono_len == length
    assert fit.usability_interval is None


@pytest.mark.parametrize("electrode", LOG_MLE)
def test_the_log_sigmas_of_the_real_devices(electrode):
    fit = fit_device(read_sweeps(workbook(electrode))).fit
    assert fit.sigma_log == pytest.approx(LOG_MLE[electrode], abs=1e-5)
    assert fit.sigma_low < fit.sigma_log < fit.sigma_high
    assert fit.usability_interval[0] < fit.usability < fit.usability_interval[1]
    assert fit.level_ratio == perovskite_curves()[fit.name]


@pytest.mark.parametrize(
    ("file", "twin"),
    [
        # 13,000 named and empty columns beside the data.
        ("*1.5um*8V_carbon_paste.xlsx", "*1.5um*100nm_Ag_memory_8V_carbon_paste_no_wait.xlsx"),
        ("*1.5um*8V_carbon_paste_2.xlsx", "*1.5um*100nm_Ag_memory_8V_carbon_paste_no_wait_2.xlsx"),
        ("*2um*300nm*6V_carbon_paste.xlsx", "*2um*300nm*6V_carbon_paste_no_wait.xlsx"),
    ],
)
def test_two_workbooks_of_one_device_agree(file, twin):
    paths = [one(folder, pattern) for folder, pattern in (("devices_37_other", file), ("devices_43", twin))]
    for estimator in ("log_mle", "authors"):
        first, again = (fit_device(read_sweeps(path), estimator).fit for path in paths)
        assert (first.sigma_log, first.window, first.cycles) == (again.sigma_log, again.window, again.cycles)


def test_the_sweeps_may_be_in_a_sheet_of_any_name():
    fit = fit_device(read_sweeps(one("devices_43", "*15min_Pb_ED_1h*5V_carbon_paste_no_wait.xlsx"))).fit
    assert (fit.sigma_log, fit.cycles) == (pytest.approx(0.806965, abs=1e-5), 97)
    assert any("columns without a name hold values and are left out: G, J, M" in warning for warning in fit.warnings)


@pytest.mark.parametrize(
    ("folder", "file", "place"),
    [
        ("devices_37_other", "not used*FAI_no*silver_paste.xlsx", "row 23, cycle 2"),
        ("devices_43", "*FAI_PMMA*probe_no_wait.xlsx", "row 64, cycle 1"),
    ],
)
def test_a_missing_current_of_a_real_device_is_refused(folder, file, place):
    with pytest.raises(SweepError, match=f"{place}: a current is missing in the middle of the cycle"):
        read_sweeps(one(folder, file))


def test_the_warnings_of_the_real_devices():
    warnings = " ".join(fit_device(read_sweeps(workbook("1V_probe"))).fit.warnings)
    for words in ("incomplete cycles: 9", "below the 35", "return sweep", "plateau in 8 cycles", "rejected"):
        assert words in warnings
    assert "plateau" not in " ".join(fit_device(read_sweeps(workbook("carbon_paste"))).fit.warnings)


def test_sigma_against_the_words_of_its_definition(tmp_path):
    values = iv.currents(cycles=7, sigma=0.5)
    fit = fitted(tmp_path, values)
    conductance = values[1:101] / iv.SHEET_VOLTAGE[1:101, None]
    mean = conductance.mean(axis=1)
    window = monotone_window(mean.tolist())
    start, end = window.start, window.end
    assert (fit.mono_len, fit.window) == (end - start, (start, end))
    logs = np.log(conductance[start : end + 1] / mean[start : end + 1, None])
    assert fit.sigma_log == pytest.approx(logs.std())
    assert fit.usability == pytest.approx(math.exp(-logs.std()))
    assert fit.conductance_uS == pytest.approx(1e6 * mean)
    assert (fit.used, fit.left_out, fit.cycles) == (logs.size, 0, 7)
    first = max(start - 1, 0)
    raw = conductance[first : end + 1] / mean[first : end + 1, None]
    assert fitted(tmp_path, values, "authors").sigma_log == pytest.approx(raw.std())


def test_a_known_sigma_is_found_again(tmp_path):
    fit = fitted(tmp_path, cycles=40, sigma=0.2)
    assert fit.sigma_log == pytest.approx(0.2, rel=0.1)
    assert fit.sigma_low < 0.2 < fit.sigma_high


@pytest.mark.parametrize("kind", ["cycle", "point", "both"])
def test_the_interval_covers_what_it_says(kind):
    """Nominal 95 %; 300 simulated devices of 9 cycles whose points share their noise, do not, or half."""
    rng, sigma, hits = np.random.default_rng(1), 0.5, 0
    for _ in range(300):
        common, own = rng.standard_normal((1, 9)), rng.standard_normal((25, 9))
        z = {"cycle": common + 0 * own, "point": own, "both": (common + own) / math.sqrt(2)}[kind]
        low, high = jackknife(np.exp(sigma * z))
        hits += low <= sigma <= high
    assert 0.87 < hits / 300 < 0.99


def test_two_cycles_give_no_interval(tmp_path):
    fit = fitted(tmp_path, cycles=2)
    assert (fit.sigma_low, fit.sigma_high, fit.usability_interval) == (None, None, None)
    assert any("only 2 cycles" in warning for warning in fit.warnings)


def test_samples_without_logarithm_are_left_out_and_counted(tmp_path):
    values = iv.currents(cycles=6, sigma=0.05)
    start, _ = fitted(tmp_path, values).window
    values[start + 3, 0] *= -1
    fit = fitted(tmp_path, values)
    assert fit.left_out == 1
    assert any("1 of 600 conductances" in w and "1 of them lie in the window" in w for w in fit.warnings)
    values[start + 3, 0] = 0.0
    assert fitted(tmp_path, values).left_out == 1
    assert fitted(tmp_path, values, "authors").left_out == 0


def test_current_against_the_voltage_is_an_error(tmp_path):
    with pytest.raises(
        SweepError, match=r"made_up\.csv: row \d+: the mean conductance is not positive .*check the sign"
    ):
        fitted(tmp_path, -iv.currents())


def test_a_resistor_and_copied_cycles_are_errors(tmp_path):
    rising = iv.currents(2, sigma=0.0)
    with pytest.raises(SweepError, match="cycle 2 repeats cycle 1"):
        fitted(tmp_path, rising)
    negative = iv.SHEET_VOLTAGE[:, None] < 0
    with pytest.raises(SweepError, match="all cycles are equal, sigma is 0"):
        fitted(tmp_path, np.where(negative, rising * [1.0, 2.0], rising))
    # Powers of two, so that I/V is exact.
    with pytest.raises(SweepError, match="the mean conductance is the same at every voltage"):
        fitted(tmp_path, iv.SHEET_VOLTAGE[:, None] * [2.0**-13, 2.0**-12])


def test_a_plateau_is_told(tmp_path):
    values = iv.currents(cycles=6, sigma=0.05)
    assert not any("plateau" in warning for warning in fitted(tmp_path, values).warnings)
    limited = np.minimum(values, 6e-5 * (1 + 1e-3 * np.arange(6)))
    assert any("compliance plateau in 6 cycles" in warning for warning in fitted(tmp_path, limited).warnings)


def test_the_return_sweep_is_told(tmp_path):
    rows = np.arange(len(iv.SHEET_VOLTAGE))
    values = iv.currents(cycles=6, sigma=0.01)
    late = values * np.where(rows > 51, rows / 51, 1 - 0.015 * (rows % 51))[:, None]
    assert any("return sweep" in warning for warning in fitted(tmp_path, late).warnings)
    early = values * np.where(rows < 51, 1 + rows / 51, 1.0)[:, None]
    assert not any("return sweep" in warning for warning in fitted(tmp_path, early).warnings)


def test_a_law_that_is_not_lognormal_is_told(tmp_path):
    assert not any("rejected" in warning for warning in fitted(tmp_path, cycles=5, sigma=0.1, seed=8).warnings)
    two_sided = np.where(np.random.default_rng(0).random((204, 8)) < 0.5, 0.5, 1.5)
    values = iv.currents(8, 0.01) * two_sided
    assert any("log-normality is rejected" in warning for warning in fitted(tmp_path, values).warnings)


def test_a_loop_of_other_points_is_counted_on_one_hundred(tmp_path):
    voltage = np.concatenate([np.linspace(0, 1, 31), np.linspace(1, 0, 31)[1:]])
    values = iv.currents(cycles=8, sigma=0.02, voltage=voltage)
    fit = fitted(tmp_path, values, voltage=voltage)
    assert len(positive_loop(sweeps(values, voltage)).voltage) == 59
    assert len(fit.conductance_uS) == 100
    assert any("the loop has 59 points" in warning for warning in fit.warnings)
    start, end = fit.window
    inside = sum(start <= place <= end for place in np.linspace(0, 99, 59))
    assert fit.used == 8 * inside
