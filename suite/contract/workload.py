"""The workload part of the contract: data, network, loss and scores of one task."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any, Literal

from suite.contract.data import Scale, Splits
from suite.contract.errors import SuiteError
from suite.contract.matrices import default_arrays
from suite.contract.observations import Observation

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

# Of a workload, by name: what a study may set of it.
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Score:
    """One number per test set and realisation: the paper's name for it, its chance level and its direction.

    chance: one level, or {test set: level} where they differ; validation samples are taken to be as those of the first
        test set.
    """

    title: str
    chance: float | Mapping[str, float]
    higher_is_better: bool = True

    def on(self, test: str) -> Score:
        """The score of one test set, with the chance level there. Raises SuiteError where none is given."""
        if not isinstance(self.chance, Mapping):
            return self
        if test not in self.chance:
            raise SuiteError(
                f"Score({self.title!r}) has chance levels of {', '.join(self.chance)} and none of test set {test!r}; "
                "add it, or give one number for all"
            )
        return replace(self, chance=self.chance[test])

    @property
    def level(self) -> float:
        """The chance level of a score that is of one test set."""
        if isinstance(self.chance, Mapping):
            raise TypeError(f"the chance level of {self.title!r} depends on the test set: ask `on(test)` for it")
        return self.chance


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


def nothing_frozen(network: nn.Module) -> dict[str, Tensor]:
    """A network that is trained as a whole."""
    return {}


@dataclass(frozen=True)
class Workload:
    """Data + network + loss + scores, in one file `workloads/NAME.py` that says `WORKLOAD = Workload(...)`.

    data(scale, root, seed, settings) -> Splits: deterministic; raises DataMissing where `root` (or the packages) lack
        it.
    network(generator, scale, settings) -> nn.Module, drawn from `generator` alone (see `seeded`); of a size by scale
        where it has several. In evaluation mode its outputs depend on its state dict and its inputs alone; what is
        random draws in `outputs`. It may carry what `arrays` is to know of the settings, and the attributes
        `noise_points` and `authors_noise_points` (module names after which a method may inject activation noise).
        Wide convolutions (16 channels and more) are fastest with `network.to(memory_format=torch.channels_last)`.
    measures: {name: Score}; the first is the one that tuning maximises.
    scores(outputs, targets) -> {name: float}: once per test set and realisation, over the whole set. A sample
        whose output is not finite counts as wrong; constant predictions have defined scores.
    arrays(network) -> {state-dict name: tensor}: what lies on crossbars, from the input on: the last one is taken for
        the output layer's by methods that spare it. The rest is ideal, and `suite plan` names it. What the network
        computes from something smaller may be an array too, under the name of a buffer that is None: the network then
        reads that buffer where it is there, which is while it is programmed.
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
    frozen(network) -> {state-dict name: tensor}: parameters and buffers that `network` reads from a file, such as those
        of a pretrained encoder: training changes none, no state holds them, and hashes know them by their values. They
        are ideal, and counted by `suite plan`, unless `arrays` names them too or a crossbar programs all parameters.
    prepare(network): renews what the network keeps of its weights for evaluation (the cache of a prefix, as a plain
        attribute that training mode does not read). Called with weights in place, after each programming and before
        any evaluation; such a network is called whole.
    observations: {name: Observation}: named arrays of a trained state that a study may ask for under `observe`.
    settings: {name: default}, each true or false, a number or a text: what a study may set under `workloads`. Data and
        network are given all of them, and each choice has trainings of its own.
    """

    title: str
    data: Callable[..., Splits]
    network: Callable[..., nn.Module]
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
    frozen: Callable[[nn.Module], Mapping[str, Tensor]] = nothing_frozen
    prepare: Callable[[nn.Module], None] | None = None
    settings: Settings = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, wanted in _TAKES.items():
            function = getattr(self, name)
            # What `at` has filled in was looked at before; plans ask for workloads a hundred thousand times.
            if not isinstance(function, partial) and [*signature(function).parameters] != wanted:
                raise SuiteError(
                    f"{name}() does not take what a workload is built with: write {name}({', '.join(wanted)}); scale "
                    "is the study's, settings are {name: value} of `Workload.settings`"
                )
        for name, default in self.settings.items():
            if not isinstance(default, (bool, int, float, str)):
                raise SuiteError(f"settings: {name} is {default!r}; give a default that is a number, a text or a bool")
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

    def data_seed(self, seed: int) -> int:
        """The seed that data are asked with for a training: 0 where they are the same for all."""
        return seed if self.seeded_data else 0

    def at(self, scale: Scale, settings: Settings, epochs: int | None = None) -> Workload:
        """The same with scale and settings filled in, those that are left out by their defaults: `network` is then
        called with the generator alone, `data` with scale, root and seed. epochs: in the recipe's place."""
        chosen = {**self.settings, **settings}
        network = partial(self.network, scale=scale, settings=chosen)
        recipe = self.recipe if epochs is None else lambda scale: replace(self.recipe(scale), epochs=epochs)
        return replace(self, network=network, data=partial(self.data, settings=chosen), recipe=recipe)


_TAKES = {"network": ["generator", "scale", "settings"], "data": ["scale", "root", "seed", "settings"]}


def accuracy(outputs: Tensor, targets: Tensor) -> float:
    """Share of samples whose largest logit is the target's; non-finite rows count as wrong. (N, classes), (N,)."""
    import torch

    right = outputs.argmax(1) == targets
    if not torch.isfinite(outputs.sum()):
        right &= torch.isfinite(outputs).all(1)
    return float(right.sum().item()) / len(targets)
