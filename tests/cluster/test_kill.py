"""kill -9 of `suite run` in the middle of tuning, fit, sweep and cube write: the same cube, and nothing done twice."""

from pathlib import Path

import pytest

from tests.cluster.killing import killed_equals_calm

pytestmark = pytest.mark.slow


def test_killed_and_resumed_equals_undisturbed(tmp_path: Path) -> None:
    killed_equals_calm(tmp_path, "serial", times=2, seed=1)
