"""The trained states of a study that are to be certified, and the law of the masks that they were trained under."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from suite.certify.bounds import Masks
from suite.certify.smoothing import Voter
from suite.contract import SuiteError
from suite.contract.commands import command
from suite.contract.names import meant
from suite.crossbar.frozen import load_learned
from suite.plan.context import Context
from suite.plan.parts import WorkloadPlan
from suite.plan.plan import make_plan
from suite.plan.units import FitUnit
from suite.results import store


def fits(context: Context, workload: str, labels: tuple[str, ...], seed: int) -> Iterator[FitUnit]:
    """The training of every label, in their order. Raises SuiteError for what the study lacks or has not trained."""
    part = _part(context, workload)
    known = {fit.contestant.label: fit for fit in part.fits(context.study) if fit.seed == seed}
    if not known:
        raise SuiteError(f"--seed {seed}: {context.study.at('seeds')} has {', '.join(map(str, context.study.seeds))}")
    for label in labels:
        if label not in known:
            raise SuiteError(f"--method {label}: not among this study's methods for {workload}{meant(label, known)}")
        if known[label].contestant.entry.adapt is not None:
            raise SuiteError(f"--method {label}: adapts to every chip, so no one state of it can be certified")
        if not store.has(context.store, known[label].hash):
            raise SuiteError(
                f"{label} on {workload}, seed {seed}: not trained yet; "
                f"run `{command('run', context.study.reference, '--workload', workload, '--stage', 'train')}` first"
            )
        yield known[label]


def voter(context: Context, fit: FitUnit) -> Voter:
    """The trained network of `fit` on the test set called "test" (the only one, if it goes by another name)."""
    name, seed = fit.contestant.workload, fit.seed
    workload, tests = context.workload(name), context.splits(name, seed).tests
    network = context.initial_network(name, seed)
    load_learned(workload, network, store.load(context.store, fit.hash))
    return Voter.of(
        workload,
        network.to(context.accelerator),
        tests.get("test", next(iter(tests.values()))),
        context.key(name, seed),
    )


def law(context: Context, fit: FitUnit, rate: float | None, half_share: float | None) -> Masks:
    """The law of the masks: as asked, else the one that BayesMulti disturbed the state's weights with.

    Raises SuiteError where training used none, or different ones for different layers.
    """
    label, params = fit.contestant.label, _trained_under(context, fit)
    if rate is None:
        rate = _common(params, "rate_", label, "--rate")
    if half_share is None:
        shares = any(name.startswith("half_share_") for name in params)
        half_share = _common(params, "half_share_", label, "--half-share") if shares else 0.5
    try:
        return Masks(rate, half_share)
    except ValueError as error:
        raise SuiteError(f"{label}: {error}; say --rate and --half-share") from error


def _trained_under(context: Context, fit: FitUnit) -> Mapping[str, float]:
    """The parameters of multinomial weight noise; {} where a method has rates of another meaning."""
    entry = fit.contestant.entry
    if entry.method != "bayesmulti" or entry.options.get("target") != "weight":
        return {}
    params: Mapping[str, float] = store.metadata(context.store, fit.hash)["params"]
    return params


def _common(params: Mapping[str, float], prefix: str, label: str, option: str) -> float:
    found = sorted({value for name, value in params.items() if name.startswith(prefix)})
    if len(found) != 1:
        listed = ", ".join(f"{value:g}" for value in found) or "none"
        raise SuiteError(
            f"{label}: the masks have one {prefix.rstrip('_')} for all arrays, its training had {listed}; say {option}"
        )
    return found[0]


def _part(context: Context, workload: str) -> WorkloadPlan:
    plan = make_plan(context, None)
    if workload in plan.left_out:
        raise SuiteError(f"{workload}: {plan.left_out[workload]}")
    return plan.workloads[workload]
