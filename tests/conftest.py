"""What all tests share: one thread, as every worker has, no time limits, what a worker runs together, and in which
order."""

import os
import re

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

# Minutes for a few tests each: they begin first, so that no core waits for them at the end.
LONG = ("cluster", "workflow")
# Of a test of the contract: the workload whose data and networks it looks at.
LOOKED_AT = re.compile(r"tests/contract/.*\[\w+-(?:workload-(\w+)|method-(?:.*-)?(\w+)\])")


def pytest_xdist_auto_num_workers(config):
    """One more than there are cores: tests of clusters mostly wait for processes of theirs."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.parent.name not in LONG)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file is run by one worker; of the contract, all that looks at one workload: it is read and trained once."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid):
            found = LOOKED_AT.match(nodeid)
            return f"contract: {found[1] or found[2]}" if found else super()._split_scope(nodeid)

    return Together(config, log)
