"""Two kinds of running statistics of batch normalisation: as training left them, or estimated anew without noise.

A method's noise moves the mean and the spread of every feature map, and training gathers those of the disturbed
network; what is scored has no such noise. `trained`: as gathered. `clean`: the mean over one more pass through the
training data after training, in evaluation mode, without noise and augmentation, in a keyed order and in batches of the
recipe's size. Neither is the better one for every network: where a study fixes none, a contestant's objective decides
(ADR 17). Whatever else a network gathers in buffers of its own stays as training left it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from suite.contract import Recipe, Splits, Workload, seeded
from suite.contract.method import Statistics
from suite.contract.registry import registry
from suite.contract.seeds import numpy_generator, torch_generator

if TYPE_CHECKING:
    from torch import Tensor, nn

    from suite.plan.context import Context
    from suite.plan.units import Contestant

# Of equals the first is taken: what training left.
KINDS: tuple[Statistics, ...] = get_args(Statistics)


def possible_kinds(
    context: Context, contestant: Contestant, network: nn.Module | None = None
) -> tuple[Statistics, ...]:
    """The kinds that a contestant's networks may have; () where there is nothing to say: no running statistics, or
    those of a training without noise. network: any one of theirs; None: a fresh one."""
    from suite.sweep.engine.normalisation import statistics

    workload, entry = context.workload(contestant.workload), contestant.entry
    method = registry(context.study.plugins).method(entry.method)
    noisy = workload.trainable and method.disturbs
    if entry.statistics is None and not noisy:
        return ()
    if network is None:
        stream = context.stream(contestant.workload)
        network = workload.network(torch_generator(context.study.entropy, "space", stream))
    if not statistics(network):
        return ()
    return KINDS if entry.statistics is None else (entry.statistics,)


def with_statistics(
    context: Context, contestant: Contestant, seed: int, network: nn.Module, kind: Statistics | None
) -> nn.Module:
    """The same network, just trained, with its statistics of that kind (None: as training left them)."""
    if kind == "clean":
        name, workload = contestant.workload, context.workload(contestant.workload)
        recipe, splits = workload.recipe(context.study.scale), context.splits(name, seed)
        network.to(context.accelerator)
        stream, entropy = context.stream(name), context.study.entropy
        found = estimated(workload, network, splits, recipe, name=stream, entropy=entropy, seed=seed)
        network.load_state_dict(found, strict=False)
    return network


def estimated(
    workload: Workload, network: nn.Module, splits: Splits, recipe: Recipe, *, name: str, entropy: int, seed: int
) -> dict[str, Tensor]:
    """{state-dict name: running mean or variance} of the `clean` kind, where the network lies; {} where it has none.

    Each batch is normalised by its own statistics, as in training, and all count the same.
    """
    import torch

    from suite.sweep.engine.normalisation import recalibrated, statistics
    from suite.training.loop import Batches

    held = statistics(network)
    if not held:
        return {}
    order = numpy_generator(entropy, "running-statistics", name, seed)
    generator = torch_generator(entropy, "running-statistics", name, seed)
    device = str(next(iter(held.values())).device)
    batches = Batches(workload, replace(splits, augment=None), recipe.batch, order, generator, device)

    def run() -> None:
        for batch in batches:
            _ = network(batch[0]) if workload.outputs is None else workload.outputs(network, batch, generator)

    # Layers that draw by themselves take torch's global stream.
    with torch.no_grad(), seeded(generator):
        if workload.prepare is not None:
            workload.prepare(network.eval())
        return recalibrated(network.eval(), run)
