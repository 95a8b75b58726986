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
from suite.studies.study import by_name, load_study
from suite.plan.context import Context

RESULTS = Path(config["results"])
try:
    STUDIES = by_name(map(load_study, config["study"].split(",")))
    HASHES = {name: stage_hashes(Context(study, RESULTS)) for name, study in STUDIES.items()}
except SuiteError as error:
    raise WorkflowError(str(error)) from None

# In whatever order they were named.
SORTED = sorted(STUDIES)
RECEIPTS = RESULTS / "{study}" / "receipts"
REPORT = RESULTS / "{study}" / "report.html"
# What decides how figures and page look.
TEMPLATES = sorted(map(file_hash, page.TEMPLATES.iterdir()))
PAGE_CODE = [
    [fingerprint(Path(page.__file__), *figures.code_of(figures.of_study(STUDIES[name].figures))) for name in SORTED],
    TEMPLATES,
]
HOW = ("--executor", config["executor"], "--device", config["device"])


def suite_command(verb, studies, *arguments):
    """The call of a verb on studies."""
    asked = [STUDIES[name].reference for name in studies]
    return shlex.join([sys.executable, "-m", "suite", verb, *arguments, "--results", config["results"], *asked])


def tell_outcome():
    """Say at the end what is missing of the figures that each study names, once, and where the others and the report are."""
    for name in STUDIES:
        receipt, report = (Path(str(path).format(study=name)) for path in (RECEIPTS / "report.json", REPORT))
        for line in json.loads(receipt.read_text())["missing"]:
            print(line, file=sys.stderr)
        print(f"figures: {report.with_name('figures')}", file=sys.stderr)
        print(f"report: {report}", file=sys.stderr)
