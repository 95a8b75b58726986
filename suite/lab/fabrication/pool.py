"""The 37 measured devices as a pool to search in: what was made, and what each turned out to be.

The device named 1 V and `probe` was swept to 5 V and counts as 5 V here. `replicate` is no feature: the two recipes
that were made twice stand in the pool as two devices of equal features each, and one may be drawn after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pandas import DataFrame

from suite.data.facts import Perovskite, perovskite_devices
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
MISNAMED = "0.7um_length_200nm_diameter_NA_third_etch_10min_Pb_ED_1h_180C_MAI_no_100nm_Ag_memory_1V_probe"
SWEPT_TO_V = 5.0
# Below this a sigma is smaller than any ammeter could tell: one device, 7.8e-6.
SUSPECT_SIGMA = 1e-4


@dataclass(frozen=True)
class Pool:
    """Devices to search among: rows of factors, features (n, d) and sigma_log (n,)."""

    name: str
    rows: DataFrame
    sigma_log: Array

    @property
    def encoder(self) -> Encoder:
        """Ranges and levels of this pool."""
        return Encoder.of(self.rows, NUMERIC, CATEGORICAL)

    @property
    def features(self) -> Array:
        """(n, d)."""
        return self.encoder.features(self.rows)


def pools() -> tuple[Pool, Pool]:
    """All 37 devices, and the 36 without the one whose sigma is suspiciously small."""
    devices = perovskite_devices()
    trusted = [device for device in devices if device.sigma_log > SUSPECT_SIGMA]
    return _pool("all 37", devices), _pool("without sigma 7.8e-6", trusted)


def _pool(name: str, devices: tuple[Perovskite, ...] | list[Perovskite]) -> Pool:
    rows = DataFrame([{factor: getattr(device, factor) for factor in (*NUMERIC, *CATEGORICAL)} for device in devices])
    rows.loc[[device.name == MISNAMED for device in devices], "write_voltage_v"] = SWEPT_TO_V
    return Pool(name, rows, np.array([device.sigma_log for device in devices]))
