"""Processes that measurements run in: one as the suite's workers are, one as anybody's script is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from suite.run.allocator import keep_freed_memory

# run(function, *arguments) -> what the function, one of a module, returns there.
Run = Callable[..., Any]


@contextmanager
def processes() -> Iterator[tuple[Run, Run]]:
    """(as workers are, as scripts are), one thread each. They differ in what `suite.run.allocator` does."""
    with _process(_as_worker) as worker, _process(_as_script) as script:
        yield worker, script


@contextmanager
def _process(begin: Callable[[], None]) -> Iterator[Run]:
    # Spawned: a fork would have the memory and the buffers of this process.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=begin) as pool:
        yield lambda function, *arguments: pool.submit(function, *arguments).result()


def _as_worker() -> None:
    keep_freed_memory()
    _as_script()


def _as_script() -> None:
    import torch

    torch.set_num_threads(1)
