"""Certificates of a study's trained states as files: figure, curve and samples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.certify.certificate import Certificate, Effort, certify
from suite.certify.states import fits, law, voter
from suite.contract.sources import told
from suite.figures.certificate import certificate_figure
from suite.figures.render import Rendered, render_figure
from suite.plan.context import Context
from suite.results.files import write_bytes

if TYPE_CHECKING:
    from pandas import DataFrame


def certificates(
    context: Context,
    workload: str,
    labels: tuple[str, ...],
    seed: int,
    effort: Effort,
    rate: float | None = None,
    half_share: float | None = None,
) -> dict[str, Certificate]:
    """The certificate of every method label, trained with `seed`; masks as asked, else as in training.

    Raises SuiteError: unknown names, nothing trained, no classifier, or no law of masks.
    """
    chosen = list(fits(context, workload, labels, seed))
    laws = [law(context, fit, rate, half_share) for fit in chosen]
    return {
        fit.contestant.label: certify(voter(context, fit), masks, effort)
        for fit, masks in zip(chosen, laws, strict=True)
    }


def write(found: dict[str, Certificate], context: Context, workload: str, seed: int, folder: Path) -> list[Path]:
    """certificate_WORKLOAD.pdf, .png and .csv (the curves), and certificate_WORKLOAD_samples.csv, into `folder`."""
    name, place = f"certificate_{workload.replace('/', '-')}", _place(context, workload, seed)
    no_cube: Any = None
    drawn = render_figure(name, certificate_figure(curves(found, place)), no_cube, folder, context.study.name)
    assert isinstance(drawn, Rendered)
    samples = folder / f"{name}_samples.csv"
    write_bytes(samples, _samples(found, place).to_csv(index=False, lineterminator="\n", float_format="%.6g").encode())
    return [*drawn.paths, samples]


def curves(found: dict[str, Certificate], place: dict[str, Any]) -> DataFrame:
    """A row per contestant, kind of fault and number of faulty cells, with the facts of the certificate."""
    import pandas

    return pandas.concat(
        [one.curve.assign(**place, contestant=label, **one.facts) for label, one in found.items()], ignore_index=True
    )


def lines(found: dict[str, Certificate]) -> Iterator[str]:
    """The certified accuracies in words, method by method."""
    for label, one in found.items():
        facts, curve = one.facts, one.curve
        yield (
            f"{label}: masks with p1 = {facts['p_zero']:g}, p2 = {facts['p_half']:g}; accuracy {facts['smoothed']:.4f} "
            f"smoothed, {facts['plain']:.4f} without masks, on {facts['n_samples']} samples, {facts['n_cells']} cells"
        )
        for kind, rows in curve.groupby("kind", sort=False):
            shown = rows[rows["patterns"] > 0]
            pairs = ", ".join(f"{row.cells}: {row.certified:.3f} ({row.worst:.3f})" for row in shown.itertuples())
            yield f"  {kind} faults: certified (worst of {int(shown['patterns'].max())} random sets) {pairs}"


def _samples(found: dict[str, Certificate], place: dict[str, Any]) -> DataFrame:
    import pandas

    return pandas.concat(
        [one.samples.assign(**place, contestant=label) for label, one in found.items()], ignore_index=True
    )


def _place(context: Context, workload: str, seed: int) -> dict[str, Any]:
    return {"workload": workload, "source": told(context.splits(workload, seed).source), "seed": seed}
