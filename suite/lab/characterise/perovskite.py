"""The authors' workbooks -> the packaged tables of numbers that follow from them.

`python -m suite.lab.characterise.perovskite FOLDER` writes them anew. FOLDER holds their workbooks (`*.xlsx`, in
folders or not) and `conditions_43.csv`, the table of their `fabrication and characterization conditions.xlsx`. A
device's curve is that of the workbook which gives the sigma that they store for it; of several, or where none does,
that of `devices_43`, the later collection.
"""

from __future__ import annotations

import csv
import math
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract.digests import file_hash
from suite.data.facts import CURVES, WORKBOOKS, perovskite_devices
from suite.data.facts.conditions import CONDITIONS
from suite.lab.characterise.fit import Fitted, fit_device
from suite.lab.characterise.loop import loop_points
from suite.lab.characterise.mapping import LEVELS, POINTS
from suite.lab.characterise.readers import read_devices
from suite.lab.characterise.sweeps import SweepError

if TYPE_CHECKING:
    from suite.lab.characterise.device_fit import DeviceFit

_LATER = "devices_43"
# A current this near to its limit sits on it.
_AT_LIMIT = 0.02
# In which files and the table of 37 differ for one device: what the later names add, the notes' other conversion of
# MABr, and a silver layer of 0 nm.
_DIFFERING = re.compile(r"^(not used )?I-V_data_|_BT_4V|_no_wait|_\d+h_[\d+]+C")

# Columns of their table of conditions whose numbers stand with their units, and what its contacts are called elsewhere.
_WITH_UNITS = ("AAO length", "AAO diameter", "BT voltage", "Pb ED", "CVD time (min)", "Ag thickness", "running bias")
_CONTACTS = {"carbon": "carbon_paste", "silver": "silver_paste", "probe": "probe"}


@dataclass(frozen=True)
class _Measured:
    """One workbook under both definitions."""

    path: Path
    device: str
    sigma_stored: float | None
    limit_a: float
    authors: Fitted | None
    refused: str
    whole: Fitted

    @property
    def rank(self) -> tuple[bool, bool, str]:
        """The first of a device's workbooks stands for it."""
        stored = self.sigma_stored
        ours = self.authors.fit.sigma_log if self.authors else math.nan
        return (
            not (stored and math.isclose(ours, stored, rel_tol=1e-4)),
            self.path.parent.name != _LATER,
            str(self.path),
        )


def measured_workbooks(folder: Path) -> list[_Measured]:
    """Every workbook below a folder, fitted by both definitions; sorted by device. Raises SweepError."""
    stored = {_key(device.name): device for device in perovskite_devices()}
    limits = _limits(folder / "conditions_43.csv")
    found = []
    for path in sorted(folder.rglob("*.xlsx")):
        key = _key(path.stem)
        device = stored.get(key)
        (sweeps,) = read_devices(path, gaps=True)
        whole = fit_device(sweeps)
        try:
            authors, refused = fit_device(sweeps, "authors"), ""
        except SweepError as error:
            authors, refused = None, str(error).removeprefix(f"{path}: ").partition(";")[0]
        name = device.name if device else whole.fit.name
        found.append(_Measured(path, name, device.sigma_log if device else None, limits[key], authors, refused, whole))
    order = [device.name for device in perovskite_devices()]
    place = {name: at for at, name in enumerate([*order, *sorted({each.device for each in found} - set(order))])}
    return sorted(found, key=lambda each: (place[each.device], *each.rank))


def _limits(table: Path) -> dict[str, float]:
    return {key: float(row["compliance current"]) for key, row in _conditions(table).items()}


def _conditions(table: Path) -> dict[str, dict[str, str]]:
    with table.open(newline="", encoding="utf-8") as file:
        return {_key(row["file name"].removesuffix(".xlsx")): row for row in csv.DictReader(file)}


def condition_rows(found: Sequence[_Measured], folder: Path) -> Iterator[dict[str, object]]:
    """The rows of `perovskite_conditions.csv`, one per device; levels are written as in the table of 37."""
    rows = _conditions(folder / "conditions_43.csv")
    paths: dict[str, Path] = {}
    for each in found:
        paths.setdefault(each.device, each.path)
    for device, path in paths.items():
        row, number = rows[_key(path.stem)], dict[str, str]()
        for name in _WITH_UNITS:
            number[name] = re.sub(r"[a-zA-Z]+$", "", row[name])
        yield {
            "device": device,
            "length_um": number["AAO length"],
            "diameter_nm": number["AAO diameter"],
            "bt_voltage_v": number["BT voltage"],
            "annealing": "500C_5h" if "annealing" in row["file name"] else "no",
            "third_etch": row["third etch"] or "NA",
            "pb_electrodeposition_min": number["Pb ED"],
            "conversion_time_h": number["CVD time (min)"],
            "conversion_temp_c": row["CVD temperature (C)"].removesuffix("C"),
            "halide": row["material"],
            "pmma": "no" if row["PMMA"] == "no" else "yes",
            "ag_thickness_nm": number["Ag thickness"],
            "write_voltage_v": number["running bias"],
            "electrode": _CONTACTS[row["contact type"]],
            "wait_min": row["wait between cyles"].replace("no", "0").removesuffix("min"),
            "compliance_a": row["compliance current"],
            "sigma_log": f"{float(row['sigma']):.6g}",
            "monotonicity": row["monotonicity"],
            "lenet": f"{float(row['lenet mnist']):.4g}",
        }


def _key(name: str) -> str:
    return _DIFFERING.sub("", name.replace("_0nm_Ag", "_100nm_Ag"))


def workbook_rows(found: Sequence[_Measured], folder: Path) -> Iterator[dict[str, object]]:
    """The rows of `perovskite_workbooks.csv`."""
    seen = set[str]()
    for each in found:
        fit = each.whole.fit
        yield {
            "workbook": each.path.relative_to(folder).as_posix(),
            "sha256": file_hash(each.path),
            "device": each.device,
            "stands": "no" if each.device in seen else "yes",
            "sigma_stored": each.sigma_stored,
            "limit_a": each.limit_a,
            "cycles": fit.cycles,
            "points": loop_points(each.whole.sweeps),
            **_definition("authors", each.authors, each.limit_a),
            "refused_authors": each.refused,
            **_definition("whole", each.whole, each.limit_a),
            "low": _rounded(fit.sigma_low),
            "high": _rounded(fit.sigma_high),
        }
        seen.add(each.device)


def _definition(of: str, fitted: Fitted | None, limit: float) -> dict[str, object]:
    if fitted is None:
        return dict.fromkeys((f"sigma_{of}", f"mono_len_{of}", f"sweep_{of}", f"at_limit_{of}"), "")
    fit = fitted.fit
    return {
        f"sigma_{of}": _rounded(fit.sigma_log),
        f"mono_len_{of}": fit.mono_len,
        f"sweep_{of}": _sweep(fitted),
        f"at_limit_{of}": round(_at_limit(fitted, limit), 3),
    }


def _rounded(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _sweep(fitted: Fitted) -> str:
    """Where nine tenths of the window's points lie: before the first of the largest voltage, or from it on."""
    loop, (start, end) = fitted.loop, fitted.fit.window
    inside = loop.places[(loop.places >= start) & (loop.places <= end)]
    returning = float((inside >= loop.places[loop.voltage.argmax()]).mean())
    return "rising" if returning <= 0.1 else "return" if returning >= 0.9 else "both"


def _at_limit(fitted: Fitted, limit: float) -> float:
    """The share of the window's samples whose current is within 2 % of the compliance limit."""
    import numpy as np

    loop, (start, end) = fitted.loop, fitted.fit.window
    inside = (loop.places >= start) & (loop.places <= end)
    current = np.abs(loop.conductance * loop.voltage[:, None])[inside]
    return float((np.abs(current[~np.isnan(current)] / limit - 1) <= _AT_LIMIT).mean())


def curve_rows(found: Sequence[_Measured]) -> Iterator[dict[str, object]]:
    """The rows of `perovskite_curves.csv`: 35 conductance levels and what each is multiplied by, a device."""
    seen = set[str]()
    for each in found:
        if each.device not in seen:
            yield from _levels(each.device, each.whole.fit)
        seen.add(each.device)


def _levels(device: str, fit: DeviceFit) -> Iterator[dict[str, object]]:
    first = min(fit.window[0], POINTS - LEVELS)
    for level, ratio in enumerate(fit.level_ratio):
        conductance = f"{fit.conductance_uS[first + level]:.6g}"
        yield {"name": device, "level": level, "conductance_us": conductance, "ratio": f"{ratio:.6g}"}


def write_table(path: Path, rows: Sequence[dict[str, object]]) -> None:
    """A CSV with a header."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    books = measured_workbooks(Path(sys.argv[1]))
    write_table(WORKBOOKS, list(workbook_rows(books, Path(sys.argv[1]))))
    write_table(CURVES, list(curve_rows(books)))
    write_table(CONDITIONS, list(condition_rows(books, Path(sys.argv[1]))))
