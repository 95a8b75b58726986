"""What all tests share: one thread, as every worker has, no time limits, and the order in which files begin."""

import os

from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

# Minutes for a few tests each: they begin first, so that no core waits for them at the end.
LONG = ("cluster", "workflow")


def pytest_xdist_auto_num_workers(config):
    """One more than there are cores: tests of clusters mostly wait for processes of theirs."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.parent.name not in LONG)
