"""The network of MiniGPT-4's shape: features -> a linear layer -> tokens of a frozen language model -> a choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from suite.contract import Scale
from workloads.shared.vision_language.language_model import LanguageModel

# Of what is no candidate: finite, so that a row counts as sound.
NEVER = -1e4
# Of the cosine between an image and a word in alignment.
SHARPNESS = 12.0


class Projected(nn.Module):
    """(features (n, tokens, channels), prompts (n, longest) with -1 before, candidates (n, most) with -1 behind) ->
    logits of candidates (n, most); the prompt, the image and `after` in this order are before the answer.

    spread: standard deviation of the language model's embedding, which projected features are scaled to; scale: whose
    language model it is; programs_model: whether that lies on crossbars too.
    """

    scale: Scale
    programs_model: bool

    def __init__(self, model: LanguageModel, channels: int, after: Sequence[int], answers: bool) -> None:
        super().__init__()
        self.read, self.projection = nn.Identity(), nn.Linear(channels, model.shape.width)
        nn.init.normal_(self.projection.weight, std=channels**-0.5)
        nn.init.zeros_(self.projection.bias)
        self.model, self.answers = model, answers
        self.spread = float(model.token_embd.weight.detach().float().std())
        self.after = torch.tensor(after)
        self.noise_points = ("read",)

    def tokens(self, features: Tensor) -> Tensor:
        """(n, tokens, width): an image in the place of words."""
        return self.spread * self.projection(self.read(features))

    def forward(self, inputs: Sequence[Any]) -> Tensor:
        """A prompt that several samples share is read once."""
        features, prompts, candidates = inputs
        return self._chosen(self.tokens(features), prompts, candidates)

    def _chosen(self, image: Tensor, prompts: Tensor, candidates: Tensor) -> Tensor:
        with torch.no_grad():
            distinct, which = prompts.unique(dim=0, return_inverse=True)
            past, present = self.model.kept(distinct)
        table = self.model.token_embd
        tail = table(self.after).expand(len(image), -1, -1)
        states = torch.cat([image.to(tail.dtype), tail], 1)
        own = [(keys[which], values[which]) for keys, values in past]
        found, _ = self.model.after(own, present[which], states)
        logits = (table(candidates.clamp(min=0)) @ found[:, -1, :, None]).squeeze(2).float()
        return logits.masked_fill(candidates < 0, NEVER)

    def aligned(self, image: Tensor, candidates: Tensor) -> Tensor:
        """Logits of candidates by the cosine of their words with the mean token of an image: no language model."""
        words = self.model.token_embd(candidates.clamp(min=0)).float()
        near = functional.cosine_similarity(words, image.mean(1, keepdim=True), dim=2)
        return (SHARPNESS * near).masked_fill(candidates < 0, NEVER)

    def loss(self, inputs: Sequence[Any], targets: Tensor) -> Tensor:
        """Cross entropy of the choice by alignment and, where answers are trained, by the language model."""
        features, prompts, candidates = inputs
        image = self.tokens(features)
        found = functional.cross_entropy(self.aligned(image, candidates), targets)
        if self.answers:
            found = found + functional.cross_entropy(self._chosen(image, prompts, candidates), targets)
        return found


def frozen(network: Any) -> Mapping[str, Tensor]:
    """The language model."""
    return {f"model.{name}": tensor for name, tensor in network.model.state_dict().items()}


def arrays(network: Any) -> Mapping[str, Tensor]:
    """The projection; where the network says so, the linear layers of the language model as well."""
    found = {"projection.weight": network.projection.weight}
    if network.programs_model:
        layers = network.model.named_modules()
        found |= {f"model.{name}.weight": layer.weight for name, layer in layers if isinstance(layer, nn.Linear)}
    return found
