"""The allocator keeps what was freed: tensors that come and go no longer fault their pages anew."""

import subprocess
import sys

import pytest

FAULTS = """
import resource
import sys

from suite.run.allocator import keep_freed_memory

if sys.argv[1] == "kept" and not keep_freed_memory():
    sys.exit(77)
import torch

torch.set_num_threads(1)
for _ in range(10):
    torch.ones(12_500_000).add(1)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    torch.ones(12_500_000).add(1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True)
    if done.returncode == 77:
        pytest.skip("no glibc here: its allocator is left as it is")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="page faults are counted on Linux")
def test_large_tensors_reuse_the_pages_of_freed_ones():
    assert faults("kept") * 10 < faults("as it is")
