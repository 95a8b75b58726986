"""What holds for every observation that a workload file declares."""

from suite.checks import observations
from tests.contract.plugins import held, hold


@held(observations)
def test_it_holds(check, entry, case):
    hold(check, entry, case)
