"""A study whose units take no time: what is left is the cost of orchestrating them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

import yaml

from suite.plan.context import Context
from suite.plan.plan import Plan, make_plan
from suite.plan.units import Unit
from suite.results import store
from suite.run.driver import Progress
from suite.run.executors import Executor, Outcome
from suite.run.run import run
from suite.studies.study import load_study

METHODS = 8
# Thirty points and two layers: real trainings and real sweeps, in milliseconds.
WORKLOAD = '''"""Two half planes (synthetic)."""

from suite.contract import Recipe, Score, Splits, Workload, accuracy, confusion, seeded


def data(scale, root, seed, settings):
    """Thirty points per split."""
    import torch
    from torch.utils.data import TensorDataset

    def split(number):
        inputs = torch.randn(30, 2, generator=torch.Generator().manual_seed(number))
        inputs[:, 0] = inputs[:, 0].abs() * torch.tensor([1.0, -1.0]).repeat(15)
        return TensorDataset(inputs, (inputs[:, 0] > 0).long())

    return Splits(split(1), split(2), {"test": split(3)}, "synthetic:half-planes")


def network(generator, scale, settings):
    """Two layers."""
    from torch import nn

    with seeded(generator):
        return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))


WORKLOAD = Workload(
    title="Half planes",
    data=data,
    network=network,
    recipe=lambda scale: Recipe(epochs=20, batch=30, learning_rate=0.05, test_block=30, unit_evaluations=EVALUATIONS),
    measures={"accuracy": Score("Accuracy", chance=0.5)},
    scores=lambda outputs, targets: {"accuracy": accuracy(outputs, targets)},
    floor=("accuracy", 0.8),
    observations={"confusion": confusion(2)},
)
'''


@dataclass(frozen=True)
class Shape:
    """Sweep units of a training, and evaluations that a unit holds at most, on 27 levels x 30 realisations."""

    units: int
    evaluations: int


# As real workloads have them, 27 x 10 evaluations each; and many short ones, 27 x 1.
USUAL, SHORT = Shape(3, 300), Shape(30, 27)


def idle_study(folder: Path, units: int, workloads: int = 1, shape: Shape = USUAL, observations: int = 0) -> Context:
    """A study of at least `units` sweep units and `observations` per workload, under eight untuned methods. Its file,
    idle.yaml, and its plug-ins are written into `folder`; its results will lie in `folder`/results."""
    own = folder / "own" / "workloads"
    own.mkdir(parents=True, exist_ok=True)
    names = [f"idle_{number:02}" for number in range(workloads)]
    for name in names:
        (own / f"{name}.py").write_text(WORKLOAD.replace("EVALUATIONS", str(shape.evaluations)))
    # Labels with equal entries would be one piece of work.
    entry = {"method": "erm", "tuning": "none"}
    matrices = {"what": "confusion", "workloads": names, "conditions": [{"usability": [0.5]}]}
    study = {
        "name": "idle",
        "scale": "ci",
        "workloads": names,
        "methods": {f"erm/{number}": {**entry, "params": {"weight_decay": 1e-5 * number}} for number in range(METHODS)},
        "seeds": -(-units // (workloads * METHODS * shape.units)),
        "realisations": 30,
        "conditions": [{"grid": "paper"}],
        "standins": "allow",
        "plugins": ["own"],
        "observe": [{**matrices, "realisations": -(-observations // METHODS)}] if observations else [],
    }
    (folder / "idle.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
    return Context(load_study(folder / "idle.yaml"), folder / "results")


def trained(folder: Path, units: int, workloads: int = 1) -> Context:
    """An idle study that has all its trained states, as empty files: its units must not read them."""
    context = idle_study(folder, units, workloads)
    context.store.mkdir(parents=True)
    for part in make_plan(context, None).workloads.values():
        for fit in part.fits(context.study):
            store.file_of(context.store, fit.hash).touch()
    return context


def idle(context: Context, unit: Unit) -> Outcome:
    """What a worker does with a unit that takes no time."""
    return Outcome(0.0, {"n_nonfinite": 0})


@dataclass(frozen=True)
class Pace:
    """What a run made, and seconds per unit: by the clock, and of this process's CPU."""

    plan: Plan
    wall_s: float
    cpu_s: float


def complete(context: Context, executor: Executor, warm: int = 0, train_only: bool = False) -> Pace:
    """Run all that is missing; the first `warm` units do not count. Raises RuntimeError where a unit fails: then
    nothing was measured."""
    marks: dict[str, tuple[int, float, float]] = {}

    def show(progress: Progress) -> None:
        now = progress.done, perf_counter(), process_time()
        if progress.done >= warm:
            marks.setdefault("first", now)
            marks["last"] = now

    summary, plan = run(context, executor, show=show, train_only=train_only)
    if summary.failed:
        raise RuntimeError(next(iter(summary.failed.values())))
    units, wall_s, cpu_s = (end - begin for begin, end in zip(marks["first"], marks["last"], strict=True))
    return Pace(plan, wall_s / max(1, units), cpu_s / max(1, units))
