"""The monotone window against the plain search over every pair of ends."""

from hypothesis import given
from hypothesis import strategies as st

from suite.lab.characterise.mapping import Window, monotone_window


def plain_window(curve):
    """Every pair of ends, as the words say it."""
    best = Window(0, 0)
    for start in range(len(curve)):
        for end in range(start, len(curve)):
            slips = sum(curve[k] <= curve[k - 1] for k in range(start + 1, end + 1))
            if slips <= 2 and end - start > best.mono_len:
                best = Window(start, end)
    return best


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30))
def test_the_window_is_the_longest_run_with_at_most_two_slips(curve):
    assert monotone_window(curve) == plain_window(curve)
