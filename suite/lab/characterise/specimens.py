"""Specimens: measured devices that a study can put under a workload, from the packaged table or from a user's fit.

Three of the 37 devices of the table have a public curve. Of the others only sigma and the monotone length m are known,
so their curve is made up: the first m levels keep their value, each level beyond is multiplied by one number, the mean
ratio beyond the window of the three public curves (mean per device, then over devices: about 0.29). All three lose
their value at once beyond the window, which is why the made-up curve is a step; it starts at level 0, as theirs do.
Such a specimen says `synthetic`, also where m >= 35 and every ratio is 1 whatever the curve. Conclusions on the length
rest on the three measured curves alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Literal

from suite.contract import Condition, SuiteError
from suite.contract.names import meant
from suite.data.facts import Perovskite, perovskite_curves, perovskite_devices
from suite.lab.characterise.device_fit import load_fit
from suite.lab.characterise.mapping import LEVELS


@dataclass(frozen=True)
class Specimen:
    """One measured device: sigma_log, monotone length and level ratios (35,), () where all of them are 1."""

    name: str
    sigma_log: float
    mono_len: int
    level_ratio: tuple[float, ...]
    curve_source: Literal["measured", "synthetic"]

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


def specimens(devices: Sequence[str] | Literal["all"], fits: Sequence[Path]) -> tuple[Specimen, ...]:
    """The named devices of the table (or all 37) and the fitted files, in this order. Raises SuiteError."""
    table = {device.name: device for device in perovskite_devices()}
    names = list(table) if devices == "all" else devices
    for name in names:
        if name not in table:
            raise SuiteError(f"no device {name!r} in the table{meant(name, table)}")
    return (*(_of_table(table[name]) for name in names), *map(_of_file, fits))


def _of_table(device: Perovskite) -> Specimen:
    curve = perovskite_curves().get(device.name)
    ratio = step_curve(device.mono_len) if curve is None else curve
    source: Literal["measured", "synthetic"] = "synthetic" if curve is None else "measured"
    return Specimen(device.name, device.sigma_log, device.mono_len, _unless_all_one(ratio), source)


def _of_file(path: Path) -> Specimen:
    fit = load_fit(path)
    return Specimen(fit.name, fit.sigma_log, fit.mono_len, _unless_all_one(fit.level_ratio), fit.curve_source)


def step_curve(mono_len: int) -> tuple[float, ...]:
    """The made-up level ratios (35,) of a device of which only the monotone length is known."""
    beyond = [fmean(ratio for ratio in curve if ratio != 1.0) for curve in perovskite_curves().values()]
    kept = min(mono_len, LEVELS)
    return (1.0,) * kept + (round(fmean(beyond), 6),) * (LEVELS - kept)


def _unless_all_one(ratio: tuple[float, ...]) -> tuple[float, ...]:
    return () if all(value == 1.0 for value in ratio) else ratio
