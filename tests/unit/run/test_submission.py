"""A run packed for the leaderboard, checked by others, and refused where a byte was changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from suite.run.resweep import check
from suite.run.submission import MANIFEST, hashes
from tests.contract.plugins import DROPINS
from tests.house.sources import ROOT
from tests.toys import METHOD, plugin, refused, run_toy, suite, toy_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a method of its own, one that is fitted to each chip, and a search."""
    folder = tmp_path_factory.mktemp("submission")
    plugin(folder / "own", "method", "plain", METHOD)
    shutil.copy(DROPINS / "methods" / "last_on_chip.py", folder / "own" / "methods")
    (folder / "own" / "methods" / "__pycache__").mkdir()
    chip = {"method": "plain", "tuning": "none", "adapt": {"method": "last_on_chip"}}
    path = toy_study(
        folder,
        methods={"erm": {}, "plain": {"tuning": "none"}, "plain/chip": chip},
        realisations=3,
        conditions=[{"usability": [1.0, 0.5, 0.2]}],
    )
    assert not run_toy(path).failed
    return path


@pytest.fixture(scope="module")
def submission(study: Path) -> Path:
    folder = study.parent / "submissions" / "toy"
    done = suite("submit", study, "--results", study.parent / "results", "--to", folder)
    assert done.exit_code == 0, done.output
    assert done.output.endswith("0 finding(s)\n")
    return folder


@pytest.fixture
def copy(submission: Path, tmp_path: Path) -> Path:
    """In another place, where nothing else of the run is."""
    return Path(shutil.copytree(submission, tmp_path / "copy"))


def test_it_is_checked_where_nothing_else_of_the_run_is_and_enters_the_leaderboard(copy: Path) -> None:
    assert suite("submit", "--check", copy).exit_code == 0
    page = copy.parent / "page.md"
    assert suite("leaderboard", copy.parent, "--page", page).exit_code == 0
    assert "| `plain/chip` | `toy` | 2 |" in page.read_text()


def test_it_holds_a_state_of_each_contestant_and_no_path_of_a_machine(submission: Path) -> None:
    entries = json.loads((submission / "sweeps.json").read_text())
    assert [entry["contestant"] for entry in entries] == ["erm", "plain", "plain/chip"]
    assert [len(entry["needs"]) for entry in entries] == [0, 0, 2]
    assert all(len(entry["scores"]["accuracy"]) == 3 for entry in entries)
    texts = [path for path in submission.rglob("*") if path.suffix in (".json", ".yaml", ".csv")]
    assert texts and not [path for path in texts if str(submission.parents[1]) in path.read_text()]
    study = yaml.safe_load((submission / "study.yaml").read_text())
    assert (submission / study["plugins"][0] / "methods" / "plain.py").read_text() == METHOD
    assert not list(submission.rglob("__pycache__"))


@pytest.mark.parametrize("name", ["scores.csv", "files/0/own/methods/plain.py", "sweeps.json", "store/*.safetensors"])
def test_a_changed_byte_is_refused_by_the_name_of_its_file(copy: Path, name: str) -> None:
    path = next(copy.glob(name))
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    done = suite("submit", "--check", copy)
    assert done.exit_code == 1
    assert done.output.splitlines() == [f"{path}: other bytes than packed", f"{copy}: 1 finding(s)"]


def test_files_that_are_missing_or_were_added_are_named(copy: Path) -> None:
    (copy / "chosen.csv").unlink()
    (copy / "more.txt").write_text("more")
    assert check(copy, None) == [f"{copy / 'chosen.csv'}: missing", f"{copy / 'more.txt'}: not packed"]


def repacked(folder: Path) -> Path:
    """As somebody would who changes a file and its hash."""
    (folder / MANIFEST).write_text(json.dumps(hashes(folder)))
    return folder


def test_a_score_that_the_state_does_not_give_is_refused_with_both_numbers(copy: Path) -> None:
    entries = json.loads((copy / "sweeps.json").read_text())
    first, second, third = entries[1]["scores"]["accuracy"]
    entries[1]["scores"]["accuracy"] = [first + 1e-9, second - 1e-9, third]
    (copy / "sweeps.json").write_text(json.dumps(entries))
    place = "toy, plain, seed 0, sigma 0.69 (u 0.50)"
    assert check(repacked(copy), None) == [
        f"{place}, realisation 0, accuracy: {first!r}, packed {first + 1e-9!r}",
        f"{place}, realisation 1, accuracy: {second!r}, packed {second - 1e-9!r}",
    ]


def test_tables_that_say_more_than_the_sweeps_are_refused(copy: Path) -> None:
    entries = json.loads((copy / "sweeps.json").read_text())
    (copy / "sweeps.json").write_text(json.dumps(entries[1:]))
    assert check(repacked(copy), None) == [f"{copy / 'scores.csv'}: toy, erm has no packed state"]
    entries[0]["scores"]["accuracy"][2] += 0.3
    (copy / "sweeps.json").write_text(json.dumps(entries))
    (finding,) = check(repacked(copy), None)
    assert "scores.csv: toy, erm, seed 0" in finding and "by sweeps.json" in finding


def test_a_study_that_is_not_complete_and_a_folder_in_use_are_refused(study: Path, tmp_path: Path) -> None:
    results = "--results", study.parent / "results"
    more = tmp_path / "more.yaml"
    more.write_text(study.read_text().replace("- own", f"- {study.parent / 'own'}").replace("seeds: 2", "seeds: 3"))
    assert "computed by other code: 18 of the study's units" in refused(
        "submit", more, *results, "--to", tmp_path / "a"
    )
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine").write_text("")
    assert "not empty" in refused("submit", study, *results, "--to", tmp_path / "b")
    assert "give --to FOLDER" in refused("submit", study)
    assert "manifest.json: missing" in refused("submit", "--check", tmp_path)


def test_every_submission_of_this_repository_is_sound() -> None:
    folders = sorted(path.parent for path in (ROOT / "results" / "submissions").glob("*/manifest.json"))
    assert {folder: found for folder in folders if (found := check(folder, None))} == {}
