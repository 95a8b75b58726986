# What the rules share. Hashes of content and code stand in `params`, so that cosmetic edits rerun nothing and an edit
# that matters reruns just what read it; outputs are receipts, since Snakemake cannot see into a Zarr folder.
import json
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from suite import figures
from suite.contract import SuiteError
from suite.contract.digests import file_hash
from suite.plan.identity.fingerprint import fingerprint
from suite.plan.stages import stage_hashes
from suite.report import page
from suite.studies.study import load_study
from suite.plan.context import Context

try:
    STUDY = load_study(config["study"])
    HASHES = stage_hashes(Context(STUDY, Path(config["results"])))
except SuiteError as error:
    raise WorkflowError(str(error)) from None

FIGURE_CODE = fingerprint(*figures.code_of(figures.of_study(STUDY.figures)))
RECEIPTS = Path(config["results"]) / STUDY.name / "receipts"
REPORT = Path(config["results"]) / STUDY.name / "report.html"
REPORT_CODE = [fingerprint(Path(page.__file__)), *sorted(file_hash(part) for part in page.TEMPLATES.iterdir())]
HOW = ("--executor", config["executor"], "--device", config["device"])


def suite_command(verb, *arguments):
    """The call of a verb on the study, less threads and receipt."""
    study = [config["study"], "--results", config["results"]]
    return shlex.join([sys.executable, "-m", "suite", verb, *arguments, *study])


def tell_outcome():
    """Say at the end what is missing of the figures that the study names, once, and where the others and the report are."""
    for line in json.loads((RECEIPTS / "figures.json").read_text())["missing"]:
        print(line, file=sys.stderr)
    print(f"figures: {REPORT.parent / 'figures'}", file=sys.stderr)
    print(f"report: {REPORT}", file=sys.stderr)
