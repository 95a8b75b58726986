"""A machine without a cube: units as files, taken into the cube elsewhere, equal to a run with one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from suite.plan.context import Context
from suite.results.cube import digest
from suite.run.executors.serial import SerialExecutor
from suite.run.run import prepare, run
from tests.toys import context_of, run_toy, suite, toy_study


def run_units(study: Path, away: Path) -> tuple[Context, int]:
    """A run into a folder of units; how many units of work it did."""
    context = replace(context_of(study, away / "results"), units=away / "units")
    summary, _ = run(context, SerialExecutor(), show=lambda progress: None)
    assert not summary.failed
    return context, summary.done


def test_units_made_elsewhere_fill_the_same_cube(tmp_path: Path) -> None:
    study = toy_study(tmp_path)
    run_toy(study)
    context, done = run_units(study, tmp_path / "away")
    assert done == 2 + 2 + 4  # trials, trainings, sweeps
    assert not context.cube.exists()

    home = context_of(study, tmp_path / "home")
    prepare(home)
    files = sorted((tmp_path / "away" / "units").glob("*.npz"))
    printed = suite("ingest", study, *files, "--results", home.results).output
    assert printed.startswith("4 written, 0 already done, 0 left out")
    assert digest(home.cube) == digest(tmp_path / "results/toy/cube.zarr")


def test_a_label_with_a_slash_makes_no_folder(tmp_path: Path) -> None:
    study = toy_study(tmp_path, methods={"erm/fixed": {"method": "erm", "tuning": "none"}}, seeds=1)
    run_units(study, tmp_path / "away")
    made = sorted((tmp_path / "away" / "units").iterdir())
    assert [path.name[:16] for path in made] == ["toy-erm-fixed-0-"] * 2
    assert [path.suffix for path in made] == [".npz"] * 2


def test_a_second_run_does_nothing_again(tmp_path: Path) -> None:
    study = toy_study(tmp_path)
    run_units(study, tmp_path / "away")
    assert run_units(study, tmp_path / "away")[1] == 0


@pytest.mark.parametrize("tuning", ["none", "gp"])
def test_without_zarr_ray_and_optuna_untuned_methods_run_and_tuned_ones_say_what_they_need(
    tmp_path: Path, tuning: str
) -> None:
    study = toy_study(tmp_path, methods={"erm": {"tuning": tuning}})
    code = (
        "import sys\n"
        "for name in ('zarr', 'xarray', 'ray', 'optuna'): sys.modules[name] = None\n"
        "from suite.cli import main\n"
        f"main(['run', {str(study)!r}, '--executor', 'serial', '--results', {str(tmp_path / 'r')!r},"
        f" '--units', {str(tmp_path / 'units')!r}])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if tuning == "none":
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(list((tmp_path / "units").glob("*.npz"))) == 4
    else:
        assert done.returncode == 1
        assert "tuning needs optuna" in done.stdout
