"""What a trained network is worth to the search of its contestant, and the kind of running statistics that decides it.

A network trained under noise is scored with both kinds (suite.run.running_statistics), which costs no training; what it
is worth with the better one counts, and the record says which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suite.contract.seeds import TUNING_SEED
from suite.run.running_statistics import possible_kinds, with_statistics

if TYPE_CHECKING:
    from torch import nn

    from suite.plan.context import Context
    from suite.plan.units import Contestant


def worth(context: Context, contestant: Contestant, network: nn.Module) -> dict[str, Any]:
    """The objective of a network trained with the tuning seed, and its parts; `statistics`: with which kind, and
    `by_statistics` with either, where there are two or the study fixes one. Of equals the earlier of KINDS counts.

    The network keeps the statistics that were tried last.
    """
    kinds = possible_kinds(context, contestant, network)
    if not kinds:
        return _objective(context, contestant, network)
    found = {
        kind: _objective(context, contestant, with_statistics(context, contestant, TUNING_SEED, network, kind))
        for kind in kinds
    }
    best = max(kinds, key=lambda kind: found[kind]["value"])
    return {**found[best], "statistics": best, "by_statistics": {kind: found[kind]["value"] for kind in kinds}}


def _objective(context: Context, contestant: Contestant, network: nn.Module) -> dict[str, Any]:
    from suite.training.search import objective

    name, tuning = contestant.workload, context.study.tuning
    return objective(
        context.workload(name),
        network.to(context.accelerator),
        context.splits(name, TUNING_SEED),
        kind=contestant.entry.objective,
        sigma_log=tuning.sigma_log,
        realisations=tuning.realisations,
        key=context.key(name, TUNING_SEED, ["lognormal"]),
    )
