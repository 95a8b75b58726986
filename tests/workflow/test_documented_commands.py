"""Every command of README and documentation works: block by block in a folder with small files of the names used there.

What asks for a cluster, for the network or for days is marked, with the reason, and planned or held by what it names.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from suite.cli import main
from suite.contract.registry import Kind, registry
from suite.studies.study import load_study
from tests.bench.__main__ import BENCHES
from tests.house.sources import ROOT
from tests.toys import toy_study
from tests.unit.lab.iv_files import currents, table, text
from tests.unit.lab.test_retention import readings

pytestmark = pytest.mark.workflow

PAGES = {path.name: path.read_text() for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
# Studies whose plan is made in place of them.
LARGE = ("paper",)
# Built-in studies in whose place a small one runs.
SMALL = ("ci", "quick")


def commands(block: str) -> list[str]:
    """The lines of a block, without comments and with continued ones in one."""
    lines = block.replace("\\\n", " ").splitlines()
    return [line for line in (re.sub(r"(^|\s)#.*", "", line).strip() for line in lines) if line]


BLOCKS = {
    f"{page}-{number}": commands(block)
    for page, content in PAGES.items()
    for number, (language, block) in enumerate(FENCE.findall(content))
    if language == "console"
}


def inline() -> Iterator[tuple[str, str]]:
    """(page, command) of every command within a sentence."""
    for page, content in PAGES.items():
        for code in re.findall(r"`([^`]+)`", FENCE.sub("", content)):
            words = " ".join(code.split())
            if re.match(r"(suite|make|snakemake|python|pytest|pip) ", words):
                yield page, words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With small files of the names that the pages use; their studies have run in it."""
    found = tmp_path_factory.mktemp("commands")
    for name in (*SMALL, "my_study"):
        conditions = [{"usability": [1.0, 0.74, 0.5]}]
        study = toy_study(found, name=name, methods={"erm": {"tuning": "none"}}, seeds=2, conditions=conditions)
        study.rename(found / f"{name}.yaml")
    text(found / "my_sweeps.csv", table(1e3 * currents(), header="cycle {}"))
    (found / "cells.csv").write_text("\n".join(readings()))
    (found / "my_devices.csv").write_text(devices())
    tables = found / "results" / "reference" / "tables"
    tables.mkdir(parents=True)
    for name in ("scores.csv", "receipt.json"):
        shutil.copy(ROOT / "results" / "reference" / "tables" / name, tables)
    for study in (*SMALL, "my_study.yaml"):
        done = invoke(found, ["run", study])
        assert done.exit_code == 0, done.output
    return found


def devices() -> str:
    """The table that the page shows, with more rows of its kind."""
    (shown,) = [block for _, block in FENCE.findall(PAGES["device.md"]) if block.startswith("material,")]
    return shown + "".join(
        f"{kind},{hours},{100 + hours},0.{hours}\n" for kind in ("MAPbI3", "FAPbI3") for hours in range(3, 8)
    )


def invoke(folder: Path, words: list[str]) -> click.testing.Result:
    """`suite WORDS` in the folder, small studies in place of the built-in ones, in this process."""
    words = [f"{word}.yaml" if word in SMALL else word for word in words]
    words += ["--executor", "serial"] if words[0] == "run" and "--executor" not in words else []
    before = Path.cwd()
    os.chdir(folder)
    try:
        return CliRunner().invoke(main, words)
    finally:
        os.chdir(before)


def parsed(line: str) -> list[str]:
    """A command of the suite has all the verbs and options that are asked of it; its words."""
    command, rest = main, shlex.split(line)[1:]
    while rest and isinstance(command, click.Group):
        assert rest[0] in command.commands or rest[0] in ("VERB", "--help"), line
        command = command.commands.get(rest.pop(0), click.Command("any", add_help_option=True))
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    asked = {word.partition("=")[0] for word in rest if word.startswith("--")} - {"--help"}
    assert asked <= known, (line, asked - known)
    return shlex.split(line)[1:]


def planned(folder: Path, line: str) -> None:
    """A job for a cluster: its files are here, what it runs is known, and its study can be planned."""
    words = shlex.split(line)
    if "--wrap" in line:
        (wrapped,) = [word.partition("=")[2] for word in words if word.startswith("--wrap=")]
        line = wrapped
        parsed(line)
    elif words[0] == "sbatch":
        script = next(word for word in words[1:] if not word.startswith("-"))
        assert (ROOT / script).is_file(), script
        line = " ".join(["suite", "run", *words[words.index(script) + 1 :]])
        parsed(line)
    elif "--workflow-profile" in words:
        profile = ROOT / words[words.index("--workflow-profile") + 1]
        assert yaml.safe_load((profile / "config.yaml").read_text())["executor"] == "slurm"
    (study,) = [name for name in LARGE if re.search(rf"\b{name}\b", line)]
    assert "core-hours" in plan_of(folder, study)


@cache
def plan_of(folder: Path, study: str) -> str:
    """What `suite plan` says, once."""
    done = invoke(folder, ["plan", study])
    assert done.exit_code == 0, done.output
    return done.output


def makes(folder: Path, line: str) -> None:
    done = subprocess.run([*shlex.split(line), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def dry(folder: Path, line: str) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    ran = ["bash", "-c", f"{line} executor=serial --dry-run --quiet all"]
    done = subprocess.run(ran, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def in_makefile(folder: Path, line: str) -> None:
    wanted = {".": "VENV := .venv", "python3": " -m venv ", ".venv/bin/pip": line.partition(" --index-url")[0][-13:]}
    assert wanted[shlex.split(line)[0]] in (ROOT / "Makefile").read_text(), line


def asked_for(folder: Path, line: str) -> None:
    name = shlex.split(line)[1].partition("=")[0]
    assert f'"{name}"' in (ROOT / "suite" / "data" / "datasets.py").read_text()


def loads(folder: Path, line: str) -> None:
    """Its study is there."""
    load_study(parsed(line)[1])


def is_an_extra(folder: Path, line: str) -> None:
    (extra,) = re.findall(r"crossbar-suite\[(\w+)\]", line)
    assert f"\n{extra} = [" in (ROOT / "pyproject.toml").read_text(), line


# What begins so is not carried out: why, and what holds it.
MARKED: dict[str, tuple[str, Callable[[Path, str], object]]] = {
    "suite run paper": ("days of a GPU", planned),
    "suite run quick_vlm": ("is a part of make figures", loads),
    "suite run reference_vlm": ("hours; its plan is committed", loads),
    "suite run reference_vlm_smollm2": ("hours; its plan is committed", loads),
    "pip install": ("needs the network: test_package.py installs the package", is_an_extra),
    "suite ingest paper": ("takes what such a run leaves", planned),
    "sbatch": ("needs Slurm: test_slurm_stand_ins.py has stand-ins, tests/cluster the real one", planned),
    "snakemake --workflow-profile": ("needs Slurm: as sbatch", planned),
    "snakemake --snakefile": ("test_package.py and test_snakemake.py run workflows", dry),
    "suite data get": ("needs the network: tests/unit/data has a stand-in", lambda folder, line: parsed(line)),
    "suite kitti evaluate": ("test_kitti_verb.py has labels and detections", lambda folder, line: parsed(line)),
    "make": ("is made of commands and tests that run by themselves", makes),
    "python3 -m venv": ("the Makefile does the same", in_makefile),
    ".venv/bin/pip install": ("the Makefile does the same", in_makefile),
    ". .venv/bin/activate": ("the Makefile makes it", in_makefile),
    "export SUITE_DATA": ("is what the code asks for", asked_for),
    "suite check my_folder": ("test_docs.py follows its page to the end", lambda folder, line: parsed(line)),
    "suite run moons.yaml": ("as above", lambda folder, line: parsed(line)),
    "suite report moons.yaml": ("as above", lambda folder, line: parsed(line)),
}


@pytest.mark.parametrize("block", BLOCKS)
def test_every_command_of_a_block_works(folder: Path, block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUITE_DATA", raising=False)
    for line in BLOCKS[block]:
        holds = [
            held
            for start, (_, held) in MARKED.items()
            if f"{line} ".startswith(f"{start} ") or line.startswith(f"{start}=")
        ]
        if holds:
            holds[0](folder, line)
            continue
        assert line.startswith("suite "), f"{line}: no command of ours; say in MARKED what holds it"
        done = invoke(folder, parsed(line))
        assert done.exit_code == 0, (line, done.output, done.exception)


def test_what_is_marked_is_there() -> None:
    lines = [line for block in BLOCKS.values() for line in block]
    assert [start for start in MARKED if not any(line.startswith(start) for line in lines)] == []


def test_blocks_of_commands_say_that_they_are() -> None:
    """Else nothing here would see them."""
    programs = re.compile(r"(suite|make|snakemake|sbatch|python3?|pytest|pip|export) ")
    unseen = [
        (page, block)
        for page, content in PAGES.items()
        for language, block in FENCE.findall(content)
        if language != "console" and any(programs.match(line) for line in block.splitlines())
    ]
    assert unseen == []


@pytest.mark.parametrize("kind", ["workload", "method", "device"])
def test_every_file_of_the_house_has_its_place_in_the_documentation(kind: Kind) -> None:
    told = {
        name for page in PAGES.values() for code in re.findall(r"`([^`]+)`", page) for name in re.findall(r"\w+", code)
    }
    assert {entry.name for entry in registry().entries(kind)} - told == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_within_a_sentence_is_known(page: str) -> None:
    for line in [line for where, line in inline() if where == page]:
        words = shlex.split(line)
        match words:
            case ["suite", *_]:
                parsed(line)
            case ["make", *_]:
                makes(ROOT, line)
            case ["python", "-m", "tests.bench", *names]:
                assert {name for name in names if name[0] != "-" and not name.endswith(".csv")} <= set(BENCHES), line
            case ["python", "-m", module]:
                assert importlib.util.find_spec(module), line
            case ["pytest", path]:
                assert (ROOT / path).is_file(), line
            case ["snakemake", *_]:
                load_study(words[-1].removeprefix("study="))
            case _:
                assert words[:2] == ["pip", "install"], line
