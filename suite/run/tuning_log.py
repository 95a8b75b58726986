"""Searches as Optuna journals, for people and optuna-dashboard to look at. Nothing is ever read back from them.

One file per contestant and search: `results/STUDY/tuning/WORKLOAD--METHOD-HASH.journal`.
"""

from __future__ import annotations

from pathlib import Path

from suite.plan.units import Contestant
from suite.results.files import cut_torn_line, writing
from suite.training.search import Search


def journal_of(folder: Path, contestant: Contestant, tune_hash: str) -> Path:
    """Where the search of that hash is logged."""
    label = f"{contestant.workload}--{contestant.label}".replace("/", "-")
    return folder / "tuning" / f"{label}-{tune_hash[:8]}.journal"


def log_search(path: Path, search: Search, name: str) -> None:
    """Append the trials that the journal lacks. A last line torn by a kill is cut first: the next one would glue to
    it and leave the journal unreadable for ever."""
    import optuna
    from optuna.storages.journal import JournalFileBackend

    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # The study's own lock makes us the only writer: a journal lock that is still there is a dead run's.
        Path(f"{path}.lock").unlink(missing_ok=True)
        with path.open("a+b", buffering=0) as file:
            cut_torn_line(file)
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(path)))
        study = optuna.create_study(storage=storage, study_name=name, direction="maximize", load_if_exists=True)
        study.add_trials(search.finished[len(study.get_trials(deepcopy=False)) :])
