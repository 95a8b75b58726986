"""How a run is followed where there is no terminal."""

from suite.cli import progress
from suite.run.driver import Progress


def test_elsewhere_than_on_a_terminal_progress_is_a_line_now_and_then(capsys, monkeypatch):
    seconds = iter((0.0, 5.0, 25.0, 25.0, 30.0))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(seconds))
    with progress.shown("small") as show:
        for done in (1, 2, 3):
            show(Progress(done=done, total=9, failed=1, running=2, last="toy erm, seed 0"))
    assert capsys.readouterr().err == "small: 2 of 9 units done, 1 failed, 2 running; last: toy erm, seed 0\n"
