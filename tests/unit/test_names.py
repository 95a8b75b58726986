"""The tail of messages about mistyped names."""

import pytest

from suite.names import meant


@pytest.mark.parametrize(
    ("name", "tail"),
    [
        ("mnist_mpl", ", did you mean 'mnist_mlp'? (known: mnist_lenet, mnist_mlp)"),
        ("xyz", " (known: mnist_lenet, mnist_mlp)"),
    ],
)
def test_the_closest_name_is_offered_and_all_are_listed(name, tail):
    assert meant(name, {"mnist_mlp": 1, "mnist_lenet": 2}) == tail
