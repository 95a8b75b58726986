"""Photographs of COCO with boxes of 80 classes (T.-Y. Lin et al., arXiv:1405.0312): 410 of them, in two folders.

coco128: `images/SPLIT/ID.jpg` and `labels/SPLIT/ID.txt` (class number and a box a line), 126 of train2017 with labels
(two others have none) and 128 of val2017. coco_more: `images/ID.jpg` and `instances.json`, 156 images, with the classes
of which only a crowd is marked. Their longest side is 320 pixels, by a lossy re-encoding, so that scores on them are
not
those of COCO; results say `coco128+more`, or `coco128+more-HASH` where files differ. There is no address to fetch them
from: annotations are under CC BY 4.0, images under the terms of their photographers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt
from suite.data.sources import RemoteFile, Source
from suite.data.sources._images import decoded

NAMES = [
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "airplane",
    "bus",
    "train",
    "truck",
    "boat",
    "traffic light",
    "fire hydrant",
    "stop sign",
    "parking meter",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "skis",
    "snowboard",
    "sports ball",
    "kite",
    "baseball bat",
    "baseball glove",
    "skateboard",
    "surfboard",
    "tennis racket",
    "bottle",
    "wine glass",
    "cup",
    "fork",
    "knife",
    "spoon",
    "bowl",
    "banana",
    "apple",
    "sandwich",
    "orange",
    "broccoli",
    "carrot",
    "hot dog",
    "pizza",
    "donut",
    "cake",
    "chair",
    "couch",
    "potted plant",
    "bed",
    "dining table",
    "toilet",
    "tv",
    "laptop",
    "mouse",
    "remote",
    "keyboard",
    "cell phone",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
    "scissors",
    "teddy bear",
    "hair drier",
    "toothbrush",
]
INSTANCES = RemoteFile(
    "coco_more/instances.json",
    (),
    "sha256:8c1ad1fa038925389a57014cd2f2b65d113488b5598b2e7e42da5ab7f123bff7",
    65260,
)
# Of all images and what is marked on them.
KNOWN = "ccbcf4b667a6a34c2a470b9df2b8e6e1f45fe33f244f8f0873861071352e23e3"


@dataclass(frozen=True)
class Photograph:
    """name: its number; boxed: classes with a box; marked: those and classes with a crowd."""

    name: str
    path: Path
    boxed: frozenset[str]
    marked: frozenset[str]

    def pixels(self) -> NDArray[np.uint8]:
        """(height, width, 3). Raises DataCorrupt."""
        return decoded(str(self.path), self.path.read_bytes())


@dataclass(frozen=True)
class Photographs:
    """train: of coco128's train2017 and coco_more; held: of val2017, in the order of their numbers; digest: of all."""

    train: list[Photograph]
    held: list[Photograph]
    source: str
    digest: str


def parse(root: Path) -> Photographs:
    """The photographs below `root`; raises DataCorrupt."""
    train = [*_yolo(root / "coco128", "train2017"), *_more(root / "coco_more")]
    held = list(_yolo(root / "coco128", "val2017"))
    found = hashlib.sha256()
    for one in (*train, *held):
        found.update(f"{one.name} {sorted(one.boxed)} {sorted(one.marked)}".encode() + one.path.read_bytes())
    digest = found.hexdigest()
    return Photographs(train, held, "coco128+more" if digest == KNOWN else f"coco128+more-{digest[:8]}", digest)


def _yolo(folder: Path, split: str) -> Iterator[Photograph]:
    """Those that have labels."""
    for path in sorted((folder / "labels" / split).glob("*.txt")):
        rows = path.read_text().split("\n")
        numbers = [row.split()[0] for row in rows if row.strip()]
        if wrong := [one for one in numbers if not one.isdigit() or int(one) >= len(NAMES)]:
            raise DataCorrupt(f"{path}: class {wrong[0]}, where 0 to {len(NAMES) - 1} were expected; get coco128 anew")
        classes = frozenset(NAMES[int(number)] for number in numbers)
        if classes:
            yield Photograph(path.stem, _image(folder / "images" / split / f"{path.stem}.jpg"), classes, classes)


def _more(folder: Path) -> Iterator[Photograph]:
    path = folder / "instances.json"
    try:
        marked = json.loads(path.read_text())
    except ValueError as error:
        raise DataCorrupt(f"{path}: not JSON ({error}); get coco_more anew") from None
    for name, one in sorted(marked.items()):
        boxed = frozenset(box[0] for box in one["boxes"])
        if unknown := boxed - {*NAMES}:
            raise DataCorrupt(f"{path}: image {name} has a box of {min(unknown)!r}, which is no class of COCO")
        yield Photograph(name, _image(folder / "images" / f"{name}.jpg"), boxed, boxed | {*one["crowd"]})


def _image(path: Path) -> Path:
    if not path.is_file():
        raise DataCorrupt(f"{path}: no such image, though it has labels; get the set anew")
    return path


SOURCE = Source(
    name="coco",
    title="COCO photographs with boxes, 410 of them",
    licence="annotations CC BY 4.0; images under the terms of their photographers",
    citation="T.-Y. Lin et al.: Microsoft COCO: Common objects in context, ECCV 2014",
    files=(INSTANCES,),
    parse=parse,
)
