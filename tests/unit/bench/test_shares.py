"""What a study took of a core, share by share."""

import json

import pytest

from suite.contract import SuiteError
from tests.bench import shares
from tests.bench.shares import Share, lines, spent

ASKED = [
    Share("machines", "quick", "vsa_*", 2),
    Share("others", "quick", "*", 10),
    Share("to come", "no_such_study", "*", 60),
    Share("drawn", shares.EVERY, "", 5),
]


@pytest.fixture
def results(tmp_path):
    units = [("vsa_fsm/a", 1.5), ("vsa_fsm/b", 1.0), ("mnist_mlp", 4.0)]
    events = [{"workload": name, "seconds": 9.0, "cpu_s": cpu_s} for name, cpu_s in units]
    receipts = tmp_path / "quick" / "receipts"
    receipts.mkdir(parents=True)
    lines_of_log = [json.dumps(event) + "\n" for event in [{"workload": "mnist_mlp", "status": "started"}, *events]]
    (tmp_path / "quick" / "events.jsonl").write_text("".join(lines_of_log))
    (receipts / "report.json").write_text(json.dumps({"cpu_s": 5.0}))
    return tmp_path


def test_a_workload_is_of_the_first_share_that_it_matches(results):
    assert spent(results, ASKED) == {"machines": 2.5, "others": 4.0, "drawn": 5.0}


def test_over_a_fifth_too_much_is_not_well_and_a_study_to_come_is_named(results):
    told = {line.split(" ")[0]: (line, well) for line, well in lines(results, ASKED)}
    assert [well for _, well in told.values()] == [False, True, True, True, True]
    assert "over a fifth too much" in told["machines"][0] and "no study no_such_study yet" in told["to"][0]


def test_a_study_that_has_not_run_is_refused(tmp_path):
    with pytest.raises(SuiteError, match="make figures"):
        spent(tmp_path, ASKED)


def test_every_workload_of_a_share_has_one():
    from suite.studies.study import load_study

    asked = shares.shares()
    assert all(one.core_s > 0 for one in asked)
    for study in {one.study for one in asked if one.study != shares.EVERY and not one.planned}:
        for name in load_study(study).workloads:
            assert shares._share_of(name, study, asked)
