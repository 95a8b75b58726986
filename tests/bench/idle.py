"""A study whose units take no time: what is left is the cost of orchestrating them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from suite.plan.context import Context
from suite.plan.units import Unit
from suite.run.executors import Outcome
from suite.studies.study import load_study

METHODS = 8
# Thirty points and two layers: real trainings and real sweeps, in milliseconds.
WORKLOAD = '''"""Two half planes (synthetic)."""

from suite.contract import Recipe, Score, Splits, Workload, accuracy, confusion, seeded


def data(scale, root, seed):
    """Thirty points per split."""
    import torch
    from torch.utils.data import TensorDataset

    def split(number):
        inputs = torch.randn(30, 2, generator=torch.Generator().manual_seed(number))
        inputs[:, 0] = inputs[:, 0].abs() * torch.tensor([1.0, -1.0]).repeat(15)
        return TensorDataset(inputs, (inputs[:, 0] > 0).long())

    return Splits(split(1), split(2), {"test": split(3)}, "synthetic:half-planes")


def network(generator):
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
STUDY = """# Written by `suite bench orchestration`.
name: idle
scale: ci
workloads: {workloads}
methods: {methods}
seeds: {seeds}
realisations: 30
conditions: [{{grid: paper}}]
standins: allow
plugins: [own]
observe: {observe}
"""
OBSERVE = (
    "[{{what: confusion, workloads: {workloads}, conditions: [{{usability: [0.5]}}], realisations: {realisations}}}]"
)


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
    methods = {f"erm/{number}": {**entry, "params": {"weight_decay": 1e-5 * number}} for number in range(METHODS)}
    seeds = -(-units // (workloads * METHODS * shape.units))
    observe = OBSERVE.format(workloads=names, realisations=-(-observations // METHODS)) if observations else []
    content = STUDY.format(workloads=names, methods=methods, seeds=seeds, observe=observe)
    (folder / "idle.yaml").write_text(content)
    return Context(load_study(folder / "idle.yaml"), folder / "results")


def idle(context: Context, unit: Unit) -> Outcome:
    """What a worker does with a unit that takes no time."""
    return Outcome(0.0, {"n_nonfinite": 0})
