"""The measurement of orchestration: what it counts, what it refuses, and the arithmetic of its rows."""

import numpy as np
import pytest

from suite.figures import find
from suite.figures.growth import growth_png
from suite.plan.plan import make_plan
from suite.results.cube import Cube, Status, open_tree
from suite.run.driver import Progress
from suite.run.executors import Outcome
from suite.run.executors.serial import SerialExecutor
from tests.bench import efficiency, growth, nodes, orchestration, overhead, planning, protocol
from tests.bench.fresh import python
from tests.bench.idle import SHORT, USUAL, idle, idle_study
from tests.bench.rows import table


@pytest.mark.parametrize(("shape", "cells"), [(USUAL, (27, 10)), (SHORT, (27, 1))])
def test_units_of_the_idle_study_are_as_many_and_as_large_as_said(tmp_path, shape, cells):
    context = idle_study(tmp_path, 500, workloads=2, shape=shape)
    plan = make_plan(context, None)
    sweeps = [unit for part in plan.workloads.values() for unit in part.sweeps(context.study)]
    per_seed = 2 * 8 * shape.units
    assert 500 <= len(sweeps) < 500 + per_seed
    assert {unit.block.shape for unit in sweeps} == {cells}


def test_empty_units_run_through_driver_books_and_log(tmp_path):
    context = overhead.untouched(tmp_path, 24)
    seen = []

    def work(context, task):
        seen.append(task.kind)
        return idle(context, task)

    pace = overhead.drive(context, SerialExecutor(work=work), warm=1)
    assert seen == ["sweep"] * 24
    assert (Cube.open(context.cube).status("idle_00") == Status.DONE).all()
    log = (context.folder / "events.jsonl").read_text()
    assert len(log.splitlines()) == 48
    assert pace.event_bytes == len(log) / 24


def test_a_unit_that_fails_is_no_measurement():
    def broken(context, task):
        return Outcome(0.0, {}, "out of order", "RuntimeError")

    with pytest.raises(RuntimeError, match="out of order"):
        overhead.empty(24, SerialExecutor(work=broken), warm=1)


def test_the_pace_is_that_of_the_units_after_the_warm_ones(monkeypatch):
    clock = iter([0.0, 1.0, 3.0, 7.0])
    monkeypatch.setattr(overhead, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(overhead, "process_time", lambda: 0.0)
    pace = overhead.Pace(warm=2)
    for done in (0, 2, 3, 5):
        pace.show(Progress(done=done))
    assert pace.wall_s == (7.0 - 1.0) / 3
    assert pace.cpu_s == 0


def test_rows_of_overhead_have_their_bars():
    rows = overhead.serial_rows(48)
    assert [row.bar for row in rows] == ["<= 1", ""]
    assert rows[0].holds in ("pass", "short")
    assert "48 units" in table(rows)
    (written,) = overhead.write_rows(24)
    assert written.value > 0
    assert not written.bar


def test_rows_of_ray_come_from_its_pace():
    pace = overhead.Pace(0, 700.0)
    pace._first, pace._last = (0, 0.0, 0.0), (100, 0.6, 0.2)
    wall, cpu = overhead.ray_rows(pace, 100, 2)
    assert (wall.value, wall.holds, cpu.value, cpu.bar) == (6.0, "short", 2.0, "")


def test_planning_counts_every_unit_and_the_status_knows_them():
    found = planning.plan(300)
    assert found.units == 576
    assert 50 < found.peak_mb < 2_000
    rows = planning.planning_rows(found)
    assert [(row.bar, row.holds) for row in rows] == [("<= 10", "pass"), ("<= 1", "pass"), ("<= 5", "pass")]
    assert all("576 units" in row.name for row in rows)


def test_a_fresh_process_is_measured_and_its_failure_is_told():
    told = python("-c", "import time; x = bytearray(200_000_000); time.sleep(0.5); print('here')")
    assert told.output == "here\n"
    assert told.peak_mb > 200
    assert told.cpu_s > 0
    with pytest.raises(RuntimeError, match="division by zero"):
        python("-c", "1 / 0")


def test_the_protocols_cube_has_every_workload_and_every_score_that_figures_ask_for(tmp_path, monkeypatch):
    monkeypatch.setattr(protocol, "SEEDS", 1)
    cells = protocol.stored(tmp_path, realisations=2)
    tree = open_tree(tmp_path / "paper" / "cube.zarr")
    assert len(tree.children) == 12
    assert cells == 12 * 8 * 27 * 2
    assert {"accuracy@seen", "mcc@unseen"} <= set(tree["hiv_neutralisation"].data_vars)
    scores = [node[next(iter(node.attrs["measures"]))] for node in tree.children.values()]
    assert sum(int(np.isfinite(score).sum()) for score in scores) == cells
    assert tree["mnist_mlp"].attrs["source"].startswith("synthetic")
    assert len(tree["glycan_kingdom/observations/embedding"].children) == 8 * 2
    assert len(find("fig4e").table(tree)) == 8 * 2 * protocol.GLYCANS


def test_efficiency_is_left_out_on_a_busy_machine(monkeypatch):
    monkeypatch.setattr(efficiency, "at_rest", lambda cores: False)
    assert efficiency.efficiency_rows() == []
    monkeypatch.setattr(efficiency, "at_rest", lambda cores: cores == 2)
    monkeypatch.setattr(efficiency, "_wall_s", lambda folder, units, workers: 1.0 / workers)
    (row,) = efficiency.efficiency_rows()
    assert (row.value, row.holds) == (1.0, "pass")


def test_growth_compares_the_largest_run_with_the_one_before(monkeypatch):
    monkeypatch.setattr(growth, "_empty", lambda folder, least: (least, 0.1))
    monkeypatch.setattr(growth, "_real", lambda folder, least: (least, 2.0 * least))
    monkeypatch.setattr(growth, "_observed", lambda folder, least: (least, 3.0))
    monkeypatch.setattr(growth, "QUICK_EMPTY", (10, 100, 1000))
    monkeypatch.setattr(growth, "QUICK_REAL", (10, 100))
    rows = growth.rows(growth.points(quick=True))
    assert [(row.value, row.holds) for row in rows if row.bar] == [(1.0, "pass"), (10.0, "short"), (1.0, "pass")]
    assert len(rows) == 10


def test_growth_runs_real_units(tmp_path):
    units, cost_ms = growth._real(tmp_path, 100)
    assert units == 240
    assert cost_ms > 0
    context = idle_study(tmp_path, 240, shape=SHORT)
    assert (Cube.open(context.cube).status("idle_00") == Status.DONE).sum() == 240


def test_growth_makes_observations(tmp_path):
    units, cost_ms = growth._observed(tmp_path, 20)
    assert units == 24
    assert cost_ms > 0


def test_growth_of_every_kind_is_drawn(monkeypatch):
    for kind in ("empty", "real", "observed"):
        monkeypatch.setattr(growth, f"_{kind}", lambda folder, least: (least, 1.0))
    kinds = {point.kind for point in growth.points(quick=True)}
    assert len(kinds) == 3
    assert growth_png({kind: [(100, 0.1), (1000, 0.1)] for kind in kinds}).startswith(b"\x89PNG")


def test_rows_of_the_protocol_say_what_was_drawn():
    rows = protocol.protocol_rows(protocol.Drawn(777_600, 3_840, 8, 31.0, 400.0, 1.0, 2.0))
    assert [row.holds for row in rows] == ["short", "pass", "pass", ""]
    assert "all figures (8) from 777,600 cells in 3,840 units" in rows[0].name


def test_the_model_of_many_nodes():
    rows = nodes.nodes_rows(nodes.Constants(1.5, 700.0, 6.0, 400.0, 250.0))
    units = 16_000 / 60 * 86_400
    expected = [
        units / 1e6,
        0.4,
        24,
        units * 700 / 1e9,
        units * 6e-6,
        units * 400 / 1e9,
        3 * units / 1e6,
        units * 2.5e-4,
    ]
    assert [row.value for row in rows] == pytest.approx(expected)


def test_the_constants_of_the_model_leave_out_what_every_process_has():
    pace = overhead.Pace(0, 700.0)
    pace._first, pace._last = (0, 0.0, 0.0), (100, 0.6, 0.2)
    few, many = planning.Planned(1_000, 1.0, 250.0, 1.0), planning.Planned(1_001_000, 7.0, 650.0, 1.0)
    found = orchestration._constants(pace, many, few, protocol.Drawn(0, 4_000, 8, 0.0, 0.0, 0.0, 1.0))
    assert found == nodes.Constants(2.0, 700.0, pytest.approx(6.0), pytest.approx(400.0), 250.0)
