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
from tests.cubes import files
from tests.toys import context_of, refused, run_toy, suite, toy_study


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


# One search for two labels, and two trainings of one without.
SHARED = {"erm": {}, "same": {"method": "erm"}, "fixed": {"method": "erm", "tuning": "none"}}


def part(study: Path, away: Path, text: str) -> str:
    """What a run of a part of the study says."""
    place = "--results", away / "results", "--units", away / "units"
    result = suite("run", study, "--executor", "serial", *place, "--part", text)
    assert result.exit_code == 0, result.output
    return result.output


def test_parts_fill_the_same_cube_and_no_training_is_done_twice(tmp_path: Path) -> None:
    study, away = toy_study(tmp_path, methods=SHARED), tmp_path / "away"
    done = run_toy(study).done
    told = [part(study, away, f"{number}/4") for number in (2, 1, 4, 3)]
    counts = [int(line.split()[0]) for text in told for line in text.splitlines() if " units done, 0 failed" in line]
    assert (sum(counts), counts[2]) == (done, 0)
    folder = context_of(study).results
    assert files(away / "results" / "store") == files(folder / "store")
    assert {path.name for path in (away / "results").iterdir()} == {"store"}

    home = tmp_path / "home"
    printed = suite("ingest", study, away / "units", "--results", home).output
    assert printed.startswith("12 written, 0 already done, 0 left out")
    assert digest(home / "toy" / "cube.zarr") == digest(folder / "toy" / "cube.zarr")


def test_a_part_goes_on_where_it_was_and_says_what_comes_next(tmp_path: Path) -> None:
    study, away = toy_study(tmp_path, methods=SHARED), tmp_path / "away"
    (away / "units").mkdir(parents=True)
    part(study, away, "1/2")
    lost = sorted((away / "units" / "1-of-2").glob("*.npz"))[0]
    lost.unlink()
    told = part(study, away, "1/2")
    assert "1 units done, 0 failed" in told
    assert lost.exists()
    assert f"once all parts are done, where the cube is: suite ingest {study} {away / 'units'}\n" in told


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "1/0", "a/b", "-1/2", "1/2/3", ""])
def test_a_part_that_cannot_be_is_refused(tmp_path: Path, text: str) -> None:
    said = refused("run", toy_study(tmp_path), "--units", tmp_path / "units", "--part", text)
    assert f"--part {text}: write I/N" in said


def test_a_part_without_a_folder_of_units_is_refused(tmp_path: Path) -> None:
    assert "--units FOLDER" in refused("run", toy_study(tmp_path), "--part", "1/2")


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
