"""Options that several verbs share, and the context that they describe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from suite.contract import SuiteError

if TYPE_CHECKING:
    from suite.plan.context import Context
    from suite.plan.share import Share
    from suite.studies.study import Study

RESULTS = click.option(
    "--results", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="results folder"
)
ROOT = click.option(
    "--data-root",
    type=click.Path(path_type=Path),
    default=None,
    help="data folder (default: $SUITE_DATA)",
)
STUDY = click.argument("study")
DEVICE = click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)


def context_of(
    study: str,
    results: Path,
    root: Path | None,
    workloads: tuple[str, ...] = (),
    accelerator: Literal["cpu", "cuda"] = "cpu",
    units: Path | None = None,
    share: Share | None = None,
) -> Context:
    """What the options say, with the study loaded. Raises SuiteError."""
    from suite.contract.names import meant
    from suite.plan.context import Context
    from suite.studies.study import load_study

    loaded = load_study(study)
    _check_figures(loaded)
    if unknown := sorted(set(workloads) - set(loaded.workloads)):
        raise SuiteError(f"--workload {unknown[0]}: not in study {loaded.name}{meant(unknown[0], loaded.workloads)}")
    if workloads:
        loaded = loaded.model_copy(update={"workloads": {name: loaded.workloads[name] for name in workloads}})
    if share is not None:
        if units is None:
            raise SuiteError("--part: a part goes into a folder of units; say which with --units FOLDER")
        units = units / str(share)
    return Context(loaded, results, root, accelerator, units, share)


def share_of(_context: click.Context, _option: click.Parameter, value: str | None) -> Share | None:
    """What an option says that takes I/N. Raises SuiteError."""
    from suite.plan.share import Share

    return None if value is None else Share.parsed(value)


def _check_figures(study: Study) -> None:
    from suite import figures

    for name in study.figures:
        try:
            figures.find(name)
        except SuiteError as error:
            raise type(error)(f"{study.at('figures')}: {error}") from error
