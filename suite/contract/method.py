"""The method part of the contract: a way to train, and the noise that it puts on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import TYPE_CHECKING, Any, Literal

from suite.contract.errors import SuiteError
from suite.contract.noise import Handle

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

# Of batch normalisation: as training gathered them, or estimated anew without noise (suite.run.running_statistics).
Statistics = Literal["trained", "clean"]


@dataclass(frozen=True)
class Range:
    """One dimension of a search space; `probe` is the value tried first."""

    low: float
    high: float
    probe: float
    log: bool = False


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
    adapt(workload, chip, splits, recipe, generator, **options): fits a trained network to one `Chip`, between training
        and sweep, once for each condition and realisation. splits: without test sets; generator: a stream of the
        realisation. A file with this function has none of the others: studies name it under `adapt` of a method.
    options: {name: allowed values}, the first is the default.
    """

    title: str
    source: str
    space: Callable[..., dict[str, Range]] = no_space
    attach: Callable[..., Sequence[Handle]] = no_noise
    on_step: OnStep | None = None
    fit: Callable[[Callable[[], None], nn.Module], None] | None = None
    adapt: Callable[..., None] | None = None
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
        if self.adapt is not None and (self.disturbs or self.space is not no_space):
            raise SuiteError(
                "adapt() stands beside functions that train: give it a file of its own, which a study names under "
                "`adapt` of whichever method trains"
            )

    @property
    def disturbs(self) -> bool:
        """Whether it changes what a training sees. Whoever puts nothing on, at no step, trains on what is scored."""
        return self.attach is not no_noise or self.on_step is not None or self.fit is not None

    def complete(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Every option of this method: what is left out has its default."""
        return {name: values[0] for name, values in self.options.items()} | dict(options)
