"""Every plug-in file that the contract holds: those of the house and the drop-ins beside this module."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from suite.checks.check import Check, DoesNotApply, Lacking
from suite.checks.kit import Kit
from suite.checks.table import CHECKS, KINDS, checks_of
from suite.contract.registry import Entry, registry

DROPINS = Path(__file__).parent / "dropins"
ALL = registry((DROPINS,))
KIT = Kit(
    (DROPINS,),
    on=tuple(entry.name for entry in ALL.entries("workload")),
    # With dense, convolutional and recurrent layers.
    small=("mnist_mlp", "mnist_lenet", "elman"),
    usual="elman",
    # Floors at the scale quick: make claims CLAIM=claim_floors
    longest="ci",
)
# Seconds for each method, with plain training as with any other: grouped convolutions and shortcuts, as MobileNet has.
LONG = "cifar_resnext"


def held(checks: ModuleType) -> Any:
    """Parametrises a test by the checks of a module: each on every case of every file."""
    params = [
        pytest.param(check, entry, case, id="-".join(filter(None, [check.run.__name__, kind, entry.name, label])))
        for check in CHECKS
        if check.run.__module__ == checks.__name__
        for kind in KINDS
        for entry in ALL.entries(kind)
        if check in checks_of(entry)
        for label, case in check.cases(KIT, entry).items()
        if kind != "method" or entry.name == "erm" or not label.endswith(LONG)
    ]
    return pytest.mark.parametrize(("check", "entry", "case"), params)


def hold(check: Check, entry: Entry, case: tuple[Any, ...]) -> None:
    """One check on one case of a file; skips the test where it has no meaning, or where something is lacking."""
    try:
        check.hold(KIT, entry, case)
    except (DoesNotApply, Lacking) as reason:
        pytest.skip(f"{entry.name}: {reason}")
