"""The command line: every verb, its help, its messages and its exit codes."""

import importlib
import subprocess
import sys

import click
import pytest

from suite.cli import main
from suite.cli.packages import packages
from suite.data import datasets
from suite.run.driver import Driver
from tests.cubes import filled_cube
from tests.toys import NAN_OUTPUT, WORKLOAD, plugin, refused, suite, toy_study

HEAVY = {"torch", "ray", "zarr", "xarray", "optuna", "matplotlib", "pandas", "scipy", "dask"}


def commands(group=main, words=()):
    """(words, command) of the group and of everything below it."""
    yield words, group
    if isinstance(group, click.Group):
        for name, command in sorted(group.commands.items()):
            yield from commands(command, (*words, name))


def run(path, *more):
    return suite("run", path, "--results", path.parent / "results", "--executor", "serial", *more)


def of(verb, path, *more):
    return suite(verb, path, "--results", path.parent / "results", *more)


@pytest.mark.parametrize("words", [words for words, _ in commands()], ids=lambda words: " ".join(words) or "suite")
def test_every_verb_has_help_with_an_example(words):
    for flag in ("--help", "-h"):
        result = suite(*words, flag)
        assert result.exit_code == 0
        assert f"Example: suite {' '.join(words)}".rstrip() in result.output


def test_the_verbs_are_there():
    verbs = {"list", "plan", "run", "status", "verify", "figure", "data", "doctor", "check", "kitti"}
    assert verbs <= set(main.commands)
    assert "evaluate" in suite("kitti", "--help").output


@pytest.mark.parametrize("words", [words for words, _ in commands()], ids=lambda words: " ".join(words) or "suite")
def test_a_wrong_option_ends_with_code_2(words):
    assert suite(*words, "--no-such-option").exit_code == 2


def test_it_is_also_a_module():
    done = subprocess.run([sys.executable, "-m", "suite", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("python -m suite, version ")


def test_list_loads_no_heavy_library():
    script = (
        "import sys; from suite.cli import main; main(['list'], standalone_mode=False); "
        f"print('LOADED', sorted({HEAVY} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"
    assert "mnist_mlp" in done.stdout


def test_list_shows_own_and_broken_plugins(tmp_path):
    plugin(tmp_path, "workload", "mine", WORKLOAD)
    broken = plugin(tmp_path, "method", "bad", "raise RuntimeError('no licence')")
    result = suite("list", "--plugins", tmp_path)
    assert result.exit_code == 0
    assert "  mine                   Toy\n" in result.output
    assert f"BROKEN: {broken}: it raises RuntimeError at import: no licence" in result.output
    assert "log-normal programming noise" in result.output
    assert suite("list", "--plugins", tmp_path / "nowhere").exit_code == 2


def test_the_course_of_a_study(tmp_path):
    path = toy_study(tmp_path)
    assert "2 trials, 2 trainings, 4 sweeps" in of("plan", path).output
    assert "suite run" in refused("status", path, "--results", tmp_path / "results")

    first = run(path)
    assert first.exit_code == 0
    assert "8 units done, 0 failed" in first.output
    assert f"next: suite report {path}" in first.output
    assert of("status", path).output == "toy (toy:half-planes): 4 done of 4 units\n"
    assert "0 trials, 0 trainings, 0 sweeps" in of("plan", path).output
    assert "0 units done, 0 failed" in run(path).output

    verified = of("verify", path)
    assert (verified.exit_code, verified.output) == (0, "0 finding(s)\n")


def test_a_torn_chunk_is_found_and_computed_again(tmp_path):
    path = toy_study(tmp_path)
    run(path)
    chunk = tmp_path / "results/toy/cube.zarr/toy/accuracy/c/0/1/0/1"
    sound = chunk.read_bytes()
    chunk.write_bytes(sound[:-3])
    found = of("verify", path)
    assert found.exit_code == 1
    assert "toy, erm, seed 1" in found.output
    assert "accuracy: cannot be decoded" in found.output
    assert "1 units done, 0 failed" in run(path).output
    assert chunk.read_bytes() == sound


def test_without_time_the_way_to_go_on_is_told(tmp_path):
    path = toy_study(tmp_path)
    result = run(path, "--max-hours", "0")
    assert result.exit_code == 1
    assert "0 units done, 0 failed" in result.output
    assert f"time is up; go on with: suite run {path}" in result.output
    assert "8 units done" in run(path).output


def test_a_run_that_got_somewhere_in_its_time_ends_with_a_code_of_its_own(tmp_path, monkeypatch):
    path = toy_study(tmp_path)
    monkeypatch.setattr(Driver, "_out_of_time", property(lambda driver: driver.summary.done > 2))
    result = run(path)
    assert result.exit_code == 75
    assert "time is up; go on with" in result.output


def test_a_unit_that_fails_gives_code_1_and_its_reason(tmp_path):
    path = toy_study(tmp_path, workloads=["sick", "toy"], methods={"erm": {"tuning": "none"}})
    plugin(tmp_path / "own", "workload", "sick", WORKLOAD, NAN_OUTPUT)
    result = run(path)
    assert result.exit_code == 1
    assert "FAILED sick erm, seed 0: workload 'sick', seed 0: 30 of 30 clean outputs" in result.output
    assert "6 units done, 2 failed" in result.output
    assert f"mend what failed, then: suite run {path}" in result.output
    assert "sick (toy:half-planes): 0 done, 4 failed of 4 units" in of("status", path).output


def test_what_is_skipped_is_told_and_is_no_failure(tmp_path):
    path = toy_study(tmp_path, workloads=["absent", "toy"])
    plugin(tmp_path / "own", "workload", "absent", WORKLOAD, ("toy:half-planes", "synthetic:half-planes"))
    result = run(path)
    assert result.exit_code == 0
    assert "skipped absent: only a stand-in (synthetic:half-planes) is at hand" in result.output
    assert "unknown absent: data missing: only a stand-in" in of("plan", path).output


def test_where_nothing_can_run_it_is_an_error(tmp_path):
    path = toy_study(tmp_path)
    plugin(tmp_path / "own", "workload", "toy", WORKLOAD, ("toy:half-planes", "synthetic:half-planes"))
    message = refused("run", path, "--results", tmp_path / "results", "--executor", "serial")
    assert message.startswith(f"Error: {path}: field workloads: nothing can run here: toy: only a stand-in")
    assert "write `standins: allow` in the study" in message


def test_one_workload_of_a_study(tmp_path):
    path = toy_study(tmp_path, workloads=["toy", "twin"])
    plugin(tmp_path / "own", "workload", "twin", WORKLOAD)
    assert run(path, "--workload", "twin").exit_code == 0
    assert of("status", path).output == "twin (toy:half-planes): 4 done of 4 units\n"
    message = refused("run", path, "--results", tmp_path / "results", "--executor", "serial", "--workload", "twim")
    assert "--workload twim: not in study toy, did you mean 'twin'? (known: toy, twin)" in message


@pytest.mark.parametrize(
    ("change", "rest"),
    [
        ({"workloads": ["toi"]}, "field workloads: unknown workload 'toi', did you mean 'toy'?"),
        ({"methods": ["erms"]}, "field methods.erms: unknown method 'erms', did you mean 'erm'?"),
        ({"conditions": [{"device": "log", "usability": [1.0]}]}, "field conditions.0: unknown device 'log'"),
        ({"realisation": 1}, "field realisation: unknown key, did you mean 'realisations'?"),
        ({"conditions": [{"usability": [float("nan")]}]}, "field conditions.0.usability.0: usability = exp(-sigma)"),
        ({"methods": {"erm": {"params": {"rate_1": 0.1}}}}, "field methods.erm.params: ERM has no parameter 'rate_1'"),
    ],
)
def test_a_bad_study_is_refused_before_anything_runs(tmp_path, change, rest):
    path = toy_study(tmp_path, **change)
    message = refused("run", path, "--results", tmp_path / "results", "--executor", "serial")
    assert message.startswith(f"Error: {path}: {rest}")


def test_a_broken_plugin_that_is_used_is_named(tmp_path):
    bad = plugin(tmp_path / "own", "method", "bad", "raise RuntimeError('no licence')")
    path = toy_study(tmp_path, methods=["bad"])
    message = refused("run", path, "--results", tmp_path / "results", "--executor", "serial")
    assert f"{bad}: this method cannot be used: it raises RuntimeError at import: no licence" in message
    assert run(toy_study(tmp_path)).exit_code == 0


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        (("run", "quik", "--executor", "serial"), "no study 'quik', did you mean 'quick'?"),
        (("plan", "nowhere.yaml"), "nowhere.yaml: no such study file"),
        (("figure", "fig2a", "quick", "--results", "/nowhere"), "no cube yet; run `suite run quick` first"),
        (("data", "get", "mnits"), "no data source is called 'mnits'"),
    ],
)
def test_messages_of_other_verbs(words, rest):
    assert rest in refused(*words)


def test_an_executor_or_device_that_does_not_exist_is_refused():
    assert "'gpu' is not one of" in suite("run", "quick", "--device", "gpu").output
    assert suite("run", "quick", "--executor", "slurm").exit_code == 2


def test_a_figure_is_drawn_from_the_cube_alone(tmp_path):
    filled_cube(tmp_path / "quick" / "cube.zarr")
    result = suite("figure", "fig2a", "quick", "--results", tmp_path, "--receipt", tmp_path / "receipt.json")
    assert result.exit_code == 0
    assert (tmp_path / "quick/figures/fig2a.pdf").read_bytes().startswith(b"%PDF")
    assert '"fig2a.csv"' in (tmp_path / "receipt.json").read_text()
    message = refused("figure", "fig2z", "quick", "--results", tmp_path)
    assert "unknown figure 'fig2z', did you mean 'fig2" in message


def test_a_study_draws_what_it_can_feed_and_is_told_what_is_missing_of_what_it_names_alone(tmp_path):
    path = toy_study(tmp_path, figures=["fig2a"])
    run(path)
    place = path, "--results", tmp_path / "results"
    result = suite("figure", "all", *place)
    missing, *drawn = result.output.splitlines()
    assert [line.split(":")[0] for line in drawn] == ["fig_box", "fig_curves"]
    assert missing == "fig2a is not drawn: mnist_mlp, mnist_lenet are not in this cube"
    assert "fig_ranks is not drawn: ranks take 8 workloads" in suite("figure", "fig_ranks", *place).output


def test_data_list_says_where_or_how(tmp_path):
    result = suite("data", "list", "--data-root", tmp_path)
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines() if line[0] != " "] == datasets.names()
    assert "suite data get mnist" in result.output


def test_doctor_is_content_here_and_says_what_is_not(tmp_path, monkeypatch):
    # `suite.cli.doctor` is the verb, which hides the module.
    module = importlib.import_module("suite.cli.doctor")
    monkeypatch.setattr(module, "packages", lambda: {"numpy": ""})
    sound = suite("doctor", "--results", tmp_path)
    assert (sound.exit_code, "ok   numpy" in sound.output) == (0, True)
    asked = ["numpy>=2", "no-such-package>=1", 'no-such-tool; extra == "tools"']
    monkeypatch.setattr("suite.cli.packages.requires", lambda name: asked)
    monkeypatch.setattr(module, "packages", packages)
    lacking = suite("doctor", "--results", tmp_path)
    assert lacking.exit_code == 1
    assert "BAD  no-such-package is not installed: pip install crossbar-suite\n" in lacking.output
    assert "none no-such-tool is not installed: pip install 'crossbar-suite[tools]'\n" in lacking.output
