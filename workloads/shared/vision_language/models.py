"""The language model of a scale with its tokenizer: SmolLM2, or at `ci` a tiny random one without a file."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from suite.contract import Scale, Settings, SuiteError, seeded, torch_generator
from suite.data import kept, load
from suite.data.sources import smollm2
from workloads.shared.vision_language import encoder, outline
from workloads.shared.vision_language.language_model import LanguageModel, Shape
from workloads.shared.vision_language.projection import Projected
from workloads.shared.vision_language.speech import BytePairs, FewWords, Speech

if TYPE_CHECKING:
    import torch

SMOLLM2 = Shape(
    smollm2.LAYERS,
    smollm2.WIDTH,
    smollm2.HEADS,
    smollm2.KEY_HEADS,
    smollm2.HEAD,
    smollm2.INNER,
    smollm2.TOKENS,
)
TINY_WORDS = [
    "Question:",
    "What",
    "is",
    "in",
    "the",
    "picture?",
    "How",
    "many",
    "shapes",
    "are",
    "there?",
    "Image:",
    "Answer:",
    "Describe",
    "image.",
]
TINY_ANSWERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TINY = Shape(2, 64, 2, 1, 32, 128, len({*TINY_WORDS}) + len(TINY_ANSWERS))
BEFORE, AFTER = "Question: {} Image:", " Answer:"
CHOICES = {"placement": ("projection", "model"), "training": ("answers", "alignment")}


@cache
def speech_of(scale: Scale) -> Speech:
    """Raises DataMissing and DataCorrupt."""
    if scale == "ci":
        return FewWords([*dict.fromkeys(TINY_WORDS), *TINY_ANSWERS])
    return BytePairs(load("smollm2").vocabulary(kept))


def model_of(scale: Scale) -> LanguageModel:
    """Raises DataMissing and DataCorrupt."""
    import torch

    if scale == "ci":
        with seeded(torch_generator(0, "tiny-language-model")):
            return LanguageModel(TINY, torch.float32)
    # Its weights come from the file: nothing is drawn for them.
    with torch.device("meta"):
        model = LanguageModel(SMOLLM2)
    model.load_state_dict(load("smollm2").state(kept), assign=True)
    return model


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> Projected:
    """The projection is drawn, the language model read."""
    for name, allowed in CHOICES.items():
        if settings[name] not in allowed:
            raise SuiteError(f"vlm_smollm2: {name} is {settings[name]!r}; write {' or '.join(allowed)}")
    channels = outline.CHANNELS if scale == "ci" else encoder.CHANNELS
    model, after = model_of(scale), speech_of(scale).encode(AFTER)
    with seeded(generator):
        built = Projected(model, channels, after, answers=settings["training"] == "answers")
    built.programs_model, built.scale = settings["placement"] == "model", scale
    return built
