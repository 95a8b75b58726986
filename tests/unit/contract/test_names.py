"""The tail of messages about mistyped names."""

import pytest

from suite.contract.names import cut, meant


@pytest.mark.parametrize(
    ("name", "tail"),
    [
        ("mnist_mpl", ", did you mean 'mnist_mlp'? (known: mnist_lenet, mnist_mlp)"),
        ("xyz", " (known: mnist_lenet, mnist_mlp)"),
    ],
)
def test_the_closest_name_is_offered_and_all_are_listed(name, tail):
    assert meant(name, {"mnist_mlp": 1, "mnist_lenet": 2}) == tail


def test_a_long_list_is_cut():
    assert cut("abc") == "a, b, c"
    assert cut(range(8)) == "0, 1, 2, 3, 4, 5, 6, 7"
    assert cut(range(10)) == "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"
