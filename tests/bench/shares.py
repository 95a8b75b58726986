"""What `make figures` keeps a core busy with, share by share, against `shares.csv`: `python -m tests.bench.shares`.

CPU seconds, as the event logs and receipts below `results` have them: of units by workload, and of the processes that
draw figures and write reports, their start included; of all runs, so begin with a clean checkout. What orchestrates
(Snakemake, Ray, the driver) is in no share. A workload is of the first share of its study that it matches. Ends with
code 1 where a share takes over a fifth more than it may; a share whose study does not exist yet is named.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from suite.contract import SuiteError
from suite.results.provenance import read_events
from suite.studies.study import BUILT_IN

TABLE = Path(__file__).with_suffix(".csv")
MOST = 1.2
# In the column `study`: what is drawn and written of all of them.
EVERY = "*"


@dataclass(frozen=True)
class Share:
    """core_s: what it may take; workloads: a pattern of names."""

    share: str
    study: str
    workloads: str
    core_s: float

    @property
    def planned(self) -> bool:
        """Whether its study does not exist yet."""
        return self.study != EVERY and not (BUILT_IN / f"{self.study}.yaml").exists()


def shares() -> list[Share]:
    """The rows of the table."""
    with TABLE.open(newline="") as file:
        return [Share(**{**row, "core_s": float(row["core_s"])}) for row in csv.DictReader(file)]


def spent(results: Path, asked: list[Share]) -> Counter[str]:
    """CPU seconds of every share whose study exists. Raises SuiteError where such a study has not run."""
    found: Counter[str] = Counter()
    for study in dict.fromkeys(one.study for one in asked if one.study != EVERY and not one.planned):
        log = results / study / "events.jsonl"
        if not log.exists():
            raise SuiteError(f"{log}: no such file; give `make figures` before")
        for event in read_events(log):
            if "seconds" in event:
                found[_share_of(event["workload"], study, asked)] += event["cpu_s"]
        receipt = json.loads((results / study / "receipts" / "report.json").read_text())
        found[_share_of("", EVERY, asked)] += receipt["cpu_s"]
    return found


def _share_of(workload: str, study: str, asked: list[Share]) -> str:
    return next(one.share for one in asked if one.study == study and fnmatchcase(workload, one.workloads))


def lines(results: Path, asked: list[Share]) -> Iterator[tuple[str, bool]]:
    """(line, whether it is well) of every share."""
    found = spent(results, asked)
    for one in asked:
        if one.planned:
            yield f"{one.share:22} {'':>6} of {one.core_s:4.0f} core-seconds: no study {one.study} yet", True
            continue
        well = found[one.share] <= MOST * one.core_s
        over = "" if well else f": over a fifth too much, see {results}/{one.study}/events.jsonl"
        yield f"{one.share:22} {found[one.share]:6.1f} of {one.core_s:4.0f} core-seconds{over}", well
    yield f"{'in all':22} {found.total():6.1f}", True


def main(results: Path = Path("results")) -> None:
    """Print every share."""
    told = list(lines(results, shares()))
    for line, _ in told:
        print(line)
    sys.exit(not all(well for _, well in told))


if __name__ == "__main__":
    main()
