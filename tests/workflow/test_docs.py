"""What the pages of the documentation show works as written."""

from __future__ import annotations

import re
import shlex
from itertools import product
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from suite.cli import main
from suite.plan.context import Context
from suite.run.executors.serial import SerialExecutor
from suite.run.run import run
from suite.studies.study import load_study

ROOT = Path(__file__).parents[2]
DOCS = {path.stem: path.read_text() for path in (ROOT / "docs").glob("*.md")}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS[page], flags=re.DOTALL)


def block(page: str, language: str, with_text: str) -> str:
    (found,) = (text for text in blocks(page, language) if with_text in text)
    return found


def suite(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


# The file of each page, and what tells its block from others.
OWN = {
    "workload": ("moons", "WORKLOAD ="),
    "device": ("stuck", "DEVICE ="),
    "method": ("gaussian_activations", "def attach"),
}


def test_a_workload_a_device_and_a_method_of_ones_own_come_to_their_curves_by_three_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for kind, (name, code) in OWN.items():
        path = Path("my_folder", f"{kind}s", f"{name}.py")
        assert f"`{path}`" in DOCS[kind] and f"`{path}`" in DOCS["workload"]
        path.parent.mkdir(parents=True)
        path.write_text(block(kind, "python", code))
    Path("moons.yaml").write_text(block("workload", "yaml", "name: moons"))
    commands = [shlex.split(line, comments=True) for line in block("workload", "console", "moons.yaml").splitlines()]
    assert [command[:2] for command in commands] == [["suite", verb] for verb in ("check", "run", "report")]
    for _, *command in commands:
        suite(*command, *(["--executor", "serial"] if command[0] == "run" else []))
    page = Path("results/moons/report.html").read_text()
    curves = re.search(r'id="items">(.*?)</script>', page, re.DOTALL)
    assert curves and "Two moons" in page and "moons, accuracy" in page
    drawn = re.findall(r'\["contestant", \["(\w+)".*?\["line", \["([^"]+)"', curves[1])
    contestants, devices = {"erm", "gaussian_activations"}, {"lognormal on weights", "stuck on weights"}
    assert set(drawn) == set(product(contestants, devices))


def test_the_adaptation_of_the_page_keeps_the_contract_and_follows_a_training(tmp_path: Path) -> None:
    (tmp_path / "mine" / "methods").mkdir(parents=True)
    (tmp_path / "mine" / "methods" / "bias_on_chip.py").write_text(block("method", "python", "def adapt"))
    checked = suite("check", tmp_path / "mine", "--workload", "mnist_mlp").output
    assert re.search(r"ok +an adaptation is of its chip", checked)
    study = {"name": "bias", "scale": "ci", "workloads": ["mnist_mlp"], "seeds": 1, "realisations": 1}
    study |= {"conditions": [{"usability": [0.57]}], "plugins": ["mine"]}
    study |= yaml.safe_load(block("method", "yaml", "adapt:"))
    study["methods"] = {
        label: {"method": "erm", "tuning": "none", **entry} for label, entry in study["methods"].items()
    }
    (tmp_path / "bias.yaml").write_text(yaml.safe_dump(study))
    context = Context(load_study(tmp_path / "bias.yaml"), tmp_path / "results")
    summary, _ = run(context, SerialExecutor(), show=lambda progress: None)
    assert not summary.failed
    assert summary.done == 4
