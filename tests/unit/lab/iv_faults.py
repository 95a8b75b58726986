"""Fourteen files of a made-up cell, each read wrongly or not at all once; `SIGMA` is right for four good cycles."""

import numpy as np
import openpyxl

HEADER = "voltage,cycle 1,cycle 2,cycle 3,cycle 4"
SIGMA = 0.0884

_RNG = np.random.default_rng(5)
_UP = np.linspace(0, 1, 13)
VOLTAGE = np.r_[_UP, _UP[::-1][1:]]
_CONDUCTANCE = 1e-4 * (1 + 2 * VOLTAGE) * np.where(np.arange(25) < 13, 1, 1.3)
CURRENT = np.stack(
    [
        VOLTAGE * _CONDUCTANCE * np.exp(0.08 * _RNG.standard_normal() + 0.01 * _RNG.standard_normal(25))
        for _ in range(4)
    ],
    axis=1,
)
WIDE = np.c_[VOLTAGE, CURRENT]
# Voltage and current of the four cycles, one below the other.
TRACE = np.c_[np.tile(VOLTAGE, 4), CURRENT.T.ravel()]


def rows(separator, table, decimal="."):
    """A table as lines of text."""
    return "".join(separator.join(f"{x:.6g}".replace(".", decimal) for x in row) + "\n" for row in table)


def csv(path, header, table, separator=","):
    path.write_text(header + "\n" + rows(separator, table))
    return path


def numbered(*columns):
    """Columns behind one that counts the rows."""
    return np.c_[np.arange(len(columns[0])), *columns]


def good(path):
    return csv(path, HEADER, WIDE)


def current_range(path):
    amperes = TRACE[:, 1]
    return csv(path, "voltage,current (A),I range (A)", np.c_[TRACE, np.where(amperes < 1e-4, 1e-4, 1e-3)])


def compliance(path):
    return csv(path, "voltage,current (A),I compliance (A)", np.c_[WIDE[:, :2], np.full(25, 1e-3)])


def forward_backward(path):
    volts = np.linspace(0, 1, 21)
    branches = np.c_[volts, volts * 1e-4 * (1 + volts), volts * 1.5e-4 * (1 + volts)]
    return csv(path, "voltage,I forward,I backward", branches)


def overflow(path):
    table = WIDE.copy()
    table[12, 2] = 9.9e37
    return csv(path, HEADER, table)


def not_a_number(path):
    table = WIDE.copy()
    table[9:16, 1:] = 9.91e37
    return csv(path, HEADER, table)


def decimal_comma(path):
    path.write_text("voltage;cycle 1;cycle 2\n" + rows(";", WIDE[:, :3], ","))
    return path


def commented_header(path):
    return csv(path, "# voltage,cycle 1,cycle 2", WIDE[:, :3])


def mixed_separators(path):
    return csv(path, "Voltage Current Time", np.c_[TRACE, np.arange(100)], "\t")


def keithley_4200(path):
    return csv(path, "Time\tAI\tAV", numbered(TRACE[:, 1], TRACE[:, 0]), "\t")


def unequal_branches(path):
    """Set at 0.3 V, reset at -3 V, in as many steps; sigma is that of factors 1.1 and 0.9."""
    volts = np.tile(np.r_[0.3 * VOLTAGE, -3 * VOLTAGE[1:]], 2)
    factors = np.repeat([1.1, 0.9], 49)
    return csv(path, "time,voltage,current", numbered(volts, volts * 1e-4 * (1 + 2 * abs(volts)) * factors))


FACTORS = np.array([1.1, 0.95, 1.0, 0.9])


def noisy_voltage(path, noise=0.02):
    """A voltage measured with a noise of eight steps, as by a scope."""
    up = np.linspace(0, 1, 401)
    volts = np.tile(np.r_[up, up[::-1][1:]], 4)
    drawn = np.random.default_rng(0).standard_normal(len(volts))
    amperes = volts * 1e-4 * (1 + 2 * volts) * np.repeat(FACTORS, 801)
    return csv(path, "time,voltage,current", numbered(volts + noise * drawn, amperes))


def snapback(path):
    """The compliance holds the cell for ten rows; the second cycle is 0.9 of the first."""
    volts = np.r_[_UP[:9], np.full(10, 0.12), _UP[2::-1]]
    amperes = np.r_[_UP[:9] * 1e-4, np.full(10, 1.2e-4), _UP[2::-1] * 1e-3]
    return csv(path, "time,voltage,current", numbered(np.tile(volts, 2), np.r_[amperes, 0.9 * amperes]))


def sheets(path, tables):
    """A workbook of a sheet per table, {title: rows}, the first row the header."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, table in tables.items():
        sheet = book.create_sheet(title)
        for row in table:
            sheet.append(row)
    book.save(path)
    return path


def headed(header, table):
    """Rows of a sheet."""
    return [header.split(","), *np.asarray(table).tolist()]


def three_devices():
    """{title: voltage and three cycles}, of which cycle j of sheet k is (1 + 0.1 k j) of the good one."""
    return {f"Sheet{k + 1}": np.c_[VOLTAGE, CURRENT[:, :3] * (1 + 0.1 * k * np.arange(3))] for k in range(3)}


def sigma_of(current):
    """Sigma of a window of the first 56 of 100 points: 13 of the 23 points with a voltage, (cycles,) columns."""
    conductance = current[1:14] / VOLTAGE[1:14, None]
    return float(np.log(conductance / conductance.mean(axis=1, keepdims=True)).std())
