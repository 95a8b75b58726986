"""Units of columns: from the header of a table, from a flag, else SI."""

from __future__ import annotations

import re
from collections.abc import Mapping

from suite.contract.names import cut
from suite.lab.characterise.sweeps import Source, SweepError

CURRENT = {"A": 1.0, "mA": 1e-3, "uA": 1e-6, "µA": 1e-6, "μA": 1e-6, "nA": 1e-9, "pA": 1e-12}
VOLTAGE = {"V": 1.0, "mV": 1e-3, "uV": 1e-6, "µV": 1e-6, "μV": 1e-6, "kV": 1e3}
_WORDS = {"volt": "V", "volts": "V", "amp": "A", "amps": "A", "ampere": "A", "amperes": "A"}
# What may stand in a row of units beside those of voltages and currents.
_OTHERS = frozenset({"s", "sec", "ms", "us", "min", "h", "Hz", "Ohm", "ohm", "Ω", "S", "W", "1", "a.u."})
_BRACKETS = re.compile(r"[\(\[]\s*([^\)\]]+?)\s*[\)\]]")
_NOT_LETTERS = re.compile(r"[^A-Za-zµμ]+")


def stated(source: Source, header: str, units: Mapping[str, float]) -> str | None:
    """The unit that a header names, as in "current (mA)", "I [uA]" or "V_mV"; None where it names none.

    Raises SweepError for a unit in brackets that is not among `units`.
    """
    if (bracketed := _BRACKETS.search(header)) is not None:
        if (unit := _symbol(bracketed[1])) not in units:
            raise SweepError(f"{source}: column {header!r}: unknown unit {unit!r}; known: {cut(units)}")
        return unit
    # The first word is the column's name, also where it looks like a unit: "V" says nothing of the scale.
    found = [unit for part in _NOT_LETTERS.split(header)[1:] if (unit := _symbol(part)) in units]
    return found[-1] if found else None


def is_unit(text: str) -> bool:
    """Whether a text is a unit and nothing else."""
    return _symbol(text) in CURRENT.keys() | VOLTAGE.keys() | _OTHERS


def _symbol(text: str) -> str:
    """The symbol of a unit that may be written out, as in "Volts"."""
    return _WORDS.get(text.casefold(), text)


def factor(source: Source, header: str, units: Mapping[str, float], flag: str | None) -> tuple[float, bool]:
    """(factor to SI, whether SI was assumed) of a column. `flag`: the unit on the command line, for silent headers.

    Raises SweepError where header and flag disagree.
    """
    unit = stated(source, header, units)
    if unit is not None and flag is not None and units[unit] != units[flag]:
        raise SweepError(f"{source}: column {header!r} is in {unit}, but {flag} was given; leave the flag away")
    chosen = unit or flag
    return (units[chosen], False) if chosen else (1.0, True)
