"""The committed tables of a study, and a cube held against them."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas
import pytest

from suite.cli.reports import publish_tables
from suite.contract import SuiteError
from suite.results.cube import Cube
from suite.run.publish import against
from suite.statistics.comparison.scores import scores_by_seed
from suite.statistics.comparison.tables import differences
from suite.studies.entries import WorkloadEntry
from tests.toys import HOLLOW, WORKLOAD, Scripted, context_of, plugin, run_toy, suite, toy_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = toy_study(
        tmp_path_factory.mktemp("publish"),
        methods={"erm": {}, "fixed": {"method": "erm", "tuning": "none"}},
        seeds=3,
        # The last differs from the second in a setting alone.
        conditions=[{"sigma_log": [0.0, 0.5, 1.2]}, {"sigma_log": [0.5], "settings": {"mean_preserving": True}}],
    )
    run_toy(path)
    return path


def published(study: Path) -> Path:
    folder = study.parent / "tables"
    done = suite("publish", study, "--results", study.parent / "results", "--to", folder)
    assert done.exit_code == 0, done.output
    return folder


def test_scores_by_seed_are_means_over_realisations(study: Path) -> None:
    cube = study.parent / "results" / "toy" / "cube.zarr"
    table = scores_by_seed(cube)
    assert len(table) == 2 * 3 * 4
    assert set(table["n_realisations"]) == {2}
    assert table.loc[table["sigma_log"] == 0.0, "std"].max() == 0.0
    assert table["condition"].nunique() == 4


def test_tables_name_scores_trials_and_chosen_values(study: Path) -> None:
    folder = published(study)
    trials = list(csv.DictReader((folder / "tuning.csv").open()))
    assert [(row["contestant"], row["trial"]) for row in trials] == [("erm", "0"), ("erm", "1")]
    chosen = list(csv.DictReader((folder / "chosen.csv").open()))
    assert {row["parameter"] for row in chosen} == {"learning_rate_factor", "weight_decay"}
    assert '"units_missing": 0' in (folder / "receipt.json").read_text()


def test_the_receipt_tells_what_is_missing_from_what_has_no_meaning(tmp_path: Path) -> None:
    plugin(tmp_path / "own", "method", "hollow", HOLLOW)
    path = toy_study(tmp_path, methods={"erm": {}, "hollow": {"tuning": "none"}}, seeds=2)
    run_toy(path, Scripted(fail=lambda task: "" if task.labels.get("seed") != 1 else "RuntimeError"))
    receipt = json.loads((published(path) / "receipt.json").read_text())
    units = Cube.open(context_of(path).cube).status("toy").size
    assert receipt["units_not_applicable"] == units / 2
    assert receipt["units_missing"] == units / 4


def test_scores_that_cannot_be_checked_are_not_published(tmp_path: Path) -> None:
    gone = "    if not (Path(__file__).parents[2] / 'half').exists(): raise DataMissing('half: gone')"
    begin = "from pathlib import Path\n\nfrom suite.contract import DataMissing, "
    path = toy_study(tmp_path, methods={"mine": {"method": "erm", "tuning": "none"}}, seeds=1)
    edits = (('    """Thirty points per split."""', gone), ("from suite.contract import ", begin))
    plugin(tmp_path / "own", "workload", "toy", WORKLOAD, *edits)
    (tmp_path / "half").touch()
    run_toy(path)
    tables = published(path)
    assert json.loads((tables / "receipt.json").read_text())["uncounted"] == {}
    assert sorted(file.name for file in tables.glob("*.csv")) == ["arrays.csv", "scores.csv"], "a table without rows"
    (tmp_path / "half").unlink()
    before = {file: file.read_bytes() for file in tables.iterdir()}
    # Another process: this one has seen the data.
    command = [sys.executable, "-m", "suite", "publish", path, "--results", tmp_path / "results", "--to", tables]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "nothing published: unknown whether scores are of today's code and data: toy (half: gone)" in done.stderr
    assert {file: file.read_bytes() for file in tables.iterdir()} == before


def test_what_a_study_and_its_cube_do_not_share_is_told(tmp_path: Path) -> None:
    gone = (
        '    """Thirty points per split."""',
        "    from suite.contract import DataMissing as D\n    raise D('half: gone')",
    )
    plugin(tmp_path / "own", "workload", "absent", WORKLOAD, gone)
    plugin(tmp_path / "own", "workload", "new", WORKLOAD)
    path = toy_study(tmp_path, methods={"mine": {"method": "erm", "tuning": "none"}}, seeds=1)
    run_toy(path)
    context = context_of(path)
    entries = {name: WorkloadEntry(workload=name) for name in ("absent", "new")}
    context = replace(context, study=context.study.model_copy(update={"workloads": entries}))
    _, gaps = publish_tables(context, tmp_path / "tables")
    assert gaps[:2] == ["absent: units not counted: half: gone", "toy: units not counted: not in the study"]
    assert "missing, or computed by other code" in gaps[2]
    receipt = json.loads((tmp_path / "tables" / "receipt.json").read_text())
    assert receipt["uncounted"] == {"absent": "half: gone", "toy": "not in the study"}


def test_differences_are_paired_by_seed_in_every_condition(study: Path) -> None:
    paired = pandas.read_csv(published(study) / "paired.csv")
    assert sorted(paired["sigma_log"]) == [0.0, 0.5, 0.5, 1.2]
    assert set(paired["device"]) == {"lognormal"} and set(paired["crossbar"]) == {"weights"}
    assert paired["condition"].nunique() == 4
    table = pandas.read_csv(study.parent / "tables" / "scores.csv")
    for row in paired.itertuples():
        level = table[table["condition"] == row.condition].pivot(index="seed", columns="contestant", values="mean")
        assert row.difference == pytest.approx(float((level["fixed"] - level["erm"]).mean()), abs=1e-6)
    assert set(paired["n_seeds"]) == {3}
    assert (paired["low"] <= paired["difference"]).all() and (paired["difference"] <= paired["high"]).all()


def test_a_missing_baseline_gives_no_row(study: Path) -> None:
    table = scores_by_seed(study.parent / "results" / "toy" / "cube.zarr")
    assert differences(table, baseline="nobody", measures={}).empty


def test_a_cube_agrees_with_its_own_tables_and_not_with_others(study: Path) -> None:
    folder, cube = published(study), study.parent / "results" / "toy" / "cube.zarr"
    assert against(cube, folder, tolerance=1e-6) == []
    table = pandas.read_csv(folder / "scores.csv")
    other = study.parent / "other"
    other.mkdir(exist_ok=True)
    changed = (table["contestant"] == "fixed") & table["condition"].str.contains("mean_preserving")
    table["mean"] = np.where(changed, 0.0, table["mean"])
    table.to_csv(other / "scores.csv", index=False)
    (finding,) = against(cube, other, tolerance=0.01)
    assert "fixed" in finding and "mean_preserving" in finding and "published 0.0000" in finding


def test_a_published_cell_that_the_cube_lacks_is_a_finding_and_not_the_reverse(study: Path) -> None:
    cube = study.parent / "results" / "toy" / "cube.zarr"
    table = scores_by_seed(cube)
    more = pandas.concat([table, table[table["sigma_log"] == 1.2].assign(condition="gone@weights", mean=0.25)])
    assert against(cube, tables(study, "more", more), 1e-6) == [
        f"toy {method} gone@weights accuracy: not in this cube, published 0.2500" for method in ("erm", "fixed")
    ]
    assert against(cube, tables(study, "fewer", table[table["sigma_log"] == 1.2]), 1e-6) == []


def test_a_published_mean_that_is_no_number_is_a_finding(study: Path) -> None:
    cube = study.parent / "results" / "toy" / "cube.zarr"
    table = scores_by_seed(cube)
    table.loc[(table["contestant"] == "erm") & (table["sigma_log"] == 1.2), "mean"] = float("nan")
    (finding,) = against(cube, tables(study, "broken", table), 1e-6)
    assert "toy erm" in finding and "published nan" in finding


def tables(study: Path, name: str, scores: pandas.DataFrame) -> Path:
    """A folder that holds these scores as published ones."""
    folder = study.parent / name
    folder.mkdir()
    scores.to_csv(folder / "scores.csv", index=False)
    return folder


def test_verify_against_says_what_is_wrong_with_the_folder(study: Path, tmp_path: Path) -> None:
    cube = study.parent / "results" / "toy" / "cube.zarr"
    with pytest.raises(SuiteError, match="no such table"):
        against(cube, tmp_path, 0.01)
    older = tables(study, "older", scores_by_seed(cube).drop(columns="condition"))
    with pytest.raises(SuiteError, match=r"older/scores\.csv: has no column condition; .*`suite publish`"):
        against(cube, older, 0.01)
    foreign = tables(study, "foreign", scores_by_seed(cube).assign(workload="other"))
    with pytest.raises(SuiteError, match="no condition in common"):
        against(cube, foreign, 0.01)
    results = study.parent / "results"
    done = suite("verify", study, "--results", results, "--against", published(study))
    assert done.exit_code == 0, done.output
