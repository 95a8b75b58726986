"""What `suite device fit --retention` does with a file: a device file, its table and a card."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from suite.lab.characterise.retention import Retention, fit_retention
from suite.results.files import write_bytes

DEVICE = '''"""Cells that move after programming as those of {file} did: quantiles by level and time in `{name}.csv`."""

from __future__ import annotations

from pathlib import Path

from suite.contract import relaxing

DEVICE = relaxing(
    title="relaxation of measured cells: {name}",
    source="{file}",
    table=Path(__file__).with_suffix(".csv"),
)
'''


def make_device(file: Path, out: Path) -> Retention:
    """Writes OUT/devices/NAME.py and NAME.csv, which a study with `plugins: [OUT]` finds, and the card OUT/NAME.pdf and
    .png. Raises BadRetention, ResultsNotWritable."""
    from suite.figures.retention_card import write_card

    found = fit_retention(file)
    table = found.rows.to_csv(index=False, lineterminator="\n")
    write_bytes(out / "devices" / f"{found.name}.csv", f"# from {file.name}\n{table}".encode())
    write_bytes(out / "devices" / f"{found.name}.py", DEVICE.format(file=file.name, name=found.name).encode())
    write_card(found, out)
    return found


def lines(found: Retention) -> Iterator[str]:
    """What was found, a line for each time."""
    levels, times = found.rows["from_uS"].nunique(), len(found.moments)
    yield f"{found.name}: {levels} levels at {times} times; 95 % bootstrap intervals"
    for row in found.moments.itertuples():
        mean = f"{row.mean:+.3g} [{row.mean_low:+.3g}, {row.mean_high:+.3g}]"
        spread = f"{row.sd:.3g} [{row.sd_low:.3g}, {row.sd_high:.3g}]"
        yield f"  {row.seconds:g} s: {row.cells} readings, change {mean} uS, sd {spread} uS"
