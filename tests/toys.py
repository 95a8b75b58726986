"""A study that runs in a second: plug-in folders made by tests, with thirty points and two layers."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner, Result

from suite.cli import main
from suite.plan.context import Context
from suite.plan.units import Unit
from suite.results.provenance import read_events
from suite.run.driver import Summary
from suite.run.executors import Outcome
from suite.run.executors.serial import SerialExecutor
from suite.run.run import run as run_study
from suite.run.work import execute
from suite.studies.study import load_study
from tests.cubes import files

WORKLOAD = '''"""Two half planes."""

from suite.contract import Recipe, Score, Splits, Workload, accuracy, seeded


def data(scale, root, seed, settings):
    """Thirty points per split."""
    import torch
    from torch.utils.data import TensorDataset

    def split(number):
        inputs = torch.randn(30, 2, generator=torch.Generator().manual_seed(number))
        inputs[:, 0] = inputs[:, 0].abs() * torch.tensor([1.0, -1.0]).repeat(15)
        return TensorDataset(inputs, (inputs[:, 0] > 0).long())

    return Splits(split(1), split(2), {"test": split(3)}, "toy:half-planes")


def network(generator, scale, settings):
    from torch import nn

    with seeded(generator):
        return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))


def recipe(scale):
    return Recipe(epochs=20, batch=30, learning_rate=0.05, test_block=30, unit_evaluations=2)


def scores(outputs, targets):
    return {"accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="Toy",
    data=data,
    network=network,
    recipe=recipe,
    measures={"accuracy": Score("Accuracy", chance=0.5)},
    scores=scores,
    floor=("accuracy", 0.8),
)
'''
# Networks that fail, each in its own way: as edits of WORKLOAD.
NAN_OUTPUT = (
    "return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))",
    """class Broken(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(2, 2)

            def forward(self, x):
                return self.fc(x) * (1.0 if self.training else float("nan"))

        return Broken()""",
)
AT_CHANCE = ("Recipe(epochs=20", "Recipe(epochs=0")
METHOD = '''"""Plain training under another name."""

from suite.contract import Method

METHOD = Method(title="Plain", source="tests")
'''
HOLLOW = '''"""Without a meaning for any network."""

from suite.contract import Method, NotApplicable


def space(network, arrays):
    raise NotApplicable("it has no meaning here")


METHOD = Method(title="Hollow", source="tests", space=space)
'''
DEVICE = '''"""Log-normal noise, twice as strong."""

from suite.contract import Device, ProgrammedWeights


def draw(shape, generator):
    """Standard normal."""
    import torch

    return torch.randn(shape, generator=generator)


def program(targets, condition, noise):
    return ProgrammedWeights((2.0 * condition.sigma_log * noise).exp() * targets)


DEVICE = Device(title="Twice", source="tests", draw=draw, program=program, settings={"strength": 1.0})
'''


def plugin(folder: Path, kind: str, name: str, text: str, *edits: tuple[str, str]) -> Path:
    """Writes one plug-in file below `folder`, with every (old, new) applied."""
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path = folder / f"{kind}s" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def toy_study(folder: Path, **changes: Any) -> Path:
    """Writes toy.yaml with a plug-in folder beside it; two sweep units per training. `changes`: fields; None: none."""
    folder.mkdir(parents=True, exist_ok=True)
    plugin(folder / "own", "workload", "toy", WORKLOAD)
    content = {
        "name": "toy",
        "scale": "ci",
        "workloads": ["toy"],
        "methods": ["erm"],
        "seeds": 2,
        "realisations": 2,
        "conditions": [{"usability": [1.0, 0.5]}],
        "tuning": {"trials": 2, "random_trials": 1, "realisations": 1},
        "plugins": ["own"],
        **changes,
    }
    path = folder / "toy.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in content.items() if value is not None}))
    return path


def context_of(study: Path, results: Path | None = None) -> Context:
    """What a run of the study file would be told; results lie beside it."""
    return Context(load_study(study), results or study.parent / "results")


def run_toy(study: Path, executor: Any = None, results: Path | None = None, **options: Any) -> Summary:
    """A whole run, serial unless another executor is given."""
    return run_study(context_of(study, results), executor or SerialExecutor(), show=lambda progress: None, **options)[0]


def suite(*arguments: object) -> Result:
    """`suite ARGUMENTS` in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def refused(*arguments: object) -> str:
    """The message of a command that must end as an error a user can mend: exit code 2, no traceback."""
    result = suite(*arguments)
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 2, result.output
    return result.output


class Scripted:
    """Executes units in this process, `slots` in flight, their outcomes in the order that `seed` draws.

    fail(unit): the error type with which a unit fails instead of being executed, or None. stop_after: units after
    which the run is interrupted. `done` collects the units that were executed.
    """

    def __init__(
        self,
        *,
        slots: int = 1,
        seed: int = 0,
        fail: Callable[[Unit], str | None] = lambda unit: None,
        stop_after: int | None = None,
    ) -> None:
        self._slots, self._random = slots, random.Random(seed)
        self._fail, self._stop_after = fail, stop_after
        self._waiting: list[Unit] = []
        self.done: list[Unit] = []

    @contextmanager
    def started(self, context: Context) -> Iterator[None]:
        self._context = context
        try:
            yield
        finally:
            self._waiting.clear()

    @property
    def free(self) -> int:
        return self._slots - len(self._waiting)

    def submit(self, unit: Unit) -> None:
        assert self.free > 0
        self._waiting.append(unit)

    def next(self) -> tuple[Unit, Outcome]:
        if len(self.done) == self._stop_after:
            raise KeyboardInterrupt
        unit = self._waiting.pop(self._random.randrange(len(self._waiting)))
        if error_type := self._fail(unit):
            return unit, Outcome(0.0, {}, f"{error_type} made by the test", error_type)
        self.done.append(unit)
        return unit, execute(self._context, unit)

    def observe(self, pending: int) -> None:
        pass


def kinds(units: list[Unit]) -> Counter[str]:
    """How many units of each kind."""
    return Counter(unit.kind for unit in units)


def events(study: Path) -> list[dict[str, Any]]:
    """The event log beside the study file."""
    return read_events(study.parent / "results" / "toy" / "events.jsonl")


def cube_files(study: Path) -> dict[str, bytes]:
    """Every file of the cube beside the study file."""
    return files(study.parent / "results" / "toy" / "cube.zarr")
