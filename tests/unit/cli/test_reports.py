"""The lines that tell how a run ended and how to go on."""

import pytest

from suite.cli.reports import run_lines
from suite.plan.plan import Plan
from suite.run.driver import Summary
from tests.toys import context_of, toy_study


def told(folder, summary, **skipped):
    context = context_of(toy_study(folder))
    return list(
        run_lines(context, Plan(context.study, {}, skipped), summary, False)
    ), f"{folder / 'toy.yaml'} --results {context.results}"


@pytest.mark.parametrize(
    ("summary", "counts", "last"),
    [
        (
            Summary(done=3, seconds=1.4),
            "3 units done, 0 failed, in 1 s",
            "next: suite report {0} --figures",
        ),
        (Summary(out_of_time=True), "0 units done, 0 failed, in 0 s", "time is up; go on with: suite run {}"),
        (Summary(failed={"toy erm, seed 0": "why"}), "0 units done, 1 failed", "mend what failed, then: suite run {}"),
        (
            Summary(failed={"toy erm, seed 0": "why"}, out_of_time=True),
            "1 failed",
            "time is up; go on with: suite run {}",
        ),
    ],
)
def test_the_last_line_says_how_to_go_on(tmp_path, summary, counts, last):
    lines, path = told(tmp_path, summary)
    assert lines[-1] == last.format(path)
    assert counts in lines[-2]
    assert [line for line in lines if line.startswith("FAILED")] == [
        f"FAILED {u}: {r}" for u, r in summary.failed.items()
    ]


def test_a_path_in_the_last_line_can_be_pasted(tmp_path):
    folder = tmp_path / "my results"
    folder.mkdir()
    context = context_of(toy_study(folder))
    (*_, last) = run_lines(context, Plan(context.study, {}, {}), Summary(), False)
    study, results = f"'{folder / 'toy.yaml'}'", f"'{context.results}'"
    place = f"{study} --results {results}"
    assert last == f"next: suite report {place} --figures"


def test_what_was_skipped_comes_first(tmp_path):
    lines, _ = told(tmp_path, Summary(), other="needs x: pip install x")
    assert lines[0] == "skipped other: needs x: pip install x"
