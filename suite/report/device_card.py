"""What `suite device fit` does with each file: read, fit, write the fit and its card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from suite.lab.characterise.device_fit import DeviceFit
from suite.lab.characterise.fit import Estimator, Fitted, fit_device
from suite.lab.characterise.readers import read_devices
from suite.lab.characterise.sweeps import SweepError
from suite.results.files import write_bytes

# Notes of more characters, such as those on a sample's fabrication, would hide the numbers of a terminal.
_SHORT = 120


def fit_files(
    files: Iterable[Path],
    out: Path,
    estimator: Estimator = "log_mle",
    current_unit: str | None = None,
    voltage_unit: str | None = None,
    gaps: bool = False,
) -> Iterator[DeviceFit | SweepError]:
    """Fit every device of every file and write NAME.json, NAME.pdf and NAME.png into `out`, one after the other.

    gaps: cycles in which a current is missing are left out (`authors`: used as far as they go) instead of refused.
    A file that cannot be used, and a device whose card would be called as one before, give their error instead.
    """
    written: dict[str, str] = {}
    for file in files:
        try:
            for sweeps in read_devices(file, current_unit, voltage_unit, gaps):
                fitted = fit_device(sweeps, estimator)
                name, source = fitted.fit.name, str(sweeps.source)
                if name in written:
                    clash = f"its card is called {name}, as that of {written[name]}"
                    raise SweepError(f"{source}: {clash}; rename one of the files")
                written[name] = source
                _write(fitted, out)
                yield fitted.fit
        except SweepError as error:
            yield error


def _write(fitted: Fitted, out: Path) -> None:
    from suite.figures.device_card import write_card

    write_bytes(out / f"{fitted.fit.name}.json", (fitted.fit.model_dump_json(indent=1) + "\n").encode())
    write_card(fitted, out)


def line(fit: DeviceFit) -> str:
    """One line about a fit, and one for each of its warnings and of its short notes: long ones are on the card."""
    interval = f" [{fit.sigma_low:.4g}, {fit.sigma_high:.4g}]" if fit.sigma_low is not None else ""
    numbers = f"sigma {fit.sigma_log:.6g}{interval}, usability {fit.usability:.6g}, monotone length {fit.mono_len}"
    notes = [f"  note: {note}" for note in fit.notes if len(note) <= _SHORT]
    return "\n".join([f"{fit.name}: {numbers}", *(f"  warning: {warning}" for warning in fit.warnings), *notes])
