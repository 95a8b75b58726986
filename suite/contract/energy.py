"""Energy that the cells of an array turn into heat, when read and when programmed.

Estimates of the array alone: drivers, converters and digital logic, often the larger part, are not in them. A cell is
a conductance under the full voltage of its word line; wire resistance would lower that voltage and so the energy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

# A read pulse is as short as the sensing circuit allows: fast and slow ends of what is built.
READ_TIMES_S = (10e-9, 1e-6)
# From the gentlest to the hardest pulse: the voltages of the paper's devices, and pulses as they are usual.
WRITE_VOLTAGES_V = (1.0, 8.0)
WRITE_PULSES_S = (100e-9, 10e-6)
_SIEMENS = 1e-6


def read_energy_J(
    inputs: ArrayLike, conductances_uS: ArrayLike, *, read_voltage_V: float, read_time_s: float
) -> NDArray[np.float64]:
    """Energy of reading an array once per input vector: E = sum over cells of V_i^2 G_ij t, (samples,) in joule.

    inputs: (samples, rows), in any unit: the largest |input| of a sample is driven at `read_voltage_V`, the others in
    proportion; a sample of zeros costs nothing. conductances_uS: (2, columns, rows), both cells of each pair.
    """
    import numpy as np

    values, cells = _float64(inputs), _float64(conductances_uS)
    largest = np.abs(values).max(axis=1, keepdims=True)
    volts = read_voltage_V * np.divide(values, largest, out=np.zeros_like(values), where=largest > 0)
    return volts**2 @ (cells.sum(axis=(0, 1)) * _SIEMENS) * read_time_s


def write_energy_J(conductances_uS: ArrayLike, *, write_voltage_V: float, pulse_s: float) -> float:
    """Energy of programming every cell by one pulse: E = sum over cells of I V t = V^2 G t, in joule.

    conductances_uS: of all cells as programmed, any shape. The cell is taken at its final conductance for the whole
    pulse: an upper bound where programming raises the conductance. Write and verify takes it once per pulse.
    """
    return float(_float64(conductances_uS).sum() * _SIEMENS * write_voltage_V**2 * pulse_s)


def energies(inputs: ArrayLike, conductances_uS: ArrayLike, *, read_voltage_V: float) -> dict[str, float]:
    """What an array takes, as named numbers; arguments as of `read_energy_J`.

    low_J, high_J: mean energy per input vector at the shortest and at the longest read; power_W: the mean power
    meanwhile; write_low_J, write_high_J: programming every cell once by the gentlest and by the hardest pulse.
    """
    power = float(read_energy_J(inputs, conductances_uS, read_voltage_V=read_voltage_V, read_time_s=1.0).mean())
    low, high = (power * seconds for seconds in READ_TIMES_S)
    pulses = zip(WRITE_VOLTAGES_V, WRITE_PULSES_S, strict=True)
    gentle, hard = (
        write_energy_J(conductances_uS, write_voltage_V=volts, pulse_s=seconds) for volts, seconds in pulses
    )
    return {"low_J": low, "high_J": high, "power_W": power, "write_low_J": gentle, "write_high_J": hard}


def _float64(values: Any) -> NDArray[np.float64]:
    import numpy as np

    return np.asarray(values, dtype=np.float64)
