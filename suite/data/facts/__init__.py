"""The table of 37 perovskite memristors: how each was made, how far its programming strays, how long it is monotone.

Source: Ye et al., "Synergistic Development of Perovskite Memristors and Algorithms for Robust Analog Computing",
arXiv:2412.02779, from the file names and the stored per-device numbers of the authors' repository
(github.com/qiaosun22/BayesMulti, hardware_noise/, commit 5876938b9a296384a69a589b2614d36a9897188c).
`mono_len` is decoded from the repository's older usability, (mono_len / 100) (1 - sigma). Known defects: the device
named 1 V and `probe` was swept to 5 V; the sigma of 7.8e-6 is suspiciously perfect; halide, time, temperature and
silver are confounded (every 1 h device is MAI with 100 nm of silver), so the table supports no causal claim.

`perovskite_workbooks.csv` and `perovskite_curves.csv` hold what follows from the sweeps of these 37 devices and of six
more, by `python -m suite.lab.characterise.perovskite FOLDER`. The workbooks are the authors': same repository and
commit, hardware_noise/hardware_data/, and github.com/qiaosun22/BayesMultiOpenPCDet, commit 23a5b31,
BayesFT/hardware_noise/; the compliance limits stand in BayesFT/fabrication and characterization conditions.xlsx there.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "perovskite_devices.csv"
WORKBOOKS = Path(__file__).parent / "perovskite_workbooks.csv"
CURVES = Path(__file__).parent / "perovskite_curves.csv"
SOURCE = "Ye et al., arXiv:2412.02779, github.com/qiaosun22/BayesMulti"


@dataclass(frozen=True)
class Perovskite:
    """One measured device: eleven facts of fabrication, then what was measured.

    third_etch: "NA" (a level: none), "10s" or "20s"; conversion_temp_c: one temperature or two, as "180+210";
    pmma: "yes" or "no"; electrode: how it was contacted; replicate: 1, or 2 for a second device of the same recipe.
    sigma_log: sigma as stored by the authors, in (0, inf); usability: exp(-sigma_log), to the six digits stored;
    mono_len: monotone length, in steps of the 100-point positive loop.
    """

    length_um: float
    diameter_nm: float
    third_etch: str
    pb_electrodeposition_min: float
    conversion_time_h: float
    conversion_temp_c: str
    halide: str
    pmma: str
    ag_thickness_nm: float
    write_voltage_v: float
    electrode: str
    replicate: int
    sigma_log: float
    usability: float
    mono_len: int

    @property
    def name(self) -> str:
        """The authors' name of the device, as in their files `I-V_data_NAME.xlsx`."""
        layer = "PMMA" if self.pmma == "yes" else "no"
        again = f"_{self.replicate}" if self.replicate > 1 else ""
        return (
            f"{self.length_um:g}um_length_{self.diameter_nm:g}nm_diameter_{self.third_etch}_third_etch_"
            f"{self.pb_electrodeposition_min:g}min_Pb_ED_{self.conversion_time_h:g}h_{self.conversion_temp_c}C_"
            f"{self.halide}_{layer}_{self.ag_thickness_nm:g}nm_Ag_memory_{self.write_voltage_v:g}V_"
            f"{self.electrode}{again}"
        )


@dataclass(frozen=True)
class Spread:
    """One definition of a workbook's sigma. sigma_log; mono_len: monotone length in steps of 100 points; sweep: on
    which the window lies, `rising`, `return` or `both`; at_limit: share of its samples within 2 % of the compliance
    limit."""

    sigma_log: float
    mono_len: int
    sweep: str
    at_limit: float


@dataclass(frozen=True)
class Workbook:
    """One workbook of the authors. path: in the folder of all; device: what its device is called here; stands: whether
    the device's curve is this one's; sigma_stored: as the authors store it (None: for six devices they store none);
    limit_a: compliance limit; points: of the positive loop; authors: rows 1 to 100, raw ratio (None where
    `refused` says why not); whole: the whole loop, log ratio, with its 95 % interval low..high."""

    path: str
    sha256: str
    device: str
    stands: bool
    sigma_stored: float | None
    limit_a: float
    cycles: int
    points: int
    authors: Spread | None
    refused: str
    whole: Spread
    low: float
    high: float

    @property
    def reproduced(self) -> bool:
        """Whether the authors' definition gives the stored sigma, to 4 digits."""
        if self.authors is None or self.sigma_stored is None:
            return False
        return math.isclose(self.authors.sigma_log, self.sigma_stored, rel_tol=1e-4)


@cache
def perovskite_devices() -> tuple[Perovskite, ...]:
    """The 37 devices in the order of the table."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return tuple(_device(row) for row in csv.DictReader(file))


@cache
def perovskite_workbooks() -> tuple[Workbook, ...]:
    """The workbooks of the 37 devices and of six more, in the order of the table."""
    with WORKBOOKS.open(newline="", encoding="utf-8") as file:
        return tuple(_workbook(row) for row in csv.DictReader(file))


@cache
def perovskite_curves() -> dict[str, tuple[float, ...]]:
    """{device name: level ratios (35,)} of the real curves of all 43 devices, over the whole loop."""
    curves: dict[str, tuple[float, ...]] = {}
    with CURVES.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            curves[row["name"]] = (*curves.get(row["name"], ()), float(row["ratio"]))
    return curves


def _workbook(row: dict[str, str]) -> Workbook:
    return Workbook(
        row["workbook"],
        row["sha256"],
        row["device"],
        row["stands"] == "yes",
        float(row["sigma_stored"]) if row["sigma_stored"] else None,
        float(row["limit_a"]),
        int(row["cycles"]),
        int(row["points"]),
        _spread(row, "authors") if row["sigma_authors"] else None,
        row["refused_authors"],
        _spread(row, "whole"),
        float(row["low"]),
        float(row["high"]),
    )


def _spread(row: dict[str, str], of: str) -> Spread:
    sigma, length, share = (row[f"{what}_{of}"] for what in ("sigma", "mono_len", "at_limit"))
    return Spread(float(sigma), int(length), row[f"sweep_{of}"], float(share))


def _device(row: dict[str, str]) -> Perovskite:
    text = ("third_etch", "conversion_temp_c", "halide", "pmma", "electrode")
    whole = ("replicate", "mono_len")
    renamed = {"sigma": "sigma_log"}
    values = {
        renamed.get(field, field): value if field in text else int(value) if field in whole else float(value)
        for field, value in row.items()
    }
    return Perovskite(**values)  # type: ignore[arg-type]
