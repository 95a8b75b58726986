"""Questions on photographs that a language model chooses an answer to: which of two things is there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from suite.contract import numpy_generator
from suite.data.sources.coco import NAMES, Photograph
from workloads.shared.vision_language.choices import Asked
from workloads.shared.vision_language.speech import Speech

WHICH = "Which is there, {} or {}?"


def first_words(speech: Speech) -> dict[str, str]:
    """{class: the first token of its name, as a word}, of classes that no other shares it with."""
    words = {name: speech.decode(speech.encode(f" {name}")[:1]).strip() for name in NAMES}
    shared = {word for word in words.values() if list(words.values()).count(word) > 1}
    return {name: word for name, word in words.items() if word not in shared}


def which(photographs: Sequence[Photograph], words: dict[str, str], split: str, pairs: int) -> list[Asked]:
    """Up to `pairs` pairs of classes, each asked of one photograph that has only the first and of one that has only the
    second, in the same words, so that half the answers are right without an image. Crowds are there."""
    generator = numpy_generator(0, "which", split)
    every = list(combinations(sorted(words), 2))
    asked: list[Asked] = []
    for place in generator.permutation(len(every)):
        pair = [every[place][number] for number in generator.permutation(2)]
        only = [_only(photographs, one, other) for one, other in (pair, pair[::-1])]
        if not all(only):
            continue
        question, answers = WHICH.format(*pair), tuple(words[name] for name in pair)
        asked += [
            Asked(own[int(generator.integers(len(own)))], question, answers, answer)
            for own, answer in zip(only, answers, strict=True)
        ]
        if len(asked) >= 2 * pairs:
            break
    return asked


def _only(photographs: Sequence[Photograph], there: str, absent: str) -> list[int]:
    return [number for number, one in enumerate(photographs) if there in one.boxed and absent not in one.marked]
