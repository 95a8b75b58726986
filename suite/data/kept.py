"""Arrays that take long to compute from data, kept between runs in the platform's cache folder.

A key says all that the array is computed from: what is found under it is trusted. The folder may be deleted at any
time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from suite.data.datasets import cache_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

__fingerprint__ = "glue"


def kept(key: str, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """`make()`, read-only and mapped from the file of an earlier call with this key where there is one.

    Where the folder cannot be written, the array is made anew each time.
    """
    import numpy as np

    path = cache_folder() / "made" / f"{key}.npy"
    if not path.is_file():
        made = make()
        try:
            _write(path, made)
        except OSError:
            return made
    found: NDArray[Any] = np.load(path, mmap_mode="r")
    return found


def _write(path: Path, array: NDArray[Any]) -> None:
    """Whole or not at all: workers may ask at once."""
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        try:
            np.save(file, array)
        except OSError:
            os.unlink(file.name)
            raise
    os.replace(file.name, path)
