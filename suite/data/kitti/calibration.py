"""Calibration of one frame: lidar -> rectified camera -> picture, and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt, DataMissing

Floats = NDArray[np.float64]

SHAPES = {"P2": (3, 4), "R0_rect": (3, 3), "Tr_velo_to_cam": (3, 4)}
# Width and height of a picture by the focal length of its camera: the set was recorded on four calibrations.
SIZES = {721.5377: (1242, 375), 707.0493: (1224, 370), 718.3351: (1238, 374), 718.856: (1241, 376)}
# Official rotations are orthonormal to 1e-6; a matrix of another kind is off by far more.
ROTATION = 1e-3


@dataclass(frozen=True)
class Calibration:
    """P2: (3, 4) rectified coordinates -> left colour picture; its fourth column (6 cm) matters. R0_rect: (3, 3)
    rectifying rotation; Tr_velo_to_cam: (3, 4) lidar -> camera, before rectification."""

    P2: Floats
    R0_rect: Floats
    Tr_velo_to_cam: Floats

    @cached_property
    def rectifying(self) -> Floats:
        """(4, 4): homogeneous lidar coordinates -> homogeneous rectified ones."""
        return _square(self.R0_rect) @ _square(self.Tr_velo_to_cam)

    @cached_property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the picture in pixels, told from the focal length; None for a camera of another set."""
        return SIZES.get(round(float(self.P2[0, 0]), 4))

    def rectified(self, lidar: NDArray[np.floating]) -> Floats:
        """(n, 3) lidar coordinates -> (n, 3) rectified camera coordinates, R0_rect (Tr_velo_to_cam p)."""
        return lidar @ self.rectifying[:3, :3].T + self.rectifying[:3, 3]

    def lidar(self, rectified: NDArray[np.floating]) -> Floats:
        """(n, 3) rectified camera coordinates -> (n, 3) lidar coordinates."""
        back = np.linalg.inv(self.rectifying)
        return rectified @ back[:3, :3].T + back[:3, 3]

    def picture(self, rectified: NDArray[np.floating]) -> Floats:
        """(n, 3) rectified coordinates -> (n, 3): column and row of the picture in pixels, and depth in metres."""
        projected = rectified @ self.P2[:, :3].T + self.P2[:, 3]
        return np.concatenate([projected[:, :2] / projected[:, 2:], projected[:, 2:]], 1)

    def from_picture(self, picture: NDArray[np.floating]) -> Floats:
        """(n, 3) column, row and depth, as `picture` gives them -> (n, 3) rectified coordinates."""
        projected = np.concatenate([picture[:, :2] * picture[:, 2:], picture[:, 2:]], 1)
        return (projected - self.P2[:, 3]) @ np.linalg.inv(self.P2[:, :3]).T


def read_calibration(path: Path) -> Calibration:
    """The calibration of a frame; raises DataMissing, and DataCorrupt for a file that cannot be a lidar ahead of which
    the camera looks: the entry, what is wrong with it and the fix."""
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise DataMissing(f"{path}: no such file; each frame has its own, from data_object_calib.zip") from None
    except UnicodeDecodeError:
        raise _corrupt(path, "no text file") from None
    entries = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return _checked(Calibration(*(_matrix(path, entries, name) for name in SHAPES)), path)


def _matrix(path: Path, entries: dict[str, str], name: str) -> Floats:
    shape = SHAPES[name]
    if name not in entries:
        raise _corrupt(path, f"no entry {name}, only {', '.join(entries) or 'none at all'}")
    try:
        numbers = np.array(entries[name].split(), np.float64)
    except ValueError:
        raise _corrupt(path, f"{name}: not all of it are numbers: {entries[name].strip()!r}") from None
    if len(numbers) != shape[0] * shape[1] or not np.isfinite(numbers).all():
        raise _corrupt(path, f"{name}: {len(numbers)} numbers where {shape[0] * shape[1]} finite ones were expected")
    return numbers.reshape(shape)


def _checked(found: Calibration, path: Path) -> Calibration:
    for name, matrix in (("R0_rect", found.R0_rect), ("Tr_velo_to_cam", found.Tr_velo_to_cam[:, :3])):
        if np.abs(matrix @ matrix.T - np.eye(3)).max() > ROTATION or np.linalg.det(matrix) < 0:
            raise _corrupt(path, f"{name} is no rotation")
    # The lidar's x, y, z look along the camera's z, -x, -y.
    axes = found.Tr_velo_to_cam[:, :3][[2, 0, 1], [0, 1, 2]] * (1, -1, -1)
    if axes.min() < 0.5:
        raise _corrupt(path, "Tr_velo_to_cam does not turn x ahead, y left, z up into z ahead, x right, y down")
    if min(found.P2[0, 0], found.P2[1, 1]) <= 0 or found.P2[2, 2] != 1:
        raise _corrupt(path, "P2 is no projection: focal lengths are positive, and the last row takes the depth")
    return found


def _corrupt(path: Path, what: str) -> DataCorrupt:
    return DataCorrupt(f"{path}: {what}; put the frame's file from data_object_calib.zip in its place")


def _square(matrix: Floats) -> Floats:
    whole = np.eye(4)
    whole[: matrix.shape[0], : matrix.shape[1]] = matrix
    return whole
