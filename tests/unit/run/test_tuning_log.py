"""The journal of a search: what was told is in it, and a torn line never spoils it."""

from __future__ import annotations

from pathlib import Path

import optuna
import pytest
from optuna.storages.journal import JournalFileBackend

from suite.contract import Range
from suite.run.tuning_log import log_search
from suite.training.search import Search


def search(batches: int) -> Search:
    """A search of four trials, two at a time, after some batches."""
    found = Search(
        {"rate": Range(0.0, 1.0, probe=0.5)}, entropy=1, name="log", trials=4, random_trials=1, batch=2, mode="gp"
    )
    for _ in range(batches):
        found.tell([trial.params["rate"] for trial in found.ask()])
    return found


def trials_in(path: Path) -> list[optuna.trial.FrozenTrial]:
    storage = optuna.storages.JournalStorage(JournalFileBackend(str(path)))
    return optuna.load_study(study_name="log", storage=storage).trials


def test_every_told_trial_is_logged_once(tmp_path: Path) -> None:
    path = tmp_path / "log.journal"
    log_search(path, search(1), "log")
    assert [trial.number for trial in trials_in(path)] == [0, 1]
    log_search(path, search(2), "log")
    log_search(path, search(2), "log")
    assert [trial.value for trial in trials_in(path)] == [trial.value for trial in search(2).finished]


def test_who_was_ended_early_is_logged(tmp_path: Path) -> None:
    path, found = tmp_path / "log.journal", search(0)
    found.tell([trial.params["rate"] for trial in found.ask()], ended=[1])
    log_search(path, found, "log")
    assert [trial.user_attrs for trial in trials_in(path)] == [{}, {"ended_early": True}]


@pytest.mark.parametrize("lost", [1, 10, 40])
def test_a_torn_last_line_is_cut_and_its_trial_logged_again(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "log.journal"
    log_search(path, search(2), "log")
    whole = len(trials_in(path))
    path.write_bytes(path.read_bytes()[:-lost])
    log_search(path, search(2), "log")
    assert len(trials_in(path)) == whole


def test_the_lock_of_a_dead_run_does_not_hold_us(tmp_path: Path) -> None:
    path = tmp_path / "log.journal"
    log_search(path, search(1), "log")
    Path(f"{path}.lock").symlink_to(path)
    log_search(path, search(2), "log")
    assert len(trials_in(path)) == 4
