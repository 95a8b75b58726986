"""I-V sweeps of a made-up cell, as files in every layout that is read."""

import numpy as np
import pandas

from suite.lab.characterise.readers import read_devices

STEPS = 50
UP = np.linspace(0, 1, STEPS + 1)
SHEET_VOLTAGE = np.concatenate([UP, UP[::-1], -UP, -UP[::-1]])


def read_sweeps(path, **units):
    """The sweeps of a file that holds one device."""
    (sweeps,) = read_devices(path, **units)
    return sweeps


def currents(cycles=6, sigma=0.3, voltage=SHEET_VOLTAGE, seed=3):
    """(points, cycles) in A: 100 uS that rise with the row, times one log-normal factor per cycle and point."""
    noise = np.exp(sigma * np.random.default_rng(seed).standard_normal((len(voltage), cycles)))
    rising = 1e-4 * (1 + np.arange(len(voltage)) / len(voltage))
    return rising[:, None] * voltage[:, None] * noise


def table(values=None, voltage=SHEET_VOLTAGE, header="current_cycle{}", volts="voltage"):
    values = currents(voltage=voltage) if values is None else values
    columns = {header.format(cycle): column for cycle, column in enumerate(values.T, start=1)}
    return pandas.DataFrame({volts: voltage, **columns})


def workbook(path, frame=None, sheet="Sheet1", notes=None):
    with pandas.ExcelWriter(path) as writer:
        (table() if frame is None else frame).to_excel(writer, sheet_name=sheet, index=False)
        if notes is not None:
            pandas.DataFrame([notes]).to_excel(writer, sheet_name="Sheet2", index=False)
    return path


def text(path, frame=None, separator=","):
    (table() if frame is None else frame).to_csv(path, index=False, sep=separator)
    return path


def trace(cycles=5, sigma=0.3, voltage=SHEET_VOLTAGE):
    """time, voltage, current of consecutive cycles, without the repeated row at their seams."""
    values = currents(cycles, sigma, voltage)
    volts = np.concatenate([voltage[:-1]] * cycles)
    amperes = np.concatenate([column[:-1] for column in values.T])
    return pandas.DataFrame({"time (s)": 0.01 * np.arange(len(volts)), "voltage (V)": volts, "current (A)": amperes})
