"""Names in messages: helping with a mistyped one, and lists that fit a line."""

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


MOST_LISTED = 8


def cut(items: Iterable[object]) -> str:
    """The first items of a list, and how many more there are: a message must not hide behind a thousand columns."""
    texts = [str(item) for item in items]
    more = len(texts) - MOST_LISTED
    return ", ".join(texts[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
