"""The suite as a package: the source archive, the wheel made of it, and the wheel at work in an empty folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from tests.house.sources import ROOT, repository_files

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

EXTRAS = {"ray", "snakemake", "figures"}


def python(folder: Path, *arguments: object, code: int = 0, **environment: str) -> str:
    """What a fresh interpreter prints in a folder."""
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made of the source archive, which is made of what is under version control."""
    house = tmp_path_factory.mktemp("source")
    for path in repository_files():
        copy = house / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    python(house, "-c", "from setuptools import build_meta; build_meta.build_sdist('dist')")
    (archive,) = (house / "dist").glob("*.tar.gz")
    offline = "--no-deps", "--no-build-isolation", "--no-index"
    python(house, "-m", "pip", "wheel", *offline, "--wheel-dir", "dist", archive)
    (found,) = (house / "dist").glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel alone is installed; its packages are those of this environment."""
    place = tmp_path_factory.mktemp("installed") / "site-packages"
    options = "--no-deps", "--no-index", "--no-compile", "--target", place
    python(place.parent, "-m", "pip", "install", *options, wheel)
    return place


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the path that hides all packages which extras alone bring."""
    place = tmp_path_factory.mktemp("bare")
    metadata = next(name for name in ZipFile(wheel).namelist() if name.endswith("dist-info/METADATA"))
    asked = Parser().parsestr(ZipFile(wheel).read(metadata).decode()).get_all("Requires-Dist") or []
    found = [Requirement(text) for text in asked]
    extras = [one for one in found if one.marker and any(one.marker.evaluate({"extra": name}) for name in EXTRAS)]
    hidden = [one.name.replace("-", "_") for one in extras]
    assert {"ray", "snakemake", "matplotlib", "bokeh"} <= {*hidden}
    (place / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({hidden}))\n")
    return place


def test_the_wheel_holds_every_file_of_the_house(wheel: Path) -> None:
    names = {str(path.relative_to(ROOT)) for path in repository_files()}
    house = {name for name in names if name.startswith(("suite/", "workloads/"))}
    assert house - set(ZipFile(wheel).namelist()) == set()


def test_in_an_empty_folder_the_bare_suite_runs_and_the_whole_one_reports(
    installed: Path, bare: Path, tmp_path: Path
) -> None:
    alone = {"PYTHONPATH": os.pathsep.join([str(bare), str(installed)])}
    assert str(installed) in python(tmp_path, "-c", "import suite; print(suite.__file__)", **alone)
    suite = "-m", "suite"
    assert "0 failed" in python(tmp_path, *suite, "run", "ci", "--executor", "serial", **alone)
    for verb, extra in ((("run", "ci"), "ray"), (("figure", "all", "ci"), "figures"), (("report", "ci"), "figures")):
        said = python(tmp_path, *suite, *verb, code=2, **alone)
        assert f"pip install 'crossbar-suite[{extra}]'" in said and "Traceback" not in said
    whole = {"PYTHONPATH": str(installed)}
    python(tmp_path, *suite, "report", "ci", **whole)
    assert (tmp_path / "results/ci/report.html").stat().st_size > 1000
    assert "0 units done, 0 failed" in python(
        ROOT, *suite, "run", "ci", "--executor", "serial", "--results", tmp_path / "results", PYTHONPATH=str(ROOT)
    )


def test_an_installed_suite_brings_its_workflow(installed: Path, tmp_path: Path) -> None:
    alone = {"PYTHONPATH": str(installed)}
    rules = python(tmp_path, "-c", "import suite; print(suite.WORKFLOW)", **alone).strip()
    assert Path(rules).is_relative_to(installed)
    options = "--cores", "1", "--dry-run", "--config", "study=ci", "executor=serial"
    said = python(tmp_path, "-m", "snakemake", "--snakefile", rules, *options, **alone)
    assert {"run", "report"} < set(re.findall(r"^(\w+) +1$", said, flags=re.MULTILINE))
