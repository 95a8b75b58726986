"""What holds for the scores of every workload file."""

from suite.checks import scores
from tests.contract.plugins import held, hold


@held(scores)
def test_it_holds(check, entry, case):
    hold(check, entry, case)
