"""Which half of the vocabulary has more words in a sentence: a head on a frozen encoder that has read a prompt first.

Data: eight words of twelve in random order, made here (synthetic). The words' vectors and the encoder, a recurrent one
that adds up what it reads, are in `prompted.csv` beside this file: 12 rows of vectors, 16 that read a word and 16 that
keep the state. They are frozen; the encoder's two matrices lie on crossbars all the same. What the encoder makes of the
prompt, which begins every sentence, is kept for all of them. Expected clean score: 0.93, from `quick` training.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.contract import Recipe, Scale, Score, Settings, Splits, Workload, accuracy, seeded

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

WORDS, SIZE, LENGTH = 12, 16, 8
PROMPT = (0, 11, 3, 5)
FILE = Path(__file__).with_suffix(".csv")


def data(scale: Scale, root: Path | None, seed: int, settings: Settings) -> Splits:
    """(words (LENGTH,), whether most are of the second half); `long` has sentences half as long again."""
    import torch
    from torch.utils.data import TensorDataset

    generator = torch.Generator().manual_seed(seed)

    def sentences(count: int, length: int = LENGTH) -> TensorDataset:
        words = torch.randint(0, WORDS, (count, length), generator=generator)
        return TensorDataset(words, (2 * (words >= WORDS // 2).sum(1) > length).long())

    tests = {"test": sentences(200), "long": sentences(100, LENGTH * 3 // 2)}
    return Splits(sentences(600), sentences(100), tests, "synthetic:sentences")


def network(generator: torch.Generator, scale: Scale, settings: Settings) -> nn.Module:
    """Words (N, length) -> logits (N, 2)."""
    import numpy
    import torch
    from torch import nn

    class Prompted(nn.Module):
        prompted: Tensor | None = None

        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(WORDS, SIZE)
            self.read = nn.Linear(SIZE, SIZE, bias=False)
            self.keep = nn.Linear(SIZE, SIZE, bias=False)
            self.hidden = nn.Linear(SIZE, 16)
            self.relu = nn.ReLU()
            self.head = nn.Linear(16, 2)

        def after(self, words: Tensor, state: Tensor) -> Tensor:
            for word in words.unbind(1):
                state = torch.tanh(self.read(self.words(word)) + self.keep(state))
            return state

        def after_prompt(self) -> Tensor:
            prompt = torch.tensor([PROMPT], device=self.words.weight.device)
            return self.after(prompt, self.words.weight.new_zeros(1, SIZE))

        def forward(self, words: Tensor) -> Tensor:
            known = None if self.training else self.prompted
            state = self.after_prompt() if known is None else known
            return self.head(self.relu(self.hidden(self.after(words, state.expand(len(words), -1)))))

    with seeded(generator):
        made = Prompted()
    rows = torch.from_numpy(numpy.loadtxt(FILE, delimiter=",", dtype=numpy.float32))
    with torch.no_grad():
        for tensor, values in zip(frozen(made).values(), rows.split((WORDS, SIZE, SIZE)), strict=True):
            tensor.copy_(values)
    return made


def frozen(network: Any) -> Mapping[str, Tensor]:
    """The words' vectors and the encoder."""
    layers = {"words": network.words, "read": network.read, "keep": network.keep}
    return {f"{name}.weight": layer.weight for name, layer in layers.items()}


def prepare(network: Any) -> None:
    """What the encoder, as it is now, makes of the prompt."""
    network.prompted = network.after_prompt()


def scores(outputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Accuracy."""
    return {"accuracy": accuracy(outputs, targets)}


WORKLOAD = Workload(
    title="Words of two kinds, frozen encoder with a prompt",
    data=data,
    network=network,
    recipe=lambda scale: Recipe(epochs=5 if scale == "ci" else 15, batch=32, learning_rate=1e-2, test_block=100),
    measures={"accuracy": Score("Accuracy", chance=0.5)},
    scores=scores,
    floor=("accuracy", 0.8),
    standin=True,
    frozen=frozen,
    prepare=prepare,
)
