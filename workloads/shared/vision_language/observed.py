"""What workloads that answer on images may show beside their scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.contract import Observation, Observed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np


def _baselines(observed: Observed) -> Mapping[str, np.ndarray]:
    from workloads.shared.vision_language.baselines import baselines

    return baselines(observed)


def _descriptions(observed: Observed) -> Mapping[str, np.ndarray]:
    from workloads.shared.vision_language.descriptions import descriptions

    return descriptions(observed)


BASELINES = Observation(
    "What answers without the image reach, and by how much the network is better on validation",
    dict.fromkeys(("set", "constant", "question", "validation", "margin", "error"), ("task",)),
    _baselines,
)
DESCRIPTIONS = Observation(
    "What the language model says of the first test images, and how much of it is so",
    dict.fromkeys(
        ("name", "on", "text", "length", "recall", "hallucinated", "perplexity", "repeated"),
        ("image",),
    ),
    _descriptions,
)
