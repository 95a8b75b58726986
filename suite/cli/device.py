"""The verbs about memory devices: from measured sweeps to a usability."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from suite.contract import SuiteError

if TYPE_CHECKING:
    from suite.lab.characterise.fit import Estimator


@click.group()
def device() -> None:
    """Characterise memory devices.

    \b
    Example: suite device fit my_sweeps.csv --current-unit mA
    """


@device.command("fit")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--retention",
    type=click.Path(path_type=Path),
    default=None,
    help="instead of sweeps: a CSV of seconds, target_uS, conductance_uS",
)
@click.option("--compat", type=click.Choice(["authors"]), default=None, help="sigma as the authors' repository has it")
@click.option("--current-unit", type=click.Choice(["A", "mA", "uA", "nA", "pA"]), help="for headers that name none")
@click.option("--voltage-unit", type=click.Choice(["V", "mV", "uV", "kV"]), help="for headers that name none")
@click.option("--leave-out-gaps", is_flag=True, help="leave out cycles that lack a current in their middle")
@click.option("--out", type=click.Path(path_type=Path), default=Path("results/devices"), show_default=True)
def device_fit(
    files: tuple[Path, ...],
    retention: Path | None,
    compat: Estimator | None,
    current_unit: str | None,
    voltage_unit: str | None,
    leave_out_gaps: bool,
    out: Path,
) -> None:
    """I-V sweeps (xlsx, CSV, TSV) to sigma, usability and a one-page device card.

    \b
    Writes NAME.json, NAME.pdf and NAME.png of every device; a file that cannot be used stops no other. A study uses
    the JSON:
      conditions:
        - {device: measured, fits: [results/devices/NAME.json]}
    Cells read again some time after they were programmed make a device of their own, OUT/devices/NAME.py with a table
    of quantiles, and a card; a study finds it by `plugins: [OUT]` and sweeps its `seconds`.

    
    Example: suite device fit my_sweeps.csv --current-unit mA
    Example: suite device fit --retention cells.csv
    """
    from suite.report.device_card import fit_files, line

    if (retention is None) == (not files):
        raise SuiteError("give files of sweeps, or --retention with one file of readings over time")
    if retention is not None:
        from suite.report.retention_card import lines, make_device

        click.echo("\n".join([*lines(make_device(retention, out)), f"device and card are in {out}"]))
        return
    fitted, refused = 0, list[SuiteError]()
    # The authors' definition takes what a cycle has.
    gaps = leave_out_gaps or compat == "authors"
    for fit in fit_files(files, out, compat or "log_mle", current_unit, voltage_unit, gaps):
        if isinstance(fit, SuiteError):
            refused.append(fit)
        else:
            fitted += 1
            click.echo(line(fit))
    if fitted:
        click.echo(f"cards and fits are in {out}")
    if refused:
        raise SuiteError("\n".join([*(["not fitted:"] if len(files) > 1 else []), *map(str, refused)]))
