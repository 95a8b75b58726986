"""The bench of a GPU, on the CPU in its place: equal there, and what differs is found."""

import pytest
import torch

from tests.bench import cuda

NAME = "MLP 784-256-10"


@pytest.fixture(autouse=True)
def small(monkeypatch):
    for name, value in {"STEPS": 2, "LONGER": 3, "SAMPLES": 20, "BLOCK": 10, "REALISATIONS": 2}.items():
        monkeypatch.setattr(cuda, name, value)


def test_a_device_that_is_the_cpu_differs_in_nothing_and_has_every_row():
    rows = {row.name: row for row in cuda.measure(NAME, "cpu", "mine", 1)}
    weights, outputs, seconds, *times = rows.values()
    assert (weights.value, outputs.value) == (0, 0) and weights.holds == outputs.holds == "pass"
    assert seconds.value > 0 and all(row.value > 0 and row.unit == "x" for row in times) and len(times) == 2


def test_other_arithmetic_is_found():
    own = cuda.job(NAME, "cpu")
    expected = own.swept()
    with torch.no_grad():
        own.network[1].weight.mul_(1 + 1e-3)
    assert 1e-4 < cuda.relative(own.swept(), expected) < 1e-2


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_without_a_gpu_it_is_left_out_and_told(capsys):
    assert list(cuda.run()) == []
    assert "no GPU" in capsys.readouterr().out
