"""The leaderboard is what the committed tables give, and has a place for those of others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas
import pytest

from suite.cli.leaderboard import TABLES
from suite.report.leaderboard import rows
from suite.report.leaderboard_page import write
from tests.house.sources import ROOT
from tests.toys import refused, run_toy, suite, toy_study


def test_the_page_and_its_csv_are_what_the_committed_tables_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    page = tmp_path / "leaderboard.md"
    shutil.copy("docs/leaderboard.md", page)
    for path in write(TABLES, page):
        shown = ROOT / "docs" / path.name
        assert path.read_text() == shown.read_text(), "write it anew: suite leaderboard"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a study with a workload of its own and two methods."""
    study = toy_study(
        tmp_path_factory.mktemp("board"),
        methods={"erm": {"tuning": "none"}, "long": {"method": "erm", "tuning": "none", "draws_per_step": 2}},
        conditions=[{"usability": [1.0, 0.5, 0.2]}, {"usability": [0.9]}],
    )
    run_toy(study)
    folder = study.parent / "tables"
    done = suite("publish", study, "--results", study.parent / "results", "--to", folder)
    assert done.exit_code == 0, done.output
    return folder


def test_tables_of_others_have_their_rows(tables: Path) -> None:
    found = rows([tables.parent])
    assert set(found["contestant"]) == {"erm", "long"} and set(found["n_seeds"]) == {2}
    assert set(found["levels"]) == {"1 0.9 0.5 0.2"} and set(found["source"]) == {"toy:half-planes"}
    assert found["area"].is_monotonic_decreasing
    scores = pandas.read_csv(tables / "scores.csv")
    clean = scores[scores["sigma_log"] == 0].groupby("contestant")["mean"].mean()
    assert found.set_index("contestant")["clean"].round(5).to_dict() == clean.round(5).to_dict()
    assert set(found["trials"]) == {0}, "nothing is searched"
    assert found.set_index("contestant")["area_difference"].isna().to_dict() == {"erm": True, "long": False}


def test_what_is_written_around_the_tables_stays(tables: Path) -> None:
    page = tables.parent / "page.md"
    page.write_text("# Mine\n\n<!-- boards -->\nold\n<!-- end -->\nmore\n")
    assert suite("leaderboard", tables.parent, "--page", page).exit_code == 0
    text = page.read_text()
    assert text.startswith("# Mine\n\n<!-- boards -->\n## toy, accuracy") and text.endswith("<!-- end -->\nmore\n")
    assert "old" not in text and "| `long` | `toy` | 2 |" in text


def test_folders_without_tables_and_tables_without_a_receipt_are_refused(tables: Path, tmp_path: Path) -> None:
    assert "no tables with a curve" in refused("leaderboard", tmp_path, "--page", tmp_path / "page.md")
    shutil.copy(tables / "scores.csv", tmp_path)
    assert "receipt.json: missing" in refused("leaderboard", tmp_path, "--page", tmp_path / "page.md")
