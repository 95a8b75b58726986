"""What the smallest scale asks a tiny language model, without any file: how many shapes a generated scene holds."""

from __future__ import annotations

from dataclasses import replace

from suite.contract import Splits
from workloads.shared.vision_language import choices, models, tasks
from workloads.shared.vision_language.words import FIRST_NUMBER

SCENES = (120, 30, 60)
QUESTION = "How many shapes are there?"


def counting(test: str, few: int = len(models.TINY_ANSWERS)) -> Splits:
    """Choices among the first `few` numbers, under a test set of this name."""
    task = tasks.counting(tasks.outlines(), SCENES)
    words = models.TINY_ANSWERS[:few]
    kept = [part.only(part.answers < FIRST_NUMBER + few) for part in (task.train, task.validation, task.test)]
    train, validation, tested = choices.named(models.speech_of("ci"), kept, QUESTION, words, FIRST_NUMBER)
    shown = tuple((f"scene {i}", frozenset({words[answer]})) for i, answer in enumerate(tested.answers))
    return Splits(train, validation, {test: replace(tested, shown=shown)}, {test: task.source}, digest=task.digest)
