"""Which of COCO's classes a text names."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Other words for a class.
SAID = {
    "person": "man men woman women people boy girl child children lady guy player rider",
    "tv": "television",
    "couch": "sofa",
    "dining table": "table",
    "cell phone": "phone cellphone",
    "sports ball": "ball",
    "bicycle": "bike",
    "motorcycle": "motorbike",
    "airplane": "plane",
    "potted plant": "plant",
    "refrigerator": "fridge",
    "donut": "doughnut",
    "teddy bear": "teddy",
}


def mentioned(text: str, names: Iterable[str]) -> set[str]:
    """Those of `names` that a text has, or another word for them, in one or more; two words before their parts, so that
    a hot dog is no dog."""
    known = {_singular(name): name for name in names}
    known |= {_singular(word): name for name, words in SAID.items() if name in known.values() for word in words.split()}
    words, found, place = _singular(text).split(), set(), 0
    while place < len(words):
        long = next((size for size in (2, 1) if " ".join(words[place : place + size]) in known), 0)
        if long:
            found.add(known[" ".join(words[place : place + long])])
        place += max(long, 1)
    return found


def _singular(text: str) -> str:
    """Words in small letters, each without a last s: the same word for one and for more, if not always a word."""
    return " ".join(word.removesuffix("s") for word in re.findall("[a-z]+", text.lower()))
