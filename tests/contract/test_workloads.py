"""What holds for every workload file: its data, its network, its arrays and its training."""

from suite.checks import workloads
from tests.contract.plugins import held, hold


@held(workloads)
def test_it_holds(check, entry, case):
    hold(check, entry, case)
