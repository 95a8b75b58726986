"""What measures ourselves: `python -m tests.bench [NAME ...] [--quick] [--csv FILE]`, every figure against its bar."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from suite.contract import SuiteError
from tests.bench import (
    automata,
    cuda,
    figures,
    growth,
    language,
    orchestration,
    profile,
    scale,
    sweep,
    train,
    voltage,
    wires,
    workloads,
)
from tests.bench.rows import Measured, read, table, write

TABLE = Path(__file__).parent / "results.csv"
# {name: quick -> rows}
BENCHES: dict[str, Callable[[bool], Iterable[Measured]]] = {
    "sweep": sweep.run,
    "workloads": workloads.run,
    "train": train.run,
    "profile": profile.run,
    "wires": wires.run,
    "voltage": voltage.run,
    "automata": automata.run,
    "orchestration": orchestration.run,
    "figures": figures.run,
    "growth": growth.run,
    "language": language.run,
    "scale": scale.run,
    "cuda": cuda.run,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the benches of these names, all by default; the rows are written as soon as a bench has ended."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; default: all")
    parser.add_argument("--quick", action="store_true", help="shorter jobs and fewer turns, the same bars")
    parser.add_argument(
        "--csv",
        type=Path,
        help=f"also write the rows here, ours is {TABLE.name}; the same figures on the same processor are replaced",
    )
    asked = parser.parse_args(arguments)
    if unknown := sorted({*asked.names} - {*BENCHES}):
        parser.error(f"no bench {', '.join(unknown)} (known: {', '.join(BENCHES)})")
    if asked.csv and asked.quick:
        parser.error("the figures of --quick are too rough to be kept; leave out --quick or --csv")
    if asked.csv and asked.csv.exists():
        try:
            read(asked.csv)
        except SuiteError as error:
            parser.error(str(error))
    found: list[Measured] = []
    for name in asked.names or BENCHES:
        print(f"measuring {name} ...", flush=True)
        rows = list(BENCHES[name](asked.quick))
        if asked.csv:
            write(rows, asked.csv)
        found += rows
    print(table(found))


if __name__ == "__main__":
    main()
