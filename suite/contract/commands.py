"""Commands that the suite prints for its user: what a shell would split or expand is quoted."""

from __future__ import annotations

import shlex


def words(*parts: object) -> str:
    """Words of a command line as they can be pasted into a shell."""
    return shlex.join(map(str, parts))


def command(*parts: object) -> str:
    """`suite WORD ...` as it can be pasted into a shell."""
    return words("suite", *parts)
