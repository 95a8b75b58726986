"""What a language model says of an image, and how much of it is so: recall and hallucination of what is there (after
A. Rohrbach et al., "Object hallucination in image captioning", EMNLP 2018), fluency, repetition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from suite.data.sources.coco import NAMES
from workloads.shared.vision_language.mentions import mentioned
from workloads.shared.vision_language.models import AFTER, BEFORE, model_of, speech_of

if TYPE_CHECKING:
    from suite.contract import Observed
    from workloads.shared.vision_language.language_model import LanguageModel
    from workloads.shared.vision_language.projection import Projected

QUESTION = "Describe the image."
# The first images of the test set, and tokens of a text.
IMAGES, LONGEST = 6, 18


def descriptions(observed: Observed) -> dict[str, np.ndarray]:
    """By image, the first of the test set: name; on: what is there; text; recall: share of what is there that the text
    names; hallucinated: share of what it names that is not there, NaN where it names nothing; perplexity: of the text
    to the language model as it was read, without the image, NaN of no text; repeated: share of pairs of neighbouring
    tokens that the text has had before; length: its tokens."""
    network: Any = observed.network
    (test,) = observed.splits.tests.values()
    speech, clean = speech_of(network.scale), model_of(network.scale)
    prompt = torch.tensor(speech.encode(f"Question: {QUESTION}{AFTER}"))
    names = {*NAMES}.union(*(there for _, there in test.shown))
    found: dict[str, list[Any]] = {}
    for said, (name, there) in zip(spoken(network, test.features[:IMAGES]), test.shown, strict=False):
        text = speech.decode(said)
        row = {"name": name, "on": ", ".join(sorted(there)), "text": text, "length": len(said)}
        row |= grounded(mentioned(text, names), there)
        row |= {"perplexity": perplexity(clean, prompt, said), "repeated": repeated(said)}
        for key, value in row.items():
            found.setdefault(key, []).append(value)
    return {key: np.array(values) for key, values in found.items()}


@torch.no_grad()
def spoken(network: Projected, features: np.ndarray) -> list[list[int]]:
    """The likeliest tokens, one by one, of a description of each image (n, tokens, channels), up to the first mark of
    an end."""
    speech, table = speech_of(network.scale), network.model.token_embd
    prompt = torch.tensor(speech.encode(BEFORE.format(QUESTION))).expand(len(features), -1)
    past, present = network.model.kept(prompt)
    image = network.tokens(torch.from_numpy(features)).to(table.weight.dtype)
    states, said = torch.cat([image, table(network.after).expand(len(features), -1, -1)], 1), []
    for _ in range(LONGEST):
        found, past = network.model.after(past, present, states)
        present = torch.cat([present, present.new_ones(states.shape[:2])], 1)
        said.append((found[:, -1] @ table.weight.T).argmax(1))
        states = table(said[-1])[:, None]
    return [_ended(row, speech.ends) for row in torch.stack(said, 1).tolist()]


def _ended(tokens: list[int], ends: Sequence[int]) -> list[int]:
    stops = [place for place, token in enumerate(tokens) if token in ends]
    return tokens[: stops[0]] if stops else tokens


def grounded(named: set[str], there: frozenset[str]) -> dict[str, float]:
    """recall and hallucinated."""
    return {
        "recall": len(named & there) / len(there) if there else math.nan,
        "hallucinated": len(named - there) / len(named) if named else math.nan,
    }


@torch.no_grad()
def perplexity(model: LanguageModel, prompt: Tensor, said: Sequence[int]) -> float:
    """Of tokens behind a prompt (tokens,)."""
    if not said:
        return math.nan
    past, present = model.kept(prompt[None, :-1])
    fed = torch.cat([prompt[-1:], torch.tensor(said[:-1], dtype=torch.long)])
    states, _ = model.after(past, present, model.token_embd(fed[None]))
    logits = (states[0] @ model.token_embd.weight.T).float()
    return math.exp(functional.cross_entropy(logits, torch.tensor(said)).item())


def repeated(said: Sequence[int]) -> float:
    """Share of pairs of neighbouring tokens that were there before; 0 of fewer than two pairs."""
    pairs = list(pairwise(said))
    return 1 - len({*pairs}) / len(pairs) if pairs else 0.0
