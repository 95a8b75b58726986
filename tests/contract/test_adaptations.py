"""What holds for every method file that fits trained networks to chips."""

from suite.checks import adaptations
from tests.contract.plugins import held, hold


@held(adaptations)
def test_it_holds(check, entry, case):
    hold(check, entry, case)
