"""The words of questions and answers of `vlm_small`, each a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt

WORDS = [
    "is",
    "shape",
    "the",
    "a",
    "image",
    "there",
    "not",
    "what",
    "present",
    "does",
    "contain",
    "in",
    "color",
    "no",
    "of",
    "picture",
    "how",
    "many",
    "shapes",
    "are",
    "rectangle",
    "circle",
    "triangle",
    "brown",
    "gray",
    "green",
    "yellow",
    "teal",
    "black",
    "red",
    "blue",
]
PHOTOGRAPHS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
EASY = [
    "circle",
    "rectangle",
    "triangle",
    "yes",
    "no",
    "black",
    "gray",
    "teal",
    "brown",
    "red",
    "green",
    "blue",
    "yellow",
]
ANSWERS = (*PHOTOGRAPHS, *NUMBERS, *EASY)
FIRST_NUMBER = len(PHOTOGRAPHS)
# Words of the longest question.
LONGEST = 9
# What stands before a question that is shorter.
PAD = 0


def spelled(questions: Sequence[str]) -> NDArray[np.int64]:
    """(n, LONGEST) word numbers from 1 on, PAD before; raises DataCorrupt for a word or a length that is not known."""
    known = {word: number for number, word in enumerate(WORDS, PAD + 1)}
    found = np.full((len(questions), LONGEST), PAD, np.int64)
    rows: dict[str, list[int]] = {}
    for place, question in enumerate(questions):
        if question not in rows:
            rows[question] = _spelled(question, known)
        found[place, LONGEST - len(rows[question]) :] = rows[question]
    return found


def _spelled(question: str, known: dict[str, int]) -> list[int]:
    words = question.lower().rstrip("?").split()
    if unknown := [word for word in words if word not in known]:
        raise DataCorrupt(f"question {question!r}: {unknown[0]!r} is none of its words: {', '.join(known)}")
    if not 0 < len(words) <= LONGEST:
        raise DataCorrupt(f"question {question!r}: {len(words)} words, where 1 to {LONGEST} are read")
    return [known[word] for word in words]


def answer_numbers(answers: Sequence[str]) -> NDArray[np.int64]:
    """(n,) positions in ANSWERS; raises DataCorrupt for an answer that is not one of them, such as one of two words."""
    known = {answer: number for number, answer in enumerate(ANSWERS)}
    if unknown := sorted(set(answers) - known.keys()):
        raise DataCorrupt(f"answer {unknown[0]!r} is none of the {len(ANSWERS)} words: {', '.join(ANSWERS)}")
    return np.array([known[answer] for answer in answers], np.int64)
