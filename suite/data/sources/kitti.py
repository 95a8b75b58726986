"""KITTI's 3D object set (A. Geiger, P. Lenz, R. Urtasun, CVPR 2012): lidar sweeps with labelled boxes.

The official folder below `kitti`: training/{velodyne or velodyne_reduced, label_2, calib}, all 7,481 frames, split by
ImageSets/train.txt and val.txt (3,712 and 3,769 by convention). What is read is hashed: results say `kitti` where all
of it is as published, else `kitti-HASH`; where the published lists of hashes lie beside the folders
(training_sha256.parquet, velodyne_reduced_sha256.parquet), a file that differs is refused by name.

`kitti:sample`: 84 of these frames, those that public repositories carry with their sweeps. 51 are one drive of 11 s
(2011_09_26, drive 0001), the same street again and again; the other 33 are scattered. Of them 90 / 221 / 263 cars,
15 / 24 / 29 pedestrians and 18 / 29 / 30 cyclists count (Easy / Moderate / Hard); without the drive 27 / 58 / 71,
15 / 24 / 29 and 3 / 9 / 10.

The set is to be had from its authors' page after registration: data_object_velodyne.zip, data_object_label_2.zip and
data_object_calib.zip.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from suite.contract import DataCorrupt, DataMissing
from suite.contract.digests import file_hash
from suite.data.sources import RemoteFile, Source

if TYPE_CHECKING:
    from suite.data.kitti.folder import Folder, Frame

SCATTERED = tuple(f"{number:06}" for number in (*range(26), 31, 38, 76, 114, 134, 142, 217))
DRIVE = tuple(
    f"{number:06}"
    for number in (
        45,
        129,
        210,
        232,
        649,
        1040,
        1328,
        1369,
        1541,
        1677,
        1720,
        1769,
        1974,
        2016,
        2167,
        2268,
        2335,
        2352,
        2364,
        2611,
        2687,
        2788,
        2813,
        2983,
        3176,
        3209,
        3258,
        3533,
        3638,
        3760,
        3796,
        3862,
        3911,
        4067,
        4099,
        4478,
        4484,
        4601,
        4664,
        4841,
        4845,
        5099,
        5417,
        5554,
        6237,
        6257,
        6271,
        6690,
        6983,
        7039,
        7051,
    )
)
# Of the files of all frames, and of the sample, with sweeps as a whole and as the camera sees them.
PUBLISHED = {
    "072a0e9c31dfd81170dc8255ef939b1b8dac305cbd52b41daebd6c8ce723d214": "kitti",
    "bd0e943fbba8f7048858d17f4bc5eede7e091bbcd708e6e904857f92d299e220": "kitti",
    "1ac8e6ee24711ed3bc9efb8fdfa8a684f6fa4a3e8074e2a0843b337824e85c8d": "kitti:sample",
    "f4aada573f8e7d0c16748b2a64fc85df43a9d57a8c77cce21ee9d27e239e28cf": "kitti:sample",
}


@dataclass(frozen=True)
class Frames(Sequence["Frame"]):
    """Frames by number, each read when it is asked for; source: what rows say; digest: of all their files."""

    folder: Folder
    names: tuple[str, ...]
    source: str
    digest: str

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, number: int) -> Frame:  # type: ignore[override]
        return self.folder.frame(self.names[number])

    def only(self, names: Sequence[str]) -> Frames:
        """Some of them."""
        return replace(self, names=tuple(names))

    def scattered(self) -> Frames:
        """Of the sample, the frames that are not of the one drive."""
        return self.only(SCATTERED)


@dataclass(frozen=True)
class Kitti:
    """The folder; frames are hashed when they are chosen."""

    folder: Folder

    def sample(self) -> Frames:
        """The 84 frames. Raises DataMissing and DataCorrupt."""
        return self._frames("kitti:sample", sorted(SCATTERED + DRIVE))

    def splits(self) -> tuple[Frames, Frames]:
        """Train and val by convention, of the whole set. Raises DataMissing where a frame is not there."""
        train, val = self.folder.split("train"), self.folder.split("val")
        found = self._frames("kitti", sorted(train + val))
        return found.only(train), found.only(val)

    def _frames(self, name: str, frames: list[str]) -> Frames:
        if absent := sorted(set(frames) - set(self.folder.names())):
            raise DataMissing(f"{self.folder.clouds}: no sweep {absent[0]}.bin, and {len(absent) - 1} others of {name}")
        if self.folder.has_lists and (altered := self.folder.altered(frames)):
            others = f" (and {len(altered) - 1} others)" if len(altered) > 1 else ""
            raise DataCorrupt(f"{self.folder.root / altered[0]}{others}: not the published file; get it anew")
        digest = content_hash(self.folder, frames)
        source = name if PUBLISHED.get(digest) == name else f"{name}-{digest[:8]}"
        return Frames(self.folder, tuple(frames), source, digest)


def content_hash(folder: Folder, frames: Sequence[str]) -> str:
    """SHA-256 over the SHA-256 of all files of these frames; raises DataMissing."""
    found = hashlib.sha256()
    for path in folder.files(frames):
        if not (folder.root / path).is_file():
            raise DataMissing(f"{folder.root / path}: no such file; get it anew")
        found.update(f"{path} {file_hash(folder.root / path)}\n".encode())
    return found.hexdigest()


def parse(root: Path) -> Kitti:
    """The folder below `root`; no frame is read yet."""
    from suite.data.kitti.folder import Folder

    return Kitti(Folder(root / "kitti"))


def _first(folder: str, suffix: str, checksum: str, size: int) -> RemoteFile:
    return RemoteFile(f"kitti/training/{folder}/000000.{suffix}", (), f"sha256:{checksum}", size)


# Of 29,924 files those of the first frame: they stand for their folders.
_FRAME = (
    _first("calib", "txt", "29b89ca9fa49b2cad778bf73910ff7210c7998badae39796cf29666081992d7f", 1616),
    _first("label_2", "txt", "6627ff300809ccdb8f0402c1003b7c691a64e3027ceaf0ce7cabfeef9809d0c3", 87),
)
SOURCE = Source(
    name="kitti",
    title="KITTI 3D object detection",
    licence="CC BY-NC-SA 3.0",
    citation="A. Geiger, P. Lenz, R. Urtasun: Are we ready for autonomous driving? The KITTI vision benchmark suite, "
    "CVPR 2012",
    files=(
        *_FRAME,
        _first("velodyne", "bin", "0e09c85e3f6078ecbdd1e706ee9624519f1bd29417437167a9ed7fbe6f54b4b1", 1846144),
    ),
    parse=parse,
    alternatives=((*(file.path for file in _FRAME), "kitti/training/velodyne_reduced/000000.bin"),),
)
