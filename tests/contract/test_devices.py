"""What holds for every device file."""

from suite.checks import devices
from tests.contract.plugins import held, hold


@held(devices)
def test_it_holds(check, entry, case):
    hold(check, entry, case)
