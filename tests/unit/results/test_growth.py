"""A study that grows computes only what is new, and its cube says the same as that of a fresh run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from suite.results.cube import digest
from suite.results.provenance import read_events
from tests.toys import DEVICE, plugin, run_toy, toy_study

SMALL: dict[str, Any] = {
    "methods": {"erm": {"tuning": "none"}},
    "seeds": 2,
    "realisations": 2,
    "conditions": [{"usability": [1.0, 0.5]}],
}
GROWTHS: list[tuple[dict[str, Any], dict[str, int]]] = [
    ({"methods": {"erm": {"tuning": "none"}, "bayesmulti": {"tuning": "none"}}}, {"fit": 2, "sweep": 4}),
    ({"seeds": 3}, {"fit": 1, "sweep": 2}),
    ({"realisations": 5}, {"sweep": 6}),
    ({"conditions": [{"usability": [1.0, 0.5, 0.8]}]}, {"sweep": 4}),
    ({"conditions": [{"usability": [1.0, 0.5]}, {"device": "twice", "usability": [0.7]}]}, {"sweep": 4}),
]


def done_units(folder: Path) -> Counter[str]:
    """How many units of each kind were done so far."""
    done = [event for event in read_events(folder / "results/toy/events.jsonl") if event["status"] == "done"]
    return Counter(event["kind"] for event in done)


def grown(folder: Path, *steps: dict[str, Any]) -> tuple[Path, dict[str, int]]:
    """Run the study after each step; the cube and the kinds of units that the last run did."""
    plugin(folder / "own", "device", "twice", DEVICE)
    content, done = dict(SMALL), {}
    for step in steps:
        content |= step
        before = done_units(folder)
        run_toy(toy_study(folder, **content))
        done = {kind: count - before.get(kind, 0) for kind, count in done_units(folder).items()}
    return folder / "results/toy/cube.zarr", {kind: count for kind, count in done.items() if count}


@pytest.mark.parametrize(("step", "new"), GROWTHS, ids=["method", "seed", "realisations", "condition", "device"])
def test_growth_computes_what_is_new_and_ends_as_a_fresh_run(
    step: dict[str, Any], new: dict[str, int], tmp_path: Path
) -> None:
    cube, done = grown(tmp_path / "grown", {}, step)
    fresh, _ = grown(tmp_path / "fresh", step)
    assert done == new
    assert digest(cube) == digest(fresh)


def test_all_growths_one_after_the_other(tmp_path: Path) -> None:
    steps = [step for step, _ in GROWTHS]
    cube, _ = grown(tmp_path / "grown", {}, *steps)
    fresh, _ = grown(tmp_path / "fresh", {key: value for step in steps for key, value in step.items()})
    assert digest(cube) == digest(fresh)
