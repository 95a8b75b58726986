"""Simulated lidar sweeps with labels in KITTI's form (`suite.data.lidar`), in two forms that no study mixes.

`synthetic:lidar` places objects by packaged statistics, and needs no file. Where the archive of KITTI's label files is
at hand, `synthetic:lidar+layouts` has the objects of real frames where they stood: those of the conventional train list
for training and validation, those of the val list for the test, frames with a cyclist three times as often. Results say
`synthetic:lidar+layouts-HASH` should the archive hold other labels.

kitti/label_2_all.zip is training/label_2 of the official folder, all 7,481 files, as a zip; the lists are
kitti/ImageSets/train.txt and val.txt.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from suite.contract import DataCorrupt, DataMissing
from suite.contract.digests import digest, file_hash
from suite.data.sources import RemoteFile, Source

if TYPE_CHECKING:
    from suite.data.kitti.folder import Frame
    from suite.data.lidar.layouts import Layouts

Split = Literal["train", "validation", "test"]

PLACED = "synthetic:lidar"
ARCHIVE = "kitti/label_2_all.zip"
# Of the label files in it.
SHA256 = "8f17f1a33de898189bb35a305fafdeb98c69ab2b78571e32c637098cbf9d2db3"
LISTS: dict[Split, str] = {"train": "train", "validation": "train", "test": "val"}


@dataclass(frozen=True)
class Simulator:
    """source: what rows say; archive: of label files, lists: folder of the lists of frames; None: by statistics."""

    source: str
    archive: Path | None = None
    lists: Path | None = None

    def by_statistics(self) -> Simulator:
        """Without layouts."""
        return Simulator(PLACED)

    def as_in_frames(self) -> Simulator:
        """With layouts; raises DataMissing where there are none."""
        if self.archive is None:
            raise DataMissing(f"lidar: {ARCHIVE} is not in the data root: make it of all label files of KITTI")
        return self

    def scenes(self, seed: int, split: Split, count: int) -> Scenes:
        """The first `count` scenes of a split; the same for the same seed, and other ones in every split."""
        return Scenes(self, seed, split, count)

    @property
    def digest(self) -> str:
        """Another one for other layouts."""
        if self.archive is None or self.lists is None:
            return self.source
        lists = [file_hash(_list(self.lists, split)) for split in LISTS]
        return digest([self.source, content_hash(self.archive), *lists])

    def layouts(self, split: Split) -> Layouts | None:
        """The layouts that scenes of a split have. Raises DataMissing and DataCorrupt."""
        from suite.data.kitti.folder import read_split
        from suite.data.lidar.layouts import read_layouts

        if self.archive is None or self.lists is None:
            return None
        return read_layouts(self.archive, read_split(_list(self.lists, split)))


@dataclass(frozen=True)
class Scenes(Sequence["Frame"]):
    """Scenes of a split by number, each made when it is asked for (about 20 ms)."""

    simulator: Simulator
    seed: int
    split: Split
    number: int

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, number: int) -> Frame:  # type: ignore[override]
        from suite.data.kitti.folder import Frame
        from suite.data.lidar.camera import CALIBRATION, SIZE
        from suite.data.lidar.scenes import generator_of, scene

        if not 0 <= number < self.number:
            raise IndexError(number)
        made = scene(generator_of(self.seed, self.split, number), self._layouts)
        return Frame(f"{self.split} {number}", made.cloud, CALIBRATION, made.labels, SIZE)

    @cached_property
    def _layouts(self) -> Layouts | None:
        return self.simulator.layouts(self.split)


def parse(root: Path) -> Simulator:
    """With the layouts below `root`/kitti; raises DataMissing where the lists of frames are not there."""
    from suite.data.kitti.folder import read_split

    lists = root / "kitti" / "ImageSets"
    for split in LISTS:
        read_split(_list(lists, split))
    found = content_hash(root / ARCHIVE)
    other = "" if found == SHA256 else f"-{found[:8]}"
    return Simulator(f"synthetic:lidar+layouts{other}", root / ARCHIVE, lists)


def content_hash(archive: Path) -> str:
    """SHA-256 of the label files in a zip, by name; raises DataCorrupt."""
    found = hashlib.sha256()
    try:
        with zipfile.ZipFile(archive) as content:
            for name in sorted(content.namelist(), key=lambda name: Path(name).stem):
                found.update(Path(name).stem.encode())
                found.update(content.read(name))
    except zipfile.BadZipFile as error:
        raise DataCorrupt(f"{archive}: no sound zip of label files ({error}); put the whole one in its place") from None
    return found.hexdigest()


def _list(folder: Path, split: Split) -> Path:
    return folder / f"{LISTS[split]}.txt"


SOURCE = Source(
    name="lidar",
    title="Simulated lidar sweeps of streets",
    licence="MIT; layouts of real frames are KITTI's, CC BY-NC-SA 3.0",
    citation="this suite; layouts: A. Geiger, P. Lenz, R. Urtasun: Are we ready for autonomous driving? The KITTI "
    "vision benchmark suite, CVPR 2012",
    files=(RemoteFile(ARCHIVE, (), f"sha256:{SHA256}", 2_983_303),),
    parse=parse,
    package="suite",
    packaged=lambda: Simulator(PLACED),
)
