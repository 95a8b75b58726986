"""Start-up: what `import suite` adds to Python's own start, and `suite list` in all."""

from __future__ import annotations

from statistics import median

from tests.bench.fresh import python
from tests.bench.rows import Measured, measured

BENCH = "startup"


def startup_rows(repeats: int = 5) -> list[Measured]:
    """Medians over fresh processes, in turn."""
    taken: dict[str, list[float]] = {"bare": [], "import": [], "list": []}
    for _ in range(repeats):
        taken["bare"].append(python("-c", "pass").cpu_s)
        taken["import"].append(python("-c", "import suite").cpu_s)
        taken["list"].append(python("-m", "suite", "list").cpu_s)
    bare, imported, listed = (median(values) for values in taken.values())
    return [
        measured(BENCH, "import suite, CPU beyond Python's start", imported - bare, "s", "<= 0.3"),
        measured(BENCH, "suite list, CPU with Python's start", listed, "s", "<= 1"),
    ]
