"""What a day of a large cluster asks of its driver: `python -m tests.bench.model`, from constants that were measured.

The constants are rows of results.csv (benches `orchestration` and `scale`), all of one processor.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from suite.contract import SuiteError
from suite.results.provenance import hardware
from tests.bench import orchestration, scale
from tests.bench.__main__ import TABLE
from tests.bench.rows import read

DAY_S = 86_400
# Of a unit with one score: that, the counts of samples that are not finite, and the hash.
FILES = 3
RAY = f"overhead of an empty unit, Ray, {orchestration.WORKERS} workers, 5,000 units, driver's CPU"
PLANNING = "planning 1,000,224 units"


@dataclass(frozen=True)
class Constants:
    """Of a unit, in seconds and bytes: see `read_constants`."""

    ray_s: float
    write_cpu_s: float
    write_wall_s: float
    plan_s: float
    plan_bytes: float
    log_bytes: float
    handed_bytes: float
    digest_s: float


def read_constants(rows: Sequence[Mapping[str, str]], processor: str) -> Constants:
    """Those of a processor. Raises SuiteError where one was not measured there."""
    known = {(row["bench"], row["name"]): float(row["value"]) for row in rows if row["processor"] == processor}

    def value(bench: str, name: str) -> float:
        if (bench, name) not in known:
            run = f"python -m tests.bench {bench} --csv {TABLE}"
            raise SuiteError(f"{TABLE.name}: no row {name!r} on {processor}; {run}")
        return known[bench, name]

    def of(workers: str, what: str) -> float:
        return value(scale.BENCH, f"{workers}: {what}")

    return Constants(
        ray_s=1e-3 * value(orchestration.BENCH, RAY),
        # What the driver does more of units that it writes itself; by the clock, it waits for its disk.
        write_cpu_s=1e-3 * (of(scale.HANDS_BACK, scale.DRIVER) - of(scale.SEES, scale.DRIVER)),
        write_wall_s=1 / of(scale.HANDS_BACK, scale.PACE) - 1 / of(scale.SEES, scale.PACE),
        plan_s=1e-6 * value(orchestration.BENCH, f"{PLANNING}, CPU"),
        plan_bytes=1e3 * value(orchestration.BENCH, f"{PLANNING}, peak memory"),
        log_bytes=of(scale.SEES, scale.LOG),
        handed_bytes=of(scale.HANDS_BACK, scale.HANDED),
        digest_s=1e-3 * of(scale.HANDS_BACK, scale.DIGEST),
    )


def day(found: Constants, workers: int, unit_s: float, hands_back: bool) -> dict[str, str]:
    """{what: how much} of a day in which so many workers do units of `unit_s` seconds."""
    pace = workers / unit_s
    units = pace * DAY_S
    cpu_s, wall_s = (found.ray_s + hands_back * more for more in (found.write_cpu_s, found.write_wall_s))
    return {
        "units": f"{units / 1e6:.1f} million",
        "driver, of one core": f"{100 * pace * cpu_s:.0f} %",
        "shortest units that it keeps up with": f"{workers * wall_s:.0f} s",
        "into the driver": f"{pace * found.handed_bytes * hands_back / 1e6:.1f} MB/s",
        "planning": f"{units * found.plan_s:.0f} s, {units * found.plan_bytes / 1e9:.0f} GB",
        "event log": f"{units * found.log_bytes / 1e9:.0f} GB",
        "files of the cube, workloads with one score": f"{units * FILES / 1e6:.0f} million",
        "digest at the end": f"{units * found.digest_s / 60:.0f} minutes of one core",
    }


def table(found: Constants, workers: int, unit_s: float) -> list[str]:
    """Lines of Markdown: one column for workers that see the results folder, one for those that do not."""
    sees, hands_back = (day(found, workers, unit_s, kind) for kind in (False, True))
    head = [f"| {workers:,} workers, units of {unit_s:g} s | they see the folder | they hand back |", "|---|---|---|"]
    return head + [f"| {what} | {sees[what]} | {hands_back[what]} |" for what in sees]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table for a cluster of this size."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.model", description=__doc__)
    parser.add_argument("--nodes", type=int, default=1_000)
    parser.add_argument("--cpus", type=int, default=16, help="of a node, a worker on each")
    parser.add_argument("--unit-seconds", type=float, default=60.0)
    parser.add_argument("--processor", default=hardware()["cpu"], help="whose rows are taken (default: this one)")
    asked = parser.parse_args(arguments)
    found = read_constants(read(TABLE), asked.processor)
    print("\n".join(table(found, asked.nodes * asked.cpus, asked.unit_seconds)))


if __name__ == "__main__":
    main()
