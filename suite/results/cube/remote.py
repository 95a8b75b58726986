"""Cubes elsewhere, as on an object store: copied there when they are complete, read here through a copy.

Nothing is written there live: an object store has no appending, no renaming and no locks.
"""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import SuiteError
from suite.results.cube.read import open_tree

if TYPE_CHECKING:
    import xarray

# The file that makes a folder a cube.
ROOT = "zarr.json"
AT_A_TIME = 16


class Unreachable(SuiteError):
    """A URL that nothing can be read from, or written to."""


class TakenUrl(SuiteError):
    """Something lies at a URL already."""


def open_url(url: str, chunks: Mapping[str, int] | None = None) -> xarray.DataTree:
    """`open_tree` of the cube at a URL. Raises Unreachable.

    All of it is fetched to a temporary folder, which lasts as long as this process where chunks are read as they are
    asked for.
    """
    with ExitStack() as held:
        tree = open_tree(held.enter_context(fetched(url)), chunks)
        if chunks is not None:
            atexit.register(held.pop_all().close)
        return tree


@contextmanager
def fetched(url: str) -> Iterator[Path]:
    """A copy of the cube at a URL. Raises Unreachable."""
    with tempfile.TemporaryDirectory(prefix="suite-") as folder:
        top = Path(folder)
        with _reached(url) as store:
            names = store.names()
            if ROOT not in names:
                raise Unreachable(f"{url}: no cube is there; `suite export STUDY --to {url}` puts one there")
            _all(names, lambda name: _write(top / name, store.get(name)))
        yield top


def send(cube: Path, url: str) -> int:
    """Copy a cube that nobody writes to a URL; how many files it has. Raises Unreachable or TakenUrl.

    What makes it a cube comes last, so that half of one is none; the same command then goes on.
    """
    found = (path.relative_to(cube) for path in sorted(cube.rglob("*")) if path.is_file())
    # Without what a killed process left half-written.
    names = [path.as_posix() for path in found if not any(part.endswith(".partial") for part in path.parts)]
    with _reached(url) as store:
        there = store.names()
        if ROOT in there or there - set(names):
            raise TakenUrl(f"{url}: something is there already; name another URL, or delete it first")
        _all([name for name in names if name != ROOT], lambda name: store.put(name, cube / name))
        store.put(ROOT, cube / ROOT)
    return len(names)


class _Store:
    """What lies below a URL."""

    def __init__(self, url: str) -> None:
        import obstore
        from obstore.store import from_url

        self._library, self._store = obstore, from_url(url)

    def names(self) -> set[str]:
        return {found["path"] for page in self._library.list(self._store) for found in page}

    def get(self, name: str) -> bytes:
        return bytes(self._library.get(self._store, name).bytes())

    def put(self, name: str, file: Path) -> None:
        self._library.put(self._store, name, file)


@contextmanager
def _reached(url: str) -> Iterator[_Store]:
    """Raises Unreachable."""
    try:
        yield _Store(url)
    except SuiteError:
        raise
    except ModuleNotFoundError as error:
        raise Unreachable(f"{url}: {error.name} is not installed: pip install 'crossbar-suite[cloud]'") from error
    except Exception as error:  # every kind of store has errors of its own
        cause = f"{type(error).__name__}: {error}"
        raise Unreachable(f"{url}: cannot be reached ({cause}); check the URL, network and credentials") from error


def _all(names: Iterable[str], copy: Callable[[str], None]) -> None:
    """Several at a time: an answer takes long, whatever its size."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(copy, names))


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
