"""The official folder: training/{velodyne or velodyne_reduced, label_2, calib, image_2}, and the lists in ImageSets."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suite.contract import DataCorrupt, DataMissing
from suite.data.kitti.calibration import Calibration, read_calibration
from suite.data.kitti.clouds import Cloud, checked, in_picture, read_cloud
from suite.data.kitti.labels import Objects, read_labels

PNG = b"\x89PNG\r\n\x1a\n"
LISTS = {"velodyne_reduced": "velodyne_reduced_sha256.parquet"}
OTHER_LIST = "training_sha256.parquet"


@dataclass(frozen=True)
class Frame:
    """One labelled sweep: the points (n, 4) that the camera sees, its calibration, all labels (DontCare too), and width
    and height of the picture."""

    name: str
    cloud: Cloud
    calibration: Calibration
    labels: Objects
    size: tuple[int, int]


@dataclass(frozen=True)
class Folder:
    """The set as it was unpacked to `root`; a folder with fewer frames will do."""

    root: Path

    @property
    def training(self) -> Path:
        """The labelled half of the set."""
        return self.root / "training"

    @property
    def clouds(self) -> Path:
        """velodyne_reduced where it is, else velodyne, which is cropped to the same points."""
        reduced = self.training / "velodyne_reduced"
        return reduced if reduced.is_dir() else self.training / "velodyne"

    def names(self) -> list[str]:
        """The frames with a sweep; raises DataMissing where one of the folders is absent or empty."""
        found = sorted(path.stem for path in self.clouds.glob("*.bin"))
        for folder in (self.clouds, self.training / "calib", self.training / "label_2"):
            if not folder.is_dir() or not found:
                raise DataMissing(f"{folder}: no frames there; unpack the KITTI object set (velodyne, calib, label_2)")
        return found

    def split(self, name: str) -> list[str]:
        """The frames of ImageSets/NAME.txt (train and val by convention); raises DataMissing if it or a sweep is not
        here."""
        wanted = read_split(self.root / "ImageSets" / f"{name}.txt")
        if absent := sorted(set(wanted) - set(self.names())):
            raise DataMissing(f"{self.clouds}: {len(absent)} frames of {name} have no sweep, the first {absent[0]}")
        return wanted

    def frame(self, name: str) -> Frame:
        """Reads one frame strictly. Raises DataMissing and DataCorrupt, also where a cropped sweep does not lie in the
        picture: then the calibration is that of another frame."""
        calibration = read_calibration(self.training / "calib" / f"{name}.txt")
        size = self._size(name, calibration)
        path = self.clouds / f"{name}.bin"
        cloud = read_cloud(path)
        seen = in_picture(cloud, calibration, size)
        if self.clouds.name == "velodyne_reduced" and not seen.all():
            raise DataCorrupt(
                f"{path}: {(~seen).sum()} of {len(cloud)} points lie outside the picture of {size[0]} x {size[1]} "
                f"pixels; put the frame's own calibration into {self.training / 'calib' / name}.txt"
            )
        return Frame(name, cloud[seen], calibration, read_labels(self.training / "label_2" / f"{name}.txt"), size)

    def altered(self, names: Sequence[str]) -> list[str]:
        """Files of these frames, as paths below `root`, whose sha256 is not that of the published ones."""
        files = self.files(names)
        lists = {
            list_name: [path for path in files if self._list(path) == list_name] for list_name in map(self._list, files)
        }
        return [path for name, some in lists.items() for path in checked(some, self.root, self.root / name)]

    def files(self, names: Sequence[str]) -> list[str]:
        """Sweep, calibration and labels of each of these frames, as paths below `root`."""
        kinds = (self.clouds.name, "bin"), ("calib", "txt"), ("label_2", "txt")
        return [f"training/{kind}/{name}.{suffix}" for name in names for kind, suffix in kinds]

    @property
    def has_lists(self) -> bool:
        """Whether the published lists of hashes lie in the folder."""
        return all((self.root / name).is_file() for name in {OTHER_LIST, self._list(f"training/{self.clouds.name}/")})

    @staticmethod
    def _list(path: str) -> str:
        return LISTS.get(path.split("/")[1], OTHER_LIST)

    def _size(self, name: str, calibration: Calibration) -> tuple[int, int]:
        picture = self.training / "image_2" / f"{name}.png"
        if picture.is_file():
            return _png_size(picture)
        if calibration.size is None:
            raise DataMissing(f"{picture}: no such file, and its camera is not KITTI's, so that its size is unknown")
        return calibration.size


def read_split(path: Path) -> list[str]:
    """Frame names, one a line; raises DataMissing, and DataCorrupt for a list that is empty or names a frame twice."""
    if not path.is_file():
        raise DataMissing(f"{path}: no such file; it lists the frames of a split, one number (000123) a line")
    names = path.read_text().split()
    if not names or len(set(names)) < len(names):
        raise DataCorrupt(f"{path}: {len(names)} frames, {len(set(names))} of them distinct; name each frame once")
    return names


def _png_size(path: Path) -> tuple[int, int]:
    with path.open("rb") as file:
        head = file.read(24)
    if len(head) < 24 or not head.startswith(PNG):
        raise DataCorrupt(f"{path}: no PNG picture; put the published file in its place")
    width, height = struct.unpack(">II", head[16:])
    return width, height
