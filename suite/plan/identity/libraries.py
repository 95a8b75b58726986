"""Versions of the installed packages that build networks and data: other versions may give other numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from suite.plan.identity.fingerprint import closure
from suite.plan.identity.import_targets import libraries

# Everything reaches these: torch has a place of its own in the hashes, and brings its numpy.
_KNOWN = {"numpy", "torch"}


def versions(files: Iterable[Path], needs: Iterable[str] = ()) -> dict[str, str]:
    """{import name: version} of all that these files reach beyond Python, numpy and torch, and of what is needed
    besides; "" for a package that is not installed."""
    names = (libraries(closure(files)) | {*needs}) - _KNOWN
    return {name: _version(name) for name in sorted(names)}


@cache
def _version(name: str) -> str:
    """Asking every distribution what it provides takes a second: most are called as they are imported."""
    try:
        return version(name)
    except PackageNotFoundError:
        spec = find_spec(name)
    if spec is None:
        return ""
    places = spec.submodule_search_locations or [spec.origin or ""]
    holds = re.compile(rf"^{re.escape(name)}[/.]", re.MULTILINE)
    found = (
        Distribution.at(record.parent).version
        for place in places
        for record in sorted(Path(place).parent.glob("*.dist-info/RECORD"))
        if holds.search(record.read_text(encoding="utf-8"))
    )
    return " ".join(dict.fromkeys(found))
