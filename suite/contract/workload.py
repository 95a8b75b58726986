"""The workload part of the contract: data, network, loss and scores of one task."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from suite.contract.data import Scale, Splits
from suite.contract.errors import SuiteError
from suite.contract.matrices import default_arrays
from suite.contract.observations import Observation

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


@dataclass(frozen=True)
class Score:
    """One number per test set and realisation: the paper's name for it, its chance level and its direction."""

    title: str
    chance: float
    higher_is_better: bool = True


@dataclass(frozen=True)
class Recipe:
    """How a workload is trained and evaluated at one scale.

    test_block: samples per forward pass of a sweep (multiples of 16 are fastest, see tests/bench/README.md);
    unit_evaluations: evaluations (one condition x one realisation over the test sets) that one sweep unit holds,
    chosen so that a unit takes about a minute.
    """

    epochs: int
    batch: int
    learning_rate: float
    optimiser: Literal["adam", "sgd"] = "adam"
    weight_decay: float = 0.0
    schedule: Literal["onecycle", "constant"] = "onecycle"
    clip_value: float | None = None
    test_block: int = 256
    unit_evaluations: int = 300


def default_step(workload: Workload, network: nn.Module, batch: Any) -> Tensor:
    """Loss of one batch (inputs, targets) -> scalar."""
    inputs, targets = batch
    return workload.loss(network(inputs), targets)


def cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean cross entropy of logits (N, classes) and class indices (N,)."""
    from torch.nn import functional

    return functional.cross_entropy(outputs, targets)


@dataclass(frozen=True)
class Workload:
    """Data + network + loss + scores, in one file `workloads/NAME.py` that says `WORKLOAD = Workload(...)`.

    data(scale, root, seed) -> Splits: deterministic; raises DataMissing where `root` (or the packages) lack it.
    network(generator) -> nn.Module, drawn from `generator` alone (see `seeded`). In evaluation mode its outputs depend
        on its state dict and its inputs alone; what is random draws in `outputs`. It may carry the attributes
        `noise_points` and `authors_noise_points` (module names after which a method may inject activation noise).
        Wide convolutions (16 channels and more) are fastest with `network.to(memory_format=torch.channels_last)`.
    measures: {name: Score}; the first is the one that tuning maximises.
    scores(outputs, targets) -> {name: float}: once per test set and realisation, over the whole set. A sample
        whose output is not finite counts as wrong; constant predictions have defined scores.
    arrays(network) -> {state-dict name: tensor}: what lies on crossbars, from the input on: the last one is taken for
        the output layer's by methods that spare it. The rest is ideal, and `suite plan` names it.
    step(workload, network, batch) -> scalar loss; collate(samples) -> batch, both for what is no plain classifier.
    outputs(network, batch, generator) -> list, one item per sample, drawing from `generator` alone; None:
        `network(inputs)`, the batched fast path.
    targets(batch) -> sequence, one item per sample.
    floor: (measure, score), at least halfway from chance to what is expected, which `quick` training reaches on the
        first test set; below a tenth of the way a clean validation score is taken for chance.
    needs: packages beyond the suite's own; methods: names that apply (None: all); trainable: False for networks
        whose weights are built in one shot by `network`; standin: True if `data` can synthesise ("synthetic" source);
        seeded_data: True if `data` differs by seed (official splits per seed), else it is asked with seed 0 alone;
        leaky: True if splits share inputs, as published, to show what that does to scores.
    observations: {name: Observation}: named arrays of a trained state that a study may ask for under `observe`.
    """

    title: str
    data: Callable[[Scale, Path | None, int], Splits]
    network: Callable[[torch.Generator], nn.Module]
    recipe: Callable[[Scale], Recipe]
    measures: Mapping[str, Score]
    scores: Callable[[Any, Any], Mapping[str, float]]
    floor: tuple[str, float]
    loss: Callable[[Any, Any], Tensor] = cross_entropy
    arrays: Callable[[nn.Module], Mapping[str, Tensor]] = default_arrays
    step: Callable[[Workload, nn.Module, Any], Tensor] = default_step
    collate: Callable[[list[Any]], Any] | None = None
    outputs: Callable[[nn.Module, Any, torch.Generator], Sequence[Any]] | None = None
    targets: Callable[[Any], Sequence[Any]] = lambda batch: batch[1]
    needs: tuple[str, ...] = ()
    methods: tuple[str, ...] | None = None
    trainable: bool = True
    standin: bool = False
    seeded_data: bool = False
    leaky: bool = False
    observations: Mapping[str, Observation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.floor, tuple) or self.floor[0] not in self.measures:
            named = next(iter(self.measures), "accuracy")
            raise SuiteError(
                f"floor is {self.floor!r}: name the measure that it is of, as in floor=({named!r}, 0.8); the measures "
                f"are {', '.join(self.measures)}"
            )

    @property
    def objective(self) -> str:
        """The score that tuning maximises."""
        return next(iter(self.measures))


def accuracy(outputs: Tensor, targets: Tensor) -> float:
    """Share of samples whose largest logit is the target's; non-finite rows count as wrong. (N, classes), (N,)."""
    import torch

    right = outputs.argmax(1) == targets
    if not torch.isfinite(outputs.sum()):
        right &= torch.isfinite(outputs).all(1)
    return float(right.sum().item()) / len(targets)
