"""Helping with a mistyped name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__fingerprint__ = "glue"


def meant(name: str, known: Iterable[str]) -> str:
    """The tail of an error message: the closest known name, and all of them."""
    listed = sorted(known)
    close = difflib.get_close_matches(name, listed, 1)
    hint = f", did you mean {close[0]!r}?" if close else ""
    return f"{hint} (known: {', '.join(listed)})"
