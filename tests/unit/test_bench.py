"""The speed measurement: what it counts, what it checks, what it writes."""

import csv

import pytest
import torch

from suite.bench import peer, sgemm, train
from suite.bench import sweep as bench
from suite.bench.networks import NETWORKS
from suite.bench.tables import write


@pytest.fixture
def small(monkeypatch):
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
    rows = train.measure(candidate, repeats=1)
    assert [row.unit for row in rows] == ["CPU s", "x", "%"]
    assert all(row.value > 0 for row in rows) and rows[1].holds in ("pass", "short")
    data = train.images(candidate)
    assert len(data) == 256
    for epoch in (train.plain_epoch, train.suite_epoch):
        fresh, trained = candidate.build(), epoch(candidate, data)
        assert [value.shape for value in trained.state_dict().values()] == [
            v.shape for v in fresh.state_dict().values()
        ]


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


def test_a_measurement_is_a_row_a_table_and_a_file(small, tmp_path):
    with torch.no_grad():
        rows = [bench.measure(candidate, repeats=1) for candidate in NETWORKS]
    for row, candidate in zip(rows, NETWORKS, strict=True):
        assert row.ratio == row.naive_s / row.sweep_s
        operations = 2 * candidate.multiplications * 40 * bench.EVALUATIONS
        assert row.share == pytest.approx(operations / row.sweep_s / (row.sgemm_gflops * 1e9))
    text = bench.table(rows)
    assert all(word in text for word in ("MLP 784-256-10", "LeNet-5", "of SGEMM", "synthetic", rows[0].processor))
    write(rows, tmp_path / "sweep.csv")
    with (tmp_path / "sweep.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["network"] for row in read] == ["MLP 784-256-10", "LeNet-5"]
    assert float(read[1]["error"]) < 1e-5
    assert read[0]["processor"] == rows[0].processor
