"""What a plug-in file provides: a workload, a training method or a device is one file that imports only this module.

Heavy libraries are imported inside the functions that need them, so that listing plug-ins stays instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from suite.contract.cells import Device as Device
from suite.contract.cells import Programmed as Programmed
from suite.contract.cells import ProgrammedWeights as ProgrammedWeights
from suite.contract.conditions import Condition as Condition
from suite.contract.levels import SIGMA as SIGMA
from suite.contract.levels import Level as Level
from suite.contract.matrices import default_arrays as default_arrays
from suite.contract.noise import MOST_DIMENSIONS as MOST_DIMENSIONS
from suite.contract.noise import disturb_arrays as disturb_arrays
from suite.contract.noise import disturb_output as disturb_output
from suite.contract.noise import grouped as grouped
from suite.contract.noise import multinomial as multinomial
from suite.contract.noise import noise_points as noise_points
from suite.contract.noise import redraw as redraw
from suite.contract.observations import Observation as Observation
from suite.contract.observations import Observed as Observed
from suite.contract.observations import array_energies as array_energies
from suite.contract.observations import confusion as confusion

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

Scale = Literal["ci", "quick", "reference", "paper"]


class SuiteError(Exception):
    """An error a user can mend; its message names the file, the field and the fix."""


class DataMissing(SuiteError):
    """Data of a workload is not on this machine; the message says how to get it."""


class DataCorrupt(SuiteError):
    """A data file is present but not what it should be."""


class NotApplicable(SuiteError):
    """A method or one of its options has no meaning for this network; the message says why."""


# ------------------------------------------------------------------------------------------------- workloads


@dataclass(frozen=True)
class Splits:
    """The data of a workload: map-style datasets of (input, target), disjoint, and the source every row will name.

    digest: any text that is another one for other data, where the files that `data` opens do not tell (see
        `suite.plan.identity.content`), or where large sets would have to be read to see them.
    augment(inputs, generator) -> inputs: a random variation of a batch that keeps its targets, made on the generator's
        device; for training alone. A module-level function, so that it can be sent to other processes.
    """

    train: Any
    validation: Any
    tests: Mapping[str, Any]
    source: str
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None
    digest: str = ""


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
    measures: {name: Score}; the first is the one that tuning maximises and `floor` speaks of.
    scores(outputs, targets) -> {name: float}: once per test set and realisation, over the whole set. A sample
        whose output is not finite counts as wrong; constant predictions have defined scores.
    arrays(network) -> {state-dict name: tensor}: what lies on crossbars, from the input on: the last one is taken for
        the output layer's by methods that spare it. The rest is ideal, and `suite plan` names it.
    step(workload, network, batch) -> scalar loss; collate(samples) -> batch, both for what is no plain classifier.
    outputs(network, batch, generator) -> list, one item per sample, drawing from `generator` alone; None:
        `network(inputs)`, the batched fast path.
    targets(batch) -> sequence, one item per sample.
    floor: a score at least halfway from chance to the expected one, which `quick` training reaches.
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
    floor: float
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


@contextmanager
def seeded(generator: torch.Generator) -> Iterator[None]:
    """Library layers that take no generator draw from torch's global stream: inside, that stream is a child of
    `generator`; outside, it is untouched."""
    import torch

    seed = int(torch.randint(0, 2**63 - 1, (1,), generator=generator).item())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def load(source: str, root: Path | None) -> Any:
    """The raw content of a data source of `suite/sources` from the data root, or from the package that ships it.

    Raises DataMissing or DataCorrupt, each with the file and the fix.
    """
    from suite.data.datasets import load as load_source

    return load_source(source, root)


# --------------------------------------------------------------------------------------------------- methods


@dataclass(frozen=True)
class Range:
    """One dimension of a search space; `probe` is the value tried first."""

    low: float
    high: float
    probe: float
    log: bool = False


class Handle(Protocol):
    """What `attach` returns: taking the noise off again."""

    def remove(self) -> None:
        """The network is as it was before `attach`."""
        ...


def no_space(network: nn.Module, arrays: Mapping[str, Tensor], **options: Any) -> dict[str, Range]:
    """A method without parameters of its own."""
    return {}


def no_noise(
    network: nn.Module,
    arrays: Mapping[str, Tensor],
    params: Mapping[str, float],
    generator: torch.Generator,
    **options: Any,
) -> list[Handle]:
    """A method that leaves the network as it is."""
    return []


OnStep = Callable[["nn.Module", Mapping[str, "Tensor"], int, int, Mapping[str, float], "torch.Generator"], None]


@dataclass(frozen=True)
class Method:
    """A way to train, in one file `suite/methods/NAME.py` that says `METHOD = Method(...)`.

    space(network, arrays, **options) -> {name: Range}: what tuning searches beside learning rate and weight decay.
        arrays: {state-dict name: tensor} of what the workload puts on crossbars, in its order, tied weights once: the
        network's own numbers, free of noise and not part of the gradient.
    attach(network, arrays, params, generator, **options) -> handles: puts noise on named activation points or arrays
        from outside (hooks, parametrisations); active in train mode only.
    on_step(network, arrays, step, steps, params, generator): before each optimiser step, for schedules.
    fit(loop, network): wraps the training loop, a callable without arguments; None: just run it.
    options: {name: allowed values}, the first is the default.
    """

    title: str
    source: str
    space: Callable[..., dict[str, Range]] = no_space
    attach: Callable[..., Sequence[Handle]] = no_noise
    on_step: OnStep | None = None
    fit: Callable[[Callable[[], None], nn.Module], None] | None = None
    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rest = {"space": "", "attach": ", params, generator", "on_step": ", step, steps, params, generator"}
        for name, others in rest.items():
            function = getattr(self, name)
            if function is not None and list(signature(function).parameters)[1:2] != ["arrays"]:
                raise SuiteError(
                    f"{name}() does not take the workload's arrays: write {name}(network, arrays{others}, ...); they "
                    "are what lies on crossbars, {state-dict name: tensor}, in place of default_arrays(network)"
                )

    def complete(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Every option of this method: what is left out has its default."""
        return {name: values[0] for name, values in self.options.items()} | dict(options)
