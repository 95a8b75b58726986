"""Work side by side in forked processes: in order, and whatever fails."""

import os

import pytest

from suite.cli.forked import forked
from suite.contract import SuiteError


def square(number: int) -> tuple[int, int]:
    if number < 0:
        raise SuiteError(f"{number}: below zero")
    return number**2, os.getpid()


def test_several_are_worked_on_elsewhere_and_given_in_order():
    made = list(forked(square, [3, 1, 2]))
    assert [value for value, _ in made] == [9, 1, 4]
    assert os.getpid() not in {process for _, process in made}


def test_one_is_worked_on_here():
    assert list(forked(square, [3])) == [(9, os.getpid())]


def test_the_first_error_is_raised_after_all_that_was_made():
    made = forked(square, [-2, 2, -1, 3])
    assert [next(made)[0], next(made)[0]] == [4, 9]
    with pytest.raises(SuiteError, match="-2: below zero"):
        next(made)
