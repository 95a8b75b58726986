"""Readings over time -> a device of one's own: its table, its file, its card, and what is refused."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from suite.cli import main
from suite.contract import Condition
from suite.contract.registry import registry
from suite.contract.relaxation import read_relaxation
from suite.devices import rram40
from suite.lab.characterise.retention import BadRetention, fit_retention
from suite.studies.study import load_study
from tests.toys import toy_study

RELAXATION = Path(os.environ.get("SUITE_DATA", "")) / "neurram" / "relaxation_40uS.npz"


def readings(targets=(5.0, 20.0), times=(1.0, 1000.0), cells=200):
    """Cells that stray by a tenth of their target, and lose a hundredth of it per decade."""
    rng = np.random.default_rng(1)
    rows = ["seconds,target_uS,conductance_uS"]
    for target in targets:
        for seconds in times:
            values = target * (1 - 0.01 * np.log10(seconds) + 0.1 * rng.standard_normal(cells))
            rows += [f"{seconds:g},{target:g},{value:.6g}" for value in values]
    return rows


def write(folder, rows):
    path = folder / "my cells.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_a_table_becomes_a_device_of_a_study(tmp_path):
    out = tmp_path / "out"
    done = CliRunner().invoke(
        main, ["device", "fit", "--retention", str(write(tmp_path, readings())), "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert "my_cells: 2 levels at 2 times; 95 % bootstrap intervals" in done.output
    assert (out / "my_cells.pdf").is_file() and (out / "my_cells.png").is_file()
    device = registry((out,)).device("my_cells")
    condition = Condition.of(device="my_cells", levels={"seconds": 1000.0})
    targets = torch.full((100_000,), 20.0)
    noise = device.draw((100_000,), torch.Generator().manual_seed(1))[None]
    change = device.program(targets, condition, noise).weights() - 20
    assert float(change.mean()) == pytest.approx(-0.6, abs=0.3)
    assert float(change.std()) == pytest.approx(2.0, rel=0.15)
    entry = {"device": "my_cells", "crossbar": "chip", "seconds": [10]}
    study = toy_study(tmp_path, conditions=[entry], crossbars={"chip": {"g_max_uS": 40}}, plugins=[str(out)])
    assert [one.level("seconds") for one in load_study(study).conditions_of("toy")] == [10.0]


def test_levels_are_targets_where_these_are_few_and_hold_enough_cells(tmp_path):
    found = fit_retention(write(tmp_path, readings(targets=(5, 10, 20, 30), cells=30)))
    assert sorted(set(found.rows["from_uS"].astype(float))) == [0.0, 15.0]
    assert set(found.rows["cells"]) == {60}


def test_moments_have_intervals_that_hold_them(tmp_path):
    for row in fit_retention(write(tmp_path, readings())).moments.itertuples():
        assert row.mean_low < row.mean < row.mean_high
        assert row.sd_low < row.sd < row.sd_high


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["seconds,goal,conductance_uS", "1,2,3"], r"my cells\.csv: no column 'target_uS'"),
        ([*readings()[:5], "1,5,none"], r"reading 5: seconds 1.*conductance_uS none; give finite numbers"),
        ([*readings()[:5], "0,5,4.9"], r"reading 5: seconds 0.*; give finite numbers, seconds above 0"),
        (readings(targets=(5.0,)), r"2 time\(s\), 1 level\(s\); give two of each"),
        ([*readings(), "9,5,4.9"], r"1 readings at 9 s of targets from 0 uS on; give 10 or more"),
    ],
    ids=["column", "text", "time", "level", "few"],
)
def test_what_makes_no_table_is_refused(tmp_path, rows, said):
    with pytest.raises(BadRetention, match=said):
        fit_retention(write(tmp_path, rows))


def test_sweeps_and_retention_are_two_things(tmp_path):
    both = CliRunner().invoke(main, ["device", "fit"])
    assert both.exit_code == 2
    assert "give files of sweeps, or --retention with one file" in " ".join(both.output.split())


@pytest.mark.skipif(not RELAXATION.is_file(), reason="SUITE_DATA names no data root with neurram/relaxation_40uS.npz")
def test_the_packaged_table_is_what_the_command_makes_of_the_measured_cells(tmp_path):
    found = np.load(RELAXATION, allow_pickle=False)
    first, *later = found["conductance_uS"].T.astype(float)
    rows = ["seconds,target_uS,conductance_uS"]
    for seconds, values in zip(found["seconds"][1:], later, strict=True):
        pairs = zip(first, values, strict=True)
        rows += [f"{seconds:g},{start:.9g},{value:.9g}" for start, value in pairs if not np.isnan(value)]
    made = fit_retention(write(tmp_path, rows)).rows
    packaged = read_relaxation(Path(rram40.__file__).with_suffix(".csv"))
    numbers = made.drop(columns="cells").astype(float).sort_values(["seconds", "from_uS"])
    assert sorted(set(numbers["from_uS"])) == list(packaged.levels)
    assert sorted(set(numbers["seconds"])) == list(packaged.times)
    values = numbers.drop(columns=["seconds", "from_uS"]).to_numpy().reshape(np.shape(packaged.changes))
    np.testing.assert_allclose(values, packaged.changes, rtol=2e-3, atol=1e-5)
