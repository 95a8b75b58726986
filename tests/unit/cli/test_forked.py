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
    made = list(forked(square, [3, 1, 2], 2))
    assert [value for value, _ in made] == [9, 1, 4]
    assert os.getpid() not in {process for _, process in made}


def test_one_is_worked_on_here():
    assert list(forked(square, [3], 2)) == [(9, os.getpid())]


@pytest.mark.parametrize("cpus", [1, 2])
def test_errors_are_raised_after_all_that_was_made(cpus):
    made = forked(square, [-2, 2, -1, 3], cpus)
    assert [next(made)[0], next(made)[0]] == [4, 9]
    with pytest.raises(SuiteError, match="-2: below zero\n-1: below zero"):
        next(made)


def test_an_error_that_nobody_can_mend_is_raised_as_it_is():
    with pytest.raises(TypeError):
        list(forked(square, [-2, "x"], 2))
