"""Images as files keep them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt


def decoded(name: str, content: bytes) -> NDArray[np.uint8]:
    """Pixels (height, width, 3); raises DataCorrupt for an image that cannot be decoded."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as image:
            found: NDArray[Any] = np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError) as error:
        raise DataCorrupt(f"{name}: the image cannot be decoded ({error}); get the set anew") from None
    return found
