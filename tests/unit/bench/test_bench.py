"""The speed measurement: what it counts, what it checks, what it writes."""

import math
import os
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from suite.contract.registry import BrokenPlugin, registry
from tests.bench import everything, memory, peer, processes, rest, sgemm, train, workload
from tests.bench import sweep as bench
from tests.bench.networks import NETWORKS
from tests.bench.rows import known


def here(function, *arguments):
    """In this process, where the tests have made things small."""
    return function(*arguments)


@pytest.fixture
def small(monkeypatch):
    bench._job.cache_clear()
    train.images.cache_clear()
    monkeypatch.setattr(bench, "SAMPLES", 40)
    monkeypatch.setattr(bench, "REALISATIONS", 2)
    monkeypatch.setattr(sgemm, "SIDE", 64)


@pytest.mark.parametrize(("candidate", "parameters"), list(zip(NETWORKS, (203_530, 61_706), strict=True)))
def test_the_networks_are_the_ones_named(candidate, parameters):
    network = candidate.build()
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters
    counted = []

    def count(layer, inputs, output):
        counted.append(output[0].numel() * layer.weight[0].numel())

    for layer in network:
        if hasattr(layer, "weight"):
            layer.register_forward_hook(count)
    network(torch.zeros(1, 1, 28, 28))
    assert sum(counted) == candidate.multiplications


@pytest.mark.parametrize("candidate", NETWORKS)
def test_the_first_layer_is_counted_as_the_first(candidate):
    counted = []

    def count(layer, inputs, output):
        counted.append(output[0].numel() * layer.weight[0].numel())

    network = candidate.build()
    next(layer for layer in network if hasattr(layer, "weight")).register_forward_hook(count)
    network(torch.zeros(1, 1, 28, 28))
    assert counted == [candidate.first]


@pytest.mark.parametrize("candidate", NETWORKS)
def test_training_is_measured_on_trainings_that_learn_the_same(candidate, small, monkeypatch):
    monkeypatch.setattr(train, "SAMPLES", 256)
    rows = train.measure(candidate, 1, here, here)
    assert [row.unit for row in rows] == ["CPU s", "x", "%"]
    assert all(row.value > 0 for row in rows) and rows[1].holds in ("pass", "short")
    data = train.images(candidate)
    assert len(data) == 256
    for epoch in (train.plain_epoch, train.suite_epoch):
        fresh, trained = candidate.build(), epoch(candidate, data)
        assert [value.shape for value in trained.state_dict().values()] == [
            v.shape for v in fresh.state_dict().values()
        ]


def test_a_worker_keeps_its_memory_and_a_script_does_not(monkeypatch):
    monkeypatch.setattr(processes, "_process", lambda begin: nullcontext(begin))
    with processes.processes() as found:
        assert found == (processes._as_worker, processes._as_script)
    monkeypatch.undo()
    with processes.processes() as (worker, script):
        assert len({worker(os.getpid), script(os.getpid), os.getpid()}) == 3
        assert worker(torch.get_num_threads) == script(torch.get_num_threads) == 1
    done = []
    monkeypatch.setattr(processes, "keep_freed_memory", lambda: done.append(True))
    processes._as_script()
    assert done == []
    processes._as_worker()
    assert done == [True]


def test_without_the_peer_there_is_nothing_to_time(monkeypatch):
    monkeypatch.setattr(peer, "PEER", "no_such_package")
    assert peer.peer_jobs(NETWORKS[0].build(), torch.zeros(2, 1, 28, 28), (0.0, 0.3), 1) == []


def test_sigma_zero_counts_once():
    assert bench.EVALUATIONS == 41


@pytest.mark.parametrize("candidate", NETWORKS)
def test_the_sweep_that_is_timed_gives_the_references_outputs(small, candidate):
    with torch.no_grad():
        assert 0 <= bench.Job.of(candidate).error() < 1e-5


def test_an_engine_that_is_wrong_shows_in_the_error(small, monkeypatch):
    job = bench.Job.of(NETWORKS[0])
    own = job.sweep

    def wrong(scores):
        found = own(scores)
        found.scores["3"][1, 0] += 1
        return found

    monkeypatch.setattr(bench.Job, "sweep", lambda self, scores: wrong(scores))
    with torch.no_grad():
        assert job.error() > 1e-3


def test_a_measurement_is_rows_with_their_bars(small, monkeypatch):
    monkeypatch.setattr(bench, "at_rest", lambda cores: False)
    with torch.no_grad():
        rows = {row.name: row for candidate in NETWORKS for row in bench.measure(candidate, 1, here, here)}
    assert not any("on two" in name for name in rows)
    for candidate in NETWORKS:
        found = {what: rows[f"{candidate.name}: {what}"] for what in ("share of SGEMM", "SGEMM", "41 evaluations")}
        operations = 2 * candidate.multiplications * 40 * bench.EVALUATIONS
        rate = found["SGEMM"].value * 1e9
        assert found["share of SGEMM"].value == pytest.approx(100 * operations / found["41 evaluations"].value / rate)
        assert found["share of SGEMM"].bar == bench.BARS[candidate.name][1]
        assert rows[f"{candidate.name}: times the naive loop"].bar == bench.BARS[candidate.name][0]
        assert rows[f"{candidate.name}: largest relative error"].value < 1e-5


def test_two_threads_are_timed_on_a_machine_at_rest(small, monkeypatch):
    monkeypatch.setattr(bench, "at_rest", lambda cores: cores == 2)
    times = iter([9.0, 3.0, 2.0, 6.0, 4.0])
    seen = []
    monkeypatch.setattr(bench, "wall_seconds", lambda work: seen.append(torch.get_num_threads()) or next(times))
    before = torch.get_num_threads()
    assert bench.two_threads(NETWORKS[0], repeats=2) == 1.5
    assert seen == [2, 1, 2, 1, 2] and torch.get_num_threads() == before


def test_a_busy_machine_is_not_at_rest(monkeypatch):
    monkeypatch.setattr(rest, "allowed_cpus", lambda: 2)
    monkeypatch.setattr(rest.os, "sched_getaffinity", lambda process: {0, 2}, raising=False)
    for percents, quiet in (([0, 99, 0], True), ([0, 0, 60], False)):
        monkeypatch.setattr(rest.psutil, "cpu_percent", lambda interval, percpu, found=percents: found)
        assert rest.at_rest(2) is quiet
    monkeypatch.setattr(rest.psutil, "cpu_percent", lambda interval, percpu: [0, 0, 0])
    assert rest.at_rest(2) and not rest.at_rest(3)


def added_mb():
    """What 100 MB add, in a process that holds 50 already."""
    held = bytearray(50_000_000)
    return memory.peak_mb(lambda: bytearray(100_000_000)) + 0 * len(held)


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="this system does not tell its memory")
def test_the_peak_is_what_the_work_adds():
    # A process of its own: others may keep freed memory, and hand it out again.
    with processes.processes() as (_, script):
        assert 90 < script(added_mb) < 130


def test_figures_that_cannot_be_had_are_no_rows():
    figures = [("memory", math.nan, "MB", ""), ("time", 2.0, "s", "<= 3")]
    assert [(row.name, row.holds) for row in known("sweep", "MLP", figures)] == [("MLP: time", "pass")]


def test_a_workload_is_measured_on_its_own_data(monkeypatch):
    monkeypatch.setattr(sgemm, "SIDE", 64)
    rows = workload.measure("digits_logistic", None, 0.0, 1, here, here)
    assert len(rows) >= 4 and all(row.value > 0 and not row.bar for row in rows)
    assert all(row.name.startswith("digits_logistic (digits:sklearn): ") for row in rows)


def test_the_job_of_a_workload_is_what_it_says():
    job = workload.Job.of("digits_logistic", None)
    assert len(job.blocks) == 1
    assert job.operations() == 2 * len(job.data) * 64 * 3
    assert set(job.naive()) == set(job.sweep().scores)
    assert job.sweep().scores["accuracy"].size == workload.EVALUATIONS - 1
    assert len(job.first(16).data) == 16


def test_what_cannot_be_measured_is_told(tmp_path, monkeypatch):
    def workload_of(name):
        if name == "broken":
            raise BrokenPlugin("broken.py: this workload cannot be used: it lacks a package")
        return registry().workload(name)

    entries = [SimpleNamespace(name=name) for name in ("cifar_alexnet", "broken")]
    monkeypatch.setattr(workload, "processes", lambda: nullcontext((here, here)))
    monkeypatch.setattr(
        workload, "registry", lambda: SimpleNamespace(entries=lambda kind: entries, workload=workload_of)
    )
    told = []
    assert list(workload.run(tmp_path, True, told.append)) == []
    assert len(told) == 2 and all(line.startswith("left out: ") for line in told)
    assert "cifar10" in told[0] and "lacks a package" in told[1]


def test_everything_is_measured_and_told(monkeypatch):
    parts = {
        "sweep": everything.sweep,
        "workloads": everything.workload,
        "train": everything.train,
        "tune": everything.tune,
        "wires": everything.wires,
        "orchestration": everything.orchestration,
    }
    asked = []
    for name, module in parts.items():
        monkeypatch.setattr(module, "run", lambda *given, name=name: asked.append((name, True in given)) or [])
    monkeypatch.setattr(everything.growth, "points", lambda quick: asked.append(("growth", quick)) or [])
    told = []
    assert list(everything.run(None, True, told.append)) == [[]] * 7
    names = [*parts, "growth"]
    assert told == [f"measuring {name} ..." for name in names]
    assert asked == [(name, True) for name in names]
