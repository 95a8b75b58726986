"""The source of data, as every row names it: one text, or one per test set where they are not of one kind."""

from __future__ import annotations

Source = str | dict[str, str]


def tested_on(score: str) -> str:
    """The test set of a score as the cube labels it: `auc@unseen` is of `unseen`, `auc` of `test`."""
    return score.partition("@")[2] or "test"


def source_of(source: Source, score: str) -> str:
    """The source of a labelled score."""
    return source if isinstance(source, str) else source[tested_on(score)]


def all_sources(source: Source) -> list[str]:
    """Every source, each once."""
    return [source] if isinstance(source, str) else list(dict.fromkeys(source.values()))


def told(source: Source) -> str:
    """All of it in words."""
    return source if isinstance(source, str) else ", ".join(f"{test}: {own}" for test, own in source.items())
