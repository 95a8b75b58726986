"""What the committed receipt of `make claims` holds has passed; claims never run, or on other code, are named."""

import pytest

from tests.claims.receipts import claims, code_of, entries


@pytest.mark.parametrize("claim", claims())
def test_a_claim_has_a_receipt_of_this_code(claim):
    entry = entries().get(claim)
    if entry is None:
        pytest.skip(f"{claim} was never run to the end: make claims")
    assert entry["passed"], f"{claim} did not hold when it was last run: {entry['measured']}"
    assert entry["measured"], f"{claim} measured nothing"
    if entry["code"] != code_of(claim):
        pytest.skip(f"stale: code that {claim} speaks of has changed since its receipt: make claims")


def test_the_receipt_holds_nothing_else():
    assert set(entries()) <= set(claims())
