"""The authors' later table of 43 perovskite memristors: how each was made and measured, and their own numbers of it.

Facts of `BayesFT/fabrication and characterization conditions.xlsx` in github.com/qiaosun22/BayesMultiOpenPCDet, commit
23a5b31, by `python -m suite.lab.characterise.perovskite FOLDER`. Its sigma is not the one of the table of 37: neither
rows nor window of it are stated. `lenet` is the accuracy of a LeNet on MNIST under the device; with which training it
was made is not said either. Two of its rows lie far off the trend over sigma, whatever the cause.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CONDITIONS = Path(__file__).parent / "perovskite_conditions.csv"
# Columns that hold a level and no number, as in the table of 37; "NA" is a level of third_etch: none.
TEXTS = ("device", "third_etch", "conversion_temp_c", "halide", "pmma", "electrode", "annealing")


@dataclass(frozen=True)
class Conditions:
    """One device: factors of fabrication and of the measurement, then numbers of the authors.

    bt_voltage_v: their "BT voltage"; annealing: "500C_5h" or "no"; wait_min: between cycles; compliance_a: limit
    of the current; sigma_log, monotonicity: of their later definition; lenet: accuracy, a share of 1.
    """

    device: str
    length_um: float
    diameter_nm: float
    bt_voltage_v: float
    annealing: str
    third_etch: str
    pb_electrodeposition_min: float
    conversion_time_h: float
    conversion_temp_c: str
    halide: str
    pmma: str
    ag_thickness_nm: float
    write_voltage_v: float
    electrode: str
    wait_min: float
    compliance_a: float
    sigma_log: float
    monotonicity: float
    lenet: float


@cache
def perovskite_conditions() -> dict[str, Conditions]:
    """{device: conditions} of all 43, in the order of `perovskite_workbooks`."""
    with CONDITIONS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {row["device"]: _conditions(row) for row in rows}


def _conditions(row: dict[str, str]) -> Conditions:
    values = {field: text if field in TEXTS else float(text) for field, text in row.items()}
    return Conditions(**values)  # type: ignore[arg-type]
