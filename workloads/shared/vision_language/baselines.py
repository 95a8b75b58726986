"""What answers without the image reach: one answer to all questions of a task, and the usual one to each question."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

if TYPE_CHECKING:
    from suite.contract import Observed
    from workloads.shared.vision_language.choices import Choices
    from workloads.shared.vision_language.questions import Questions

BLOCK = 64


def baselines(observed: Observed) -> dict[str, np.ndarray]:
    """By task: constant, question: shares of the test set that the most frequent answer, and that to the same question,
    in training gets right; validation: the network's share there; margin: how far that is above the better of the two
    on the same questions; error: its standard error, images drawn anew with all their questions."""
    train, validation = (getattr(part, "parts", [part]) for part in (observed.splits.train, observed.splits.validation))
    rows: dict[str, list[Any]] = defaultdict(list)
    for (name, test), learned, held in zip(observed.splits.tests.items(), train, validation, strict=True):
        tested = [float((guess == test.answers).mean()) for guess in _guesses(learned, test)]
        right = answers_of(observed.network, held) == held.answers
        better = max(((guess == held.answers) for guess in _guesses(learned, held)), key=lambda hits: hits.mean())
        gained = right.astype(float) - better
        rows["set"].append(name)
        rows["constant"].append(tested[0])
        rows["question"].append(tested[1])
        rows["validation"].append(right.mean())
        rows["margin"].append(gained.mean())
        rows["error"].append(clustered_error(gained, held.image))
    return {name: np.array(values) for name, values in rows.items()}


def answers_of(network: Any, questions: Questions | Choices) -> NDArray[np.int64]:
    """(n,) words that a network answers."""
    found = []
    for start in range(0, len(questions), BLOCK):
        samples = [questions[number][0] for number in range(start, min(start + BLOCK, len(questions)))]
        found.append(network([torch.stack(parts) for parts in zip(*samples, strict=True)]).argmax(1))
    return torch.cat(found).numpy()


def _guesses(learned: Questions | Choices, asked: Questions | Choices) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """To each of `asked`: the most frequent answer in training, and the most frequent one to the same question."""
    usual = Counter(learned.answers.tolist()).most_common(1)[0][0]
    by_question: dict[bytes, Counter[int]] = defaultdict(Counter)
    for words, answer in zip(learned.words, learned.answers.tolist(), strict=True):
        by_question[words.tobytes()][answer] += 1
    told = [by_question[words.tobytes()] or Counter([usual]) for words in asked.words]
    return np.full(len(asked), usual), np.array([counts.most_common(1)[0][0] for counts in told])


def clustered_error(values: NDArray[np.float64], cluster: NDArray[np.int64]) -> float:
    """Standard error of the mean of `values` whose clusters, not whose values, are independent."""
    _, number = np.unique(cluster, return_inverse=True)
    sums = np.bincount(number, values - values.mean())
    count = len(sums)
    return float(np.sqrt(count / max(count - 1, 1) * (sums**2).sum()) / len(values))
