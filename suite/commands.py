"""Commands that the suite prints for its user: what a shell would split or expand is quoted."""

from __future__ import annotations

import shlex


def command(*words: object) -> str:
    """`suite WORD ...` as it can be pasted into a shell."""
    return shlex.join(["suite", *map(str, words)])
