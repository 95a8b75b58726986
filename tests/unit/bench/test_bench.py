"""The measurements of ourselves: what they count, what they check, what they write."""

import math
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
import torch

from suite.contract import SuiteError
from suite.plan.plan import make_plan
from suite.results.cube import Cube, Status, open_tree
from suite.run.executors import Outcome
from suite.run.executors.serial import SerialExecutor
from tests.bench import __main__ as bench
from tests.bench import (
    figures,
    growth,
    idle,
    language,
    machine,
    model,
    orchestration,
    profile,
    scale,
    sweep,
    train,
    wires,
    workloads,
)
from tests.bench.networks import NETWORKS
from tests.bench.rows import measured, read, rows_of, table, write
from tests.currents import column_currents
from workloads.shared.vision_language.models import TINY, model_of


def here(function, *arguments):
    """In this process, where the tests have made things small."""
    return function(*arguments)


def in_this_process(code):
    """As `machine.fresh`, which has a test of its own."""
    with redirect_stdout(StringIO()) as output:
        exec(code)
    return machine.Usage(1.0, 1.0, output.getvalue())


@contextmanager
def here_both():
    yield here, here


@pytest.fixture
def small(monkeypatch):
    sweep.job.cache_clear()
    for module, name, value in (
        (machine, "SGEMM_SIDE", 64),
        (sweep, "SAMPLES", 40),
        (sweep, "REALISATIONS", 2),
        (train, "SAMPLES", 256),
        (wires, "VECTORS", 6),
        (wires, "SIDES", (5, 7)),
    ):
        monkeypatch.setattr(module, name, value)
    for module in (sweep, train, wires, workloads):
        monkeypatch.setattr(module, "processes", here_both)
    yield
    sweep.job.cache_clear()


# ------------------------------------------------------------------------------------------------ rows and bars


@pytest.mark.parametrize(
    ("value", "bar", "holds"),
    [(3.0, ">= 3", "pass"), (2.9, ">= 3", "short"), (10.0, "<= 10", "pass"), (10.1, "<= 10", "short"), (1.0, "", "")],
)
def test_a_figure_is_held_against_its_bar(value, bar, holds):
    assert measured("sweep", "MLP", value, "x", bar).holds == holds


def test_a_bar_that_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="'at least 3'"):
        measured("sweep", "MLP", 1.0, "x", "at least 3")


def test_figures_that_cannot_be_had_are_no_rows():
    figures = [("memory", math.nan, "MB", ""), ("time", 2.0, "s", "<= 3")]
    assert [(row.name, row.holds) for row in rows_of("sweep", "MLP", figures)] == [("MLP: time", "pass")]
    assert table([]) == "nothing was measured"


def test_a_figure_takes_the_place_of_the_same_one_on_the_same_processor(tmp_path):
    path = tmp_path / "rows.csv"
    own, other = measured("sweep", "MLP", 1.0, "x"), measured("sweep", "LeNet", 2.0, "x")
    for rows in ([own, other], [replace(own, processor="another", value=3.0)], [replace(own, value=4.0)]):
        write(rows, path)
    found = [(row["name"], row["processor"], float(row["value"])) for row in read(path)]
    assert found == [("MLP", own.processor, 4.0), ("LeNet", own.processor, 2.0), ("MLP", "another", 3.0)]


def test_the_committed_table_tells_of_every_bar_whether_it_holds():
    rows = read(bench.TABLE)
    assert {row["bench"] for row in rows if row["bar"]} == {
        "sweep",
        "sweep of workloads",
        "train",
        "startup",
        "orchestration",
        "growth",
        "automata",
        "scale",
        "voltage",
    }
    for row in rows:
        assert row["holds"] == measured("", "", float(row["value"]), "", row["bar"]).holds, row["name"]


# ---------------------------------------------------------------------------------------------------- the command


def test_a_quick_bench_is_a_table_of_rows_and_verdicts(small, monkeypatch, capsys):
    monkeypatch.setitem(bench.BENCHES, "orchestration", lambda quick: orchestration.startup_rows(1))
    bench.main(["wires", "orchestration", "--quick"])
    printed = capsys.readouterr().out
    assert "5 x 5, 6 vectors: operator, times a solve per vector" in printed
    assert [line.split()[-1] for line in printed.splitlines() if line.startswith("startup")] == ["pass", "pass"]


def test_rows_are_kept_where_asked(small, tmp_path, capsys):
    bench.main(["wires", "--csv", str(tmp_path / "rows.csv")])
    rows = read(tmp_path / "rows.csv")
    assert [row["unit"] for row in rows] == ["CPU s", "CPU s", "CPU s", "x", "x", "%", ""] * len(wires.SIDES)
    assert "7 x 7, 6 vectors: operator" in capsys.readouterr().out


def test_what_cannot_be_kept_is_refused_before_anything_is_measured(tmp_path, capsys):
    path = tmp_path / "other.csv"
    path.write_text("side,seconds\n1,2\n")
    for arguments, told in (
        (["wires", "--csv", str(path)], "not a table of benches"),
        (["wires", "--quick", "--csv", str(path)], "leave out --quick or --csv"),
        (["wire"], "no bench wire (known: sweep"),
    ):
        with pytest.raises(SystemExit):
            bench.main(arguments)
        assert told in capsys.readouterr().err
    assert path.read_text() == "side,seconds\n1,2\n"


# ------------------------------------------------------------------------------------------------- what is counted


@pytest.mark.parametrize(("name", "parameters"), list(zip(NETWORKS, (203_530, 61_706), strict=True)))
def test_the_networks_are_the_ones_named(name, parameters):
    assert sum(parameter.numel() for parameter in NETWORKS[name][0]().parameters()) == parameters


@pytest.mark.parametrize("name", NETWORKS)
def test_a_sweep_is_rows_with_their_bars(small, name):
    rows = {row.name.partition(": ")[2]: row for row in sweep.measure(name, 1, here, here)}
    share, _ = sweep.BARS[name]
    assert (rows["times the naive loop"].bar, rows["share of SGEMM"].bar) == ("", share)
    assert rows["9 evaluations"].value > 0
    assert rows["largest relative error"].value < 1e-5


def test_an_engine_that_is_wrong_shows_in_the_error(small, monkeypatch):
    job = sweep.job(next(iter(NETWORKS)))
    own = sweep.Job.sweep

    def wrong(self, scores=None):
        found = own(self, scores)
        found.scores["3"][1, 0] += 1
        return found

    with torch.no_grad():
        assert job.error() < 1e-5
        monkeypatch.setattr(sweep.Job, "sweep", wrong)
        assert job.error() > 1e-3


def test_a_workload_is_measured_on_its_own_data(small):
    rows = workloads.measure("digits_logistic", 0.0, 1, here, here)
    assert len(rows) == 4 and all(row.value > 0 and not row.bar for row in rows)
    assert all(row.name.startswith("digits_logistic (digits:sklearn): ") for row in rows)
    job = workloads.whole("digits_logistic")
    assert job.operations() == 2 * len(job.data) * 64 * 3
    assert job.sweep().scores["accuracy"].size == 5 * workloads.REALISATIONS


def test_both_trainings_train_the_same_network(small):
    name = "LeNet-5"
    assert [row.bar for row in train.measure(name, 1, here, here)] == ["", ">= 1", ">= 1.4", ">= 20"]
    workload, splits = train.made(name, train.SAMPLES, train.RECIPE)
    fresh = {key: value.shape for key, value in NETWORKS[name][0]().state_dict().items()}
    for trained in (train.plain_epoch(name, splits.train), train.suite_epoch(name, workload, splits)):
        assert {key: value.shape for key, value in trained.state_dict().items()} == fresh


def test_both_attentions_of_the_language_model_give_one_outcome(monkeypatch):
    tiny, states = model_of("ci").eval(), torch.randn(3, 4, TINY.width)
    past, present = tiny.kept(torch.tensor([[-1, 3, 1], [2, 6, 5], [-1, -1, 4]]))
    own, _ = tiny.after(past, present, states)
    monkeypatch.setattr(language.Block, "_attended", language.by_library)
    assert torch.allclose(tiny.after(past, present, states)[0], own, atol=1e-5)


def test_all_ways_through_the_wires_give_the_currents_of_the_oracle(small):
    tile = wires.Tile.of(7)
    expected = [column_currents(tile.conductances * 1e-6, volts, wires.WIRE_OHM) * 1e6 for volts in tile.volts]
    for found in (tile.solved(6), tile.factored(), tile.by_operator()):
        np.testing.assert_allclose(found, expected, rtol=1e-9)


# --------------------------------------------------------------------------------------------------- orchestration


def test_the_profile_of_a_study_has_a_cost_for_every_unit_and_tells_training_apart(tmp_path):
    context = idle.idle_study(tmp_path, 1, observations=8)
    costs, training, around = profile.spent(context)
    found = {kind: len(each) for (_, kind), each in costs.items()}
    assert found == {"fit": 8, "sweep": 24, "observe": 8} and around > 0
    assert {kind: len(each) for (_, kind), each in training.items()} == {"fit": 8}
    (workload,) = context.study.workloads
    assert 0 < sum(training[workload, "fit"]) < sum(costs[workload, "fit"])
    assert profile.counts(context) == {(workload, "trial"): 0, (workload, "fit"): 8, (workload, "sweep"): 24}


def test_shares_are_costs_times_units():
    costs = {("a", "trial"): [3600.0], ("a", "fit"): [1800.0, 5400.0], ("b", "fit"): [3600.0]}
    units = {("a", "trial"): 6, ("a", "fit"): 1, ("b", "fit"): 1}
    values = [row.value for row in profile.share_rows(costs, units)]
    assert values == [6.0, 75.0, 2.0, 25.0]


@pytest.mark.parametrize(("shape", "cells"), [(idle.USUAL, (27, 10)), (idle.SHORT, (27, 1))])
def test_units_of_the_idle_study_are_as_many_and_as_large_as_said(tmp_path, shape, cells):
    context = idle.idle_study(tmp_path, 500, workloads=2, shape=shape)
    sweeps = [unit for part in make_plan(context, None).workloads.values() for unit in part.sweeps(context.study)]
    assert 500 <= len(sweeps) < 500 + 2 * 8 * shape.units
    assert {unit.block.shape for unit in sweeps} == {cells}


def test_empty_units_run_and_one_that_fails_is_no_measurement(tmp_path):
    context = idle.trained(tmp_path / "1", 24)
    pace = idle.complete(context, SerialExecutor(work=idle.idle), warm=1)
    assert pace.cpu_s > 0
    assert (Cube.open(context.cube).status("idle_00") == Status.DONE).all()
    broken = SerialExecutor(work=lambda context, unit: Outcome(0.0, {}, "out of order", "RuntimeError"))
    with pytest.raises(RuntimeError, match="out of order"):
        idle.complete(idle.trained(tmp_path / "2", 24), broken)


def test_growth_compares_the_largest_run_with_the_one_before():
    rows = growth.rows("real", (10, 100), lambda folder, least: (least, 0.002 * least))
    assert [(row.value, row.holds) for row in rows] == [(20.0, ""), (200.0, ""), (10.0, "short")]


def test_growth_counts_the_units_of_its_runs(tmp_path):
    units, cost = growth.empty(tmp_path, 20)
    assert units == 24 and cost > 0


def test_planning_counts_every_unit_and_the_status_knows_them():
    rows = orchestration.planning_rows(24, workloads=1)
    assert [(row.bar, row.holds) for row in rows] == [("<= 10", "pass"), ("<= 1", "pass"), ("<= 5", "pass")]
    assert all("planning 24 units" in row.name or "status on 24 units" in row.name for row in rows)


@pytest.mark.parametrize("workers", [scale.SEES, scale.HANDS_BACK])
def test_simulated_workers_do_every_unit_and_hand_back_what_is_then_written(workers, monkeypatch):
    monkeypatch.setattr(scale, "fresh", in_this_process)
    found = {row.name.partition(": ")[2]: row.value for row in scale.rows(workers, 240, "", "")}
    assert found[scale.UNITS] == 12 * 8 * 3
    assert all(value > 0 for value in found.values())
    assert (scale.HANDED in found) == (workers == scale.HANDS_BACK)


def test_the_day_of_a_large_cluster_follows_from_the_committed_rows():
    rows = read(bench.TABLE)
    (processor,) = {row["processor"] for row in rows if row["bench"] == scale.BENCH}
    found = model.read_constants(rows, processor)
    assert "\n".join(model.table(found, 16_000, 60.0)) in (bench.TABLE.parent / "README.md").read_text()
    constants = replace(found, ray_s=1e-3, write_cpu_s=1e-3, write_wall_s=3e-3)
    sees, hands_back = (model.day(constants, 1_000, 10.0, kind) for kind in (False, True))
    driver, shortest = "driver, of one core", "shortest units that it keeps up with"
    assert (sees[driver], hands_back[driver]) == ("10 %", "20 %")
    assert (sees[shortest], hands_back[shortest]) == ("1 s", "4 s")
    with pytest.raises(SuiteError, match=r"no row .* on another; python -m tests.bench"):
        model.read_constants(rows, "another")


def test_a_fresh_process_is_measured_and_its_failure_is_told():
    told = machine.fresh("x = bytearray(200_000_000); print('here')")
    assert told.output == "here\n" and told.cpu_s > 0
    assert told.peak_gb > 0.2 or math.isnan(told.peak_gb)
    with pytest.raises(RuntimeError, match="division by zero"):
        machine.fresh("1 / 0")


def test_efficiency_is_left_out_on_a_busy_machine(monkeypatch):
    monkeypatch.setattr(orchestration, "at_rest", lambda cores: False)
    assert orchestration.efficiency_rows(240) == []
    monkeypatch.setattr(orchestration, "at_rest", lambda cores: cores == 2)
    monkeypatch.setattr(orchestration, "_wall_s", lambda folder, units, workers: 1.0 / workers)
    (row,) = orchestration.efficiency_rows(240)
    assert (row.value, row.holds) == (1.0, "pass")


def test_the_protocols_cube_has_every_workload_and_every_score_that_figures_ask_for(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "SEEDS", 1)
    assert figures.stored(tmp_path, realisations=2) == 8 * (12 * 27 + 32) * 2
    tree = open_tree(tmp_path / "paper" / "cube.zarr")
    assert len(tree.children) == 13
    assert {"accuracy@seen", "mcc@unseen"} <= set(tree["hiv_neutralisation"].data_vars)
    assert len(tree["glycan_kingdom/observations/embedding"].children) == 8 * 2
