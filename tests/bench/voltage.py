"""What reading in voltage mode costs: a sweep of NeuRRAM's CNN on the simulated chip against one of plain weights.

The job: 1,000 images of MNIST's shape (synthetic: the keyed generator's), an untrained network, so many realisations of
cells that relax for 28 hours, one thread; per evaluation, what a sweep does once included.
"""

from __future__ import annotations

import time
from functools import partial

import torch
from torch.utils.data import TensorDataset

from suite.contract import Condition
from suite.contract.registry import registry
from suite.contract.seeds import torch_generator
from suite.crossbar.key import Key
from suite.crossbar.settings import Crossbar
from suite.sweep.sweep import sweep
from tests.bench.machine import processes, turns
from tests.bench.rows import Measured, rows_of

IMAGES, REALISATIONS, NAME, ENTROPY = 1000, 5, "neurram_mnist", 20412
CHIP = {
    **{"g_min_uS": 1.0, "g_max_uS": 40.0, "rest": "floor", "scale_percentile": 95.0, "clip_at_g_max": False},
    **{"window_uS": 1.0, "faulty_cells": 0.01, "tile_rows": 100, "tile_columns": 512, "sensing": "voltage"},
    **{"output_steps": 127, "output_noise_codes": 0.65, "polarity_gain": 0.06},
}
CROSSBARS = {"weights": Crossbar(), "nominal": Crossbar(**CHIP), "line": Crossbar(**CHIP, undo="line")}  # type: ignore[arg-type]


def run(quick: bool = False) -> list[Measured]:
    """Plain, and voltage mode with both ways to undo it, in turn; medians of CPU seconds per evaluation."""
    with processes() as (worker, _):
        found = turns(1 if quick else 5, **{label: partial(worker, cpu_s, label) for label in CROSSBARS})
    plain, nominal, line = found.values()
    figures = [
        ("plain weights, an evaluation", plain, "CPU s", ""),
        ("voltage mode, times plain", nominal / plain, "x", "<= 5"),
        ("voltage mode with fitted lines, times plain", line / plain, "x", "<= 5"),
    ]
    return rows_of("voltage", "NeuRRAM's CNN", figures)


def cpu_s(label: str) -> float:
    """Of one evaluation."""
    found = registry()
    workload = found.workload(NAME).at("reference", {})
    network = workload.network(torch_generator(ENTROPY, "bench-network", NAME))
    images = torch.rand(IMAGES, 1, 28, 28, generator=torch_generator(ENTROPY, "bench-images", NAME))
    data = TensorDataset(images, torch.zeros(IMAGES, dtype=torch.int64))
    condition = (
        Condition.of(sigma_log=0.1)
        if label == "weights"
        else Condition.of(levels={"seconds": 1e5}, device="rram40", crossbar=label)
    )
    key = Key(NAME, ENTROPY, 0, {name: found.device(name) for name in ("lognormal", "rram40")}, CROSSBARS, 256)
    start = time.process_time()
    sweep(workload, network, {"test": data}, [condition], range(REALISATIONS), key, data)
    # The clean network is evaluated too.
    return (time.process_time() - start) / (REALISATIONS + 1)
