"""The same work on several things side by side, in processes that begin with all that this one has loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from suite.results.cpus import allowed_cpus

Item = TypeVar("Item")
Made = TypeVar("Made")


def forked(work: Callable[[Item], Made], items: Sequence[Item]) -> Iterator[Made]:
    """What work(item) gives, in the order of the items. One that fails stops no other; the first error is raised last.

    A fork keeps no thread: load before what takes long to load, but open nothing that threads read, as a cube.
    """
    if len(items) == 1:
        yield work(items[0])
        return
    with ProcessPoolExecutor(min(len(items), allowed_cpus()), mp_context=get_context("fork")) as pool:
        under_way = [pool.submit(work, item) for item in items]
        for one in under_way:
            if one.exception() is None:
                yield one.result()
        for one in under_way:
            one.result()
