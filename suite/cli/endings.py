"""How a run is ended from outside, and what its end says to those who started it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

# EX_TEMPFAIL of sysexits.h: the same command, given again, goes on.
TIME_IS_UP = 75


@contextmanager
def sigterm_as_ctrl_c() -> Iterator[None]:
    """Schedulers end a job with SIGTERM: inside, that is a KeyboardInterrupt."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
