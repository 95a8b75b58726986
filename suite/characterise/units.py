"""Units of columns: from the header of a table, from a flag, else SI."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from suite.characterise.sweeps import SweepError

CURRENT = {"A": 1.0, "mA": 1e-3, "uA": 1e-6, "µA": 1e-6, "μA": 1e-6, "nA": 1e-9, "pA": 1e-12}
VOLTAGE = {"V": 1.0, "mV": 1e-3, "uV": 1e-6, "µV": 1e-6, "μV": 1e-6, "kV": 1e3}
_BRACKETS = re.compile(r"[\(\[]\s*([^\)\]]+?)\s*[\)\]]")
_NOT_LETTERS = re.compile(r"[^A-Za-zµμ]+")


def stated(file: Path, header: str, units: Mapping[str, float]) -> str | None:
    """The unit that a header names, as in "current (mA)", "I [uA]" or "V_mV"; None where it names none.

    Raises SweepError for a unit in brackets that is not among `units`.
    """
    if (bracketed := _BRACKETS.search(header)) is not None:
        if bracketed[1] not in units:
            raise SweepError(f"{file}: column {header!r}: unknown unit {bracketed[1]!r}; known: {', '.join(units)}")
        return bracketed[1]
    # The first word is the column's name, also where it looks like a unit: "V" says nothing of the scale.
    found = [part for part in _NOT_LETTERS.split(header)[1:] if part in units]
    return found[-1] if found else None


def factor(file: Path, header: str, units: Mapping[str, float], flag: str | None) -> tuple[float, bool]:
    """(factor to SI, whether SI was assumed) of a column. `flag`: the unit on the command line, for silent headers.

    Raises SweepError where header and flag disagree.
    """
    unit = stated(file, header, units)
    if unit is not None and flag is not None and units[unit] != units[flag]:
        raise SweepError(f"{file}: column {header!r} is in {unit}, but {flag} was given; leave the flag away")
    chosen = unit or flag
    return (units[chosen], False) if chosen else (1.0, True)
