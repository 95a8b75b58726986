"""Relaxation of real cells: the packaged quantiles give back what was measured, level by level and at both times."""

import csv
from pathlib import Path

import pytest
import torch

from suite.contract import Condition
from suite.contract.relaxation import read_relaxation
from suite.devices import rram40

DEVICE, TABLE = rram40.DEVICE, Path(rram40.__file__).with_suffix(".csv")
# Standard deviation and mean, uS, of the change of the measured cells that started in a range of uS.
STARTS = [(0, 1.5), (4, 6), (10, 14), (18, 22), (28, 32), (36, 40), (0, 40)]
MEASURED = {
    1.0: [(1.08, 0.30), (2.10, 0.14), (2.32, -0.16), (2.30, -0.38), (1.72, -0.39), (1.60, -0.44), (2.03, -0.26)],
    1e5: [(1.21, 0.45), (3.04, 0.17), (3.97, -1.15), (3.95, -1.94), (3.51, -2.14), (3.15, -2.01), (3.65, -1.43)],
}


def starts(low: float, high: float, each: int = 50) -> torch.Tensor:
    """Starts of `each` times as many cells as were measured in each step of 0.5 uS from `low` to `high`."""
    with TABLE.open() as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    cells = {float(row["from_uS"]): int(row["cells"]) for row in rows if row["seconds"] == "1"}
    steps = [torch.full((each * count,), start) for start, count in cells.items() if low <= start < high]
    found = torch.cat(steps)
    return found + 0.5 * torch.rand(found.shape, generator=torch.Generator().manual_seed(2))


def moved(targets: torch.Tensor, seconds: float, seed: int = 1) -> torch.Tensor:
    noise = DEVICE.draw(tuple(targets.shape), torch.Generator().manual_seed(seed))[None]
    condition = Condition.of(device="rram40", levels={"seconds": seconds})
    return DEVICE.program(targets, condition, noise).weights()[0]


@pytest.mark.parametrize("seconds", MEASURED)
@pytest.mark.parametrize("number", range(len(STARTS)), ids=[f"{low}-{high}uS" for low, high in STARTS])
def test_cells_move_as_the_measured_ones(seconds, number):
    low, high = STARTS[number]
    spread, mean = MEASURED[seconds][number]
    targets = starts(low, high)
    change = moved(targets, seconds) - targets
    assert float(change.std()) == pytest.approx(spread, rel=0.05)
    assert float(change.mean()) == pytest.approx(mean, abs=0.15)


def test_half_an_hour_lies_between_the_readings():
    """3.2 uS at 30 minutes by interpolation of variances."""
    targets = starts(0, 40)
    assert float((moved(targets, 1800.0) - targets).std()) == pytest.approx(3.2, rel=0.05)


def test_no_conductance_falls_below_zero_and_high_ones_move_too():
    assert float(moved(torch.full((10_000,), 0.1), 1e5).min()) == 0.0
    high = torch.full((10_000,), 55.0)
    assert 1 < float((moved(high, 1e5) - high).std()) < 10


def test_a_reading_is_given_back_at_its_time():
    targets = torch.linspace(0, 40, 1000)
    near, at = moved(targets, 4.000001), moved(targets, 4.0)
    torch.testing.assert_close(near, at, atol=1e-4, rtol=0)


@pytest.mark.parametrize("seconds", [0.0, 0.001, 2e5])
def test_other_times_are_refused(seconds):
    with pytest.raises(ValueError, match=r"nothing is known at .*, give a value from 0.01 to 100000"):
        moved(torch.ones(3), seconds)


def test_a_table_with_a_gap_is_refused(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("# of a test\nfrom_uS,seconds,cells,0,1\n0,1,9,-1,1\n0,10,9,-1,1\n5,1,9,-1,1\n")
    with pytest.raises(ValueError, match=r"cells\.csv: give every level at every time"):
        read_relaxation(path)
    path.write_text("level,seconds,cells,0,1\n0,1,9,-1,1\n")
    with pytest.raises(ValueError, match=r"the first columns are from_uS, seconds, cells, not level"):
        read_relaxation(path)
