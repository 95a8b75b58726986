"""Commands for the user to paste."""

import shlex
from pathlib import Path

from suite.contract.commands import command


def test_a_command_survives_the_shell():
    words = ("run", Path("/data of mine/it's.yaml"), "--results", "a b", "--seed", 3)
    assert shlex.split(command(*words)) == ["suite", *map(str, words)]
    assert command("run", "quick") == "suite run quick"
