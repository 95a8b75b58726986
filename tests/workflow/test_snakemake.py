"""What Snakemake would run again after an edit: no more and no less than what read it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.data.idx_files import write_digits

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

HOUSE = Path(__file__).parents[2]
SNAKEMAKE = [sys.executable, "-m", "snakemake", "--cores", "1", "--config", "executor=serial", "study=tiny.yaml"]
STUDY = """
name: tiny
scale: ci
workloads: [mnist_mlp]
methods: [erm]
seeds: 1
realisations: 1
conditions:
  - usability: [1.0, 0.6]
  - {device: other, usability: [0.6]}
tuning: {trials: 1, random_trials: 0, realisations: 1}
"""


def snakemake(house: Path, *arguments: str, code: int = 0) -> str:
    """Output of Snakemake in a copy of the house; `code` is how it must end."""
    environment = {**os.environ, "PYTHONPATH": str(house), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([*SNAKEMAKE, *arguments], cwd=house, env=environment, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def rules_to_run(house: Path) -> set[str]:
    """Names of the rules in a dry run."""
    found = re.findall(r"^(?:local)?rule (\w+):|^(\w+) +\d+$", snakemake(house, "--dry-run"), flags=re.MULTILINE)
    return {name for pair in found for name in pair if name} - {"total", "all"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house with a device of its own, in which the study has run."""
    copy = tmp_path_factory.mktemp("house")
    for name in ("suite", "workloads"):
        shutil.copytree(HOUSE / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HOUSE / "Snakefile", copy)
    shutil.copy(copy / "suite/devices/lognormal.py", copy / "suite/devices/other.py")
    (copy / "tiny.yaml").write_text(STUDY)
    snakemake(copy)
    return copy


@pytest.fixture
def edited(house: Path):  # type: ignore[no-untyped-def]
    """Edit a file for one test."""
    before: dict[Path, str] = {}

    def edit(name: str, old: str, new: str) -> None:
        path = house / name
        before[path] = path.read_text()
        assert old in before[path], f"{name} no longer holds {old!r}"
        path.write_text(before[path].replace(old, new, 1))

    yield edit
    for path, text in before.items():
        path.write_text(text)


def test_a_run_ends_with_a_report_and_figures(house: Path) -> None:
    assert (house / "results/tiny/report.html").stat().st_size > 1000
    assert (house / "results/tiny/figures/fig_curves.pdf").stat().st_size > 1000


def test_a_figure_reruns_figures_and_page(house: Path, edited) -> None:  # type: ignore[no-untyped-def]
    edited("suite/figures/style.py", "PNG_DPI = 300", "PNG_DPI = 200")
    assert rules_to_run(house) == {"report"}


def test_a_device_of_the_sweeps_reruns_all_that_read_it(house: Path, edited) -> None:  # type: ignore[no-untyped-def]
    edited(
        "suite/devices/other.py", "from __future__ import annotations", "from __future__ import annotations\n\nNEW = 1"
    )
    assert rules_to_run(house) == {"run", "report"}


def test_the_device_of_the_tuning_reruns_all_that_read_it(house: Path, edited) -> None:  # type: ignore[no-untyped-def]
    code = "from __future__ import annotations"
    edited("suite/devices/lognormal.py", code, f"{code}\n\nNEW = 1")
    assert rules_to_run(house) == {"run", "report"}


def test_other_data_rerun_all_that_came_of_them(house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_digits(tmp_path)
    monkeypatch.setenv("SUITE_DATA", str(tmp_path))
    assert rules_to_run(house) == {"run", "report"}


def test_a_comment_and_a_source_that_the_study_does_not_read_rerun_nothing(house: Path, edited) -> None:  # type: ignore[no-untyped-def]
    """Nor do data that were looked at meanwhile, nor a run that is over."""
    edited("suite/sweep/sweep.py", "from __future__", "# a remark\nfrom __future__")
    edited("suite/devices/lognormal.py", "from __future__", "# a remark\nfrom __future__")
    other = house / "suite/data/sources/other.py"
    other.write_text((house / "suite/data/sources/mnist.py").read_text().replace('name="mnist"', 'name="other"'))
    try:
        assert "Nothing to be done" in snakemake(house, "--dry-run")
    finally:
        other.unlink()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[mnist_mlp]", "[mnist_mlpp]", "unknown workload 'mnist_mlpp', did you mean 'mnist_mlp'?"),
        ("scale: ci", "scale: cy", "tiny.yaml: field scale: "),
    ],
)
def test_a_mistake_in_the_study_is_told_without_a_traceback(  # type: ignore[no-untyped-def]
    house: Path, edited, old: str, new: str, message: str
) -> None:
    edited("tiny.yaml", old, new)
    output = snakemake(house, "--dry-run", code=1)
    assert message in output
    assert re.findall(r'File ".*/suite/(\w+\.py)"', output) == []


def test_the_workflow_lints(house: Path) -> None:
    """One environment for all rules is our choice; Snakemake's lint has nothing else to say."""
    environment = {**os.environ, "PYTHONPATH": str(house)}
    done = subprocess.run([*SNAKEMAKE, "--lint"], cwd=house, env=environment, capture_output=True, text=True)
    remarks = re.findall(r"^ +\* (.+?):?$", done.stdout + done.stderr, flags=re.MULTILINE)
    assert set(remarks) <= {"Specify a conda environment or container for each rule."}, remarks
