"""The table of 37 perovskite memristors: how each was made, how far its programming strays, how long it is monotone.

Source: Ye et al., "Synergistic Development of Perovskite Memristors and Algorithms for Robust Analog Computing",
arXiv:2412.02779, from the file names and the stored per-device numbers of the authors' repository
(github.com/qiaosun22/BayesMulti, hardware_noise/, commit 5876938b9a296384a69a589b2614d36a9897188c).
`mono_len` is decoded from the repository's older usability, (mono_len / 100) (1 - sigma). Known defects: the device
named 1 V and `probe` was swept to 5 V; the sigma of 7.8e-6 is suspiciously perfect; halide, time, temperature and
silver are confounded (every 1 h device is MAI with 100 nm of silver), so the table supports no causal claim.

`perovskite_curves.csv` holds the 35 level ratios of the three devices whose sweeps are public, as `suite device fit`
computes them from the authors' workbooks (same commit, hardware_noise/hardware_data/).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "perovskite_devices.csv"
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


@cache
def perovskite_devices() -> tuple[Perovskite, ...]:
    """The 37 devices in the order of the table."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return tuple(_device(row) for row in csv.DictReader(file))


@cache
def perovskite_curves() -> dict[str, tuple[float, ...]]:
    """{device name: level ratios (35,)} of the three devices whose curves are public."""
    curves: dict[str, tuple[float, ...]] = {}
    with CURVES.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            curves[row["name"]] = (*curves.get(row["name"], ()), float(row["ratio"]))
    return curves


def _device(row: dict[str, str]) -> Perovskite:
    text = ("third_etch", "conversion_temp_c", "halide", "pmma", "electrode")
    whole = ("replicate", "mono_len")
    renamed = {"sigma": "sigma_log"}
    values = {
        renamed.get(field, field): value if field in text else int(value) if field in whole else float(value)
        for field, value in row.items()
    }
    return Perovskite(**values)  # type: ignore[arg-type]
