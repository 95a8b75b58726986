"""Text to tokens and back: those of the language model, and a few words for a tiny one without a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from suite.contract import DataCorrupt, DataMissing


class Speech(Protocol):
    """A tokenizer. ends: tokens that end a text."""

    ends: tuple[int, ...]

    def encode(self, text: str) -> list[int]:
        """Numbers of its tokens."""
        ...

    def decode(self, tokens: Sequence[int]) -> str:
        """Their text."""
        ...


class FewWords:
    """Whole words, each a token of its own."""

    ends: tuple[int, ...] = ()

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)

    def encode(self, text: str) -> list[int]:
        """Raises DataCorrupt for a word that is not there."""
        if unknown := [word for word in text.split() if word not in self.words]:
            raise DataCorrupt(f"{text!r}: {unknown[0]!r} is none of the words of the tiny language model")
        return [self.words.index(word) for word in text.split()]

    def decode(self, tokens: Sequence[int]) -> str:
        """With blanks between words."""
        return " ".join(self.words[token] for token in tokens)


class BytePairs:
    """As the file of the language model has them: digits one by one, bytes joined by its merges."""

    # <|endoftext|> and <|im_end|>.
    ends: tuple[int, ...] = (0, 2)

    def __init__(self, vocabulary: Mapping[str, Any]) -> None:
        try:
            from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
        except ImportError:
            raise DataMissing(
                "smollm2: its text is read with tokenizers, which is not here: pip install 'crossbar-suite[vlm]'"
            ) from None
        known = {token: number for number, token in enumerate(vocabulary["tokens"])}
        merges = [tuple(merge.split(" ", 1)) for merge in vocabulary["merges"]]
        self._tokenizer = Tokenizer(models.BPE(vocab=known, merges=merges))
        digits, by_bytes = (
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(False, use_regex=True),
        )
        self._tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, by_bytes])
        self._tokenizer.decoder = decoders.ByteLevel()
        special = [vocabulary["tokens"][number] for number in vocabulary["special"]]
        self._tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in special])

    def encode(self, text: str) -> list[int]:
        """Without a mark at the start."""
        found: list[int] = self._tokenizer.encode(text).ids
        return found

    def decode(self, tokens: Sequence[int]) -> str:
        """Marks included."""
        found: str = self._tokenizer.decode(list(tokens), skip_special_tokens=False)
        return found


def answer_token(speech: Speech, answer: str) -> int:
    """The number of the token that an answer is, blank before it. Raises DataCorrupt for one of several tokens."""
    found = speech.encode(f" {answer}")
    if len(found) != 1:
        raise DataCorrupt(f"answer {answer!r} is {len(found)} tokens, where one is read: ask for another word")
    return found[0]
