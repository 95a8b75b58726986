"""Specimens: measured devices that a study can put under a workload, from the packaged table or from a user's fit.

Every device of the table has its real curve: the mean conductance over the whole loop, from which the level ratios
follow. sigma is one of three: `stored`, that of the authors' table of 37, and of the six devices of which it has none
ours; `later`, that of their later table of 43; `whole`, ours over the whole loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from suite.contract import Condition, SuiteError
from suite.contract.names import meant
from suite.data.facts import Workbook, perovskite_curves, perovskite_workbooks
from suite.data.facts.conditions import perovskite_conditions
from suite.lab.characterise.device_fit import load_fit

WhichSigma = Literal["stored", "later", "whole"]


@dataclass(frozen=True)
class Specimen:
    """One measured device: sigma_log, monotone length and level ratios (35,), () where all of them are 1."""

    name: str
    sigma_log: float
    mono_len: int
    level_ratio: tuple[float, ...]
    curve_source: Literal["measured"] = "measured"

    def condition(self, crossbar: str) -> Condition:
        """The condition of the device `measured` that stands for it."""
        return Condition.of(
            sigma_log=self.sigma_log,
            device="measured",
            crossbar=crossbar,
            curve_source=self.curve_source,
            specimen=self.name,
            level_ratio=self.level_ratio,
        )


def specimens(
    devices: Sequence[str] | Literal["all"], fits: Sequence[Path], which: WhichSigma = "stored"
) -> tuple[Specimen, ...]:
    """The named devices of the table (or all 43) with that sigma of theirs, and the fitted files, in this order.

    Raises SuiteError.
    """
    table = {book.device: book for book in perovskite_workbooks() if book.stands}
    names = list(table) if devices == "all" else devices
    for name in names:
        if name not in table:
            raise SuiteError(f"no device {name!r} in the table{meant(name, table)}")
    return (*(_of_table(table[name], which) for name in names), *map(_of_file, fits))


def _of_table(book: Workbook, which: WhichSigma) -> Specimen:
    sigma = book.whole.sigma_log
    if which == "later":
        sigma = perovskite_conditions()[book.device].sigma_log
    elif which == "stored" and book.sigma_stored is not None:
        sigma = book.sigma_stored
    return Specimen(book.device, sigma, book.whole.mono_len, _unless_all_one(perovskite_curves()[book.device]))


def _of_file(path: Path) -> Specimen:
    fit = load_fit(path)
    return Specimen(fit.name, fit.sigma_log, fit.mono_len, _unless_all_one(fit.level_ratio), fit.curve_source)


def _unless_all_one(ratio: tuple[float, ...]) -> tuple[float, ...]:
    return () if all(value == 1.0 for value in ratio) else ratio
