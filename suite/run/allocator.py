"""How glibc's allocator treats the large, short-lived tensors of training and sweeps."""

from __future__ import annotations

import ctypes

# mallopt(3): free memory at the top of the heap beyond TRIM is given back, blocks above MMAP are mapped one by one.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
LARGEST_KEPT = 256 * 2**20


def keep_freed_memory() -> bool:
    """Tells glibc to keep what this process frees, for its next tensors; whether it did.

    By default large blocks are mapped anew, or trimmed away, each time, and every page faults: 10 to 30 % of a training
    step of the small networks here. The price is memory held until the process ends; blocks above 256 MB are mapped as
    before.
    Elsewhere than on glibc (macOS, Windows, musl) nothing changes.
    """
    mallopt = getattr(_c_library(), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, LARGEST_KEPT)) and bool(mallopt(_M_TRIM_THRESHOLD, 2**31 - 1))


def _c_library() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(None)
    except TypeError:  # Windows has no handle of the process's own symbols
        return None
