"""What holds for every method file, on the network of every workload that it is for."""

from suite.checks import methods
from tests.contract.plugins import held, hold


@held(methods)
def test_it_holds(check, entry, case):
    hold(check, entry, case)
