"""The same work on several things side by side, in processes that begin with all that this one has loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from suite.contract import SuiteError

Item = TypeVar("Item")
Made = TypeVar("Made")


def forked(work: Callable[[Item], Made], items: Sequence[Item], cpus: int) -> Iterator[Made]:
    """What work(item) gives, in the order of the items. One that fails stops no other; at the end SuiteError is raised
    with what all of them said, or another error as it is.

    A fork keeps no thread: load before what takes long to load, but open nothing that threads read, as a cube.
    """
    if len(items) == 1:
        yield work(items[0])
        return
    with ProcessPoolExecutor(min(len(items), cpus), mp_context=get_context("fork")) as pool:
        under_way = [pool.submit(work, item) for item in items]
        try:
            for one in under_way:
                if one.exception() is None:
                    yield one.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    errors = [error for one in under_way if (error := one.exception())]
    for error in errors:
        if not isinstance(error, SuiteError):
            raise error
    if errors:
        raise SuiteError("\n".join(map(str, errors)))
