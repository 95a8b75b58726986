"""The measured devices as pools to search in: what was made, and what each turned out to be.

Two tables of the authors tell how devices were made: that of the 37, and the later one of 43 that adds the voltage of
their "BT", annealing, the wait between cycles and the compliance limit. What a device turned out to be is a sigma: as
the authors store it for the 37, or ours over the whole loop.

The device of the 37 named 1 V and `probe` was swept to 5 V and counts as 5 V here. `replicate` is no feature: recipes
that were made twice stand in the pool as two devices of equal features, and one may be drawn after the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pandas import DataFrame

from suite.data.facts import Perovskite, perovskite_devices, perovskite_workbooks
from suite.data.facts.conditions import Conditions, perovskite_conditions
from suite.lab.fabrication.encoding import Encoder

Array = np.ndarray[Any, Any]

NUMERIC = (
    "length_um",
    "diameter_nm",
    "pb_electrodeposition_min",
    "conversion_time_h",
    "ag_thickness_nm",
    "write_voltage_v",
)
CATEGORICAL = ("third_etch", "conversion_temp_c", "halide", "pmma", "electrode")
# What the later table adds; the compliance limit spans decades and counts by its logarithm.
LATER_NUMERIC = (*NUMERIC, "bt_voltage_v", "wait_min", "log10_compliance_a")
LATER_CATEGORICAL = (*CATEGORICAL, "annealing")
MISNAMED = "0.7um_length_200nm_diameter_NA_third_etch_10min_Pb_ED_1h_180C_MAI_no_100nm_Ag_memory_1V_probe"
SWEPT_TO_V = 5.0
# Below this a sigma is smaller than any ammeter could tell: one device, 7.8e-6.
SUSPECT_SIGMA = 1e-4
STORED, TRUSTED = "all 37", "without sigma 7.8e-6"
WHOLE, LATER_WHOLE = "37, whole loop", "43, whole loop"


@dataclass(frozen=True)
class Pool:
    """Devices to search among: rows of factors, features (n, d) and sigma_log (n,)."""

    name: str
    rows: DataFrame
    sigma_log: Array
    numeric: tuple[str, ...] = NUMERIC
    categorical: tuple[str, ...] = CATEGORICAL

    @property
    def encoder(self) -> Encoder:
        """Ranges and levels of this pool."""
        return Encoder.of(self.rows, self.numeric, self.categorical)

    @property
    def features(self) -> Array:
        """(n, d)."""
        return self.encoder.features(self.rows)


def pools() -> tuple[Pool, ...]:
    """By the stored sigma: all 37 devices, and the 36 without the one that is suspiciously small. Ours over the whole
    loop: the 37, and the 43 by their later table."""
    devices, whole, later = perovskite_devices(), _whole(), tuple(perovskite_conditions().values())
    trusted = [device for device in devices if device.sigma_log > SUSPECT_SIGMA]
    return (
        _pool(STORED, devices, [device.sigma_log for device in devices]),
        _pool(TRUSTED, trusted, [device.sigma_log for device in trusted]),
        _pool(WHOLE, devices, [whole[device.name] for device in devices]),
        _later_pool(LATER_WHOLE, later, [whole[device.device] for device in later]),
    )


def _whole() -> dict[str, float]:
    return {book.device: book.whole.sigma_log for book in perovskite_workbooks() if book.stands}


def _pool(name: str, devices: Sequence[Perovskite], sigma: Sequence[float]) -> Pool:
    rows = DataFrame([{factor: getattr(device, factor) for factor in (*NUMERIC, *CATEGORICAL)} for device in devices])
    rows.loc[[device.name == MISNAMED for device in devices], "write_voltage_v"] = SWEPT_TO_V
    return Pool(name, rows, np.array(sigma))


def _later_pool(name: str, devices: Sequence[Conditions], sigma: Sequence[float]) -> Pool:
    logged = [{**vars(device), "log10_compliance_a": math.log10(device.compliance_a)} for device in devices]
    rows = DataFrame(logged)[[*LATER_NUMERIC, *LATER_CATEGORICAL]]
    return Pool(name, rows, np.array(sigma), LATER_NUMERIC, LATER_CATEGORICAL)
