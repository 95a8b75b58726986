"""Lidar sweeps: `.bin` files of float32 x, y, z, reflectance, and the part of a sweep that the camera sees."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt, DataMissing
from suite.data.kitti.calibration import Calibration

Cloud = NDArray[np.float32]

POINT = 16  # bytes


def read_cloud(path: Path) -> Cloud:
    """(n, 4) x, y, z in metres and reflectance from 0 to 1; raises DataMissing and DataCorrupt."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataMissing(f"{path}: no such file; it comes with data_object_velodyne.zip") from None
    if not content or len(content) % POINT:
        raise _corrupt(path, f"{len(content)} bytes, which is no whole number of points of {POINT} bytes: cut short?")
    cloud = np.frombuffer(content, "<f4").reshape(-1, 4)
    bad = ~np.isfinite(cloud).all(1)
    if bad.any():
        raise _corrupt(path, f"{bad.sum()} of {len(cloud)} points are not finite, the first in row {bad.argmax()}")
    low, high = cloud[:, 3].min(), cloud[:, 3].max()
    if low < 0 or high > 1:
        found = f"reflectance from {low:g} to {high:g} where 0 to 1 was expected"
        raise DataCorrupt(f"{path}: {found}; divide it by the greatest value it can have (often 255)")
    return cloud


def in_picture(points: NDArray[np.floating], calibration: Calibration, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which of the (n, 3 or more) points the camera sees: depth >= 0, and projected to 0 <= column < width and
    0 <= row < height. Nothing beyond is labelled, so that training and scoring leave it out.

    Of an official sweep in `velodyne` this keeps, in order, the very points of `velodyne_reduced`.
    """
    width, height = size
    rectified = calibration.rectified(points[:, :3].astype(np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        column, row, _ = calibration.picture(rectified).T
    return (rectified[:, 2] >= 0) & (column >= 0) & (column < width) & (row >= 0) & (row < height)


def checked(files: Iterable[str], folder: Path, published: Path) -> list[str]:
    """What of `files` (paths below `folder`) differs from the published list, a parquet file of path and sha256.

    Raises DataMissing for a file or a list that is not there.
    """
    from pyarrow import parquet

    if not published.is_file():
        raise DataMissing(f"{published}: no such file; it lists the sha256 of every published file (path, sha256)")
    table = parquet.read_table(published, columns=["path", "sha256"])
    known = dict(zip(table["path"].to_pylist(), table["sha256"].to_pylist(), strict=True))
    return [name for name in files if _digest(folder / name) != known.get(name)]


def _digest(path: Path) -> bytes:
    if not path.is_file():
        raise DataMissing(f"{path}: no such file; get it anew")
    return hashlib.sha256(path.read_bytes()).digest()


def _corrupt(path: Path, what: str) -> DataCorrupt:
    return DataCorrupt(f"{path}: {what}; put the published file in its place")
