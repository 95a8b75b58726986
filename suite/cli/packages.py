"""The packages that the suite asks for, as its installation lists them, and the pip line of one that is missing."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires

DISTRIBUTION = "crossbar-suite"
# Of those who develop the suite, and of those who want everything.
_NO_PART = {"dev", "all"}


def packages() -> dict[str, str]:
    """{package: the extra that brings it, "" where it comes with the suite itself}; {} where the suite was not
    installed and says nothing."""
    from packaging.requirements import Requirement

    found: dict[str, str] = {}
    for text in _asked():
        requirement = Requirement(text)
        if requirement.marker is None:
            found[requirement.name] = ""
        elif (extra := _extra(str(requirement.marker))) not in _NO_PART:
            found[requirement.name] = extra
    return found


def _asked() -> list[str]:
    try:
        return requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return []


def _extra(marker: str) -> str:
    named = re.search(r'extra == "([^"]+)"', marker)
    return named[1] if named else ""


def pip_line(module: str) -> str | None:
    """How to get a module that cannot be imported; None where no part of the suite asks for it."""
    name = module.partition(".")[0].replace("_", "-")
    extra = packages().get(name)
    if extra is None:
        return None
    wanted = f"'{DISTRIBUTION}[{extra}]'" if extra else DISTRIBUTION
    return f"{name} is not installed: pip install {wanted}"
