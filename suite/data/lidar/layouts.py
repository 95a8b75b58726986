"""Where objects stand, as in real frames, from the archive of all label files: `synthetic:lidar+layouts`."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from suite.contract import DataCorrupt, DataMissing
from suite.data.kitti.boxes import lidar_boxes
from suite.data.kitti.labels import Objects, parsed
from suite.data.lidar.camera import CALIBRATION
from suite.data.lidar.constants import CYCLIST_WEIGHT
from suite.data.lidar.placement import Layout

# As labels write the classes, which are read in lower case.
CLASSES = ("Car", "Van", "Truck", "Pedestrian", "Person_sitting", "Cyclist", "Tram", "Misc")
WRITTEN = {name.lower(): name for name in CLASSES}


@dataclass(frozen=True)
class Layouts:
    """Labels of frames that have an object, and how probable each frame is in a draw."""

    frames: tuple[Objects, ...]
    weights: tuple[float, ...]

    def drawn(self, generator: np.random.Generator) -> Layout:
        """The layout of a frame, at random mirrored from left to right; heights are not set yet."""
        frame = self.frames[generator.choice(len(self.frames), p=self.weights)]
        boxes = lidar_boxes(frame, CALIBRATION)
        if generator.random() < 0.5:
            boxes = boxes * (1, -1, 1, 1, 1, 1, -1)
        return Layout(tuple(WRITTEN.get(kind, "Misc") for kind in frame.kinds), boxes)


def read_layouts(archive: Path, frames: list[str]) -> Layouts:
    """The labels of these frames (000123) in a zip of label files; one with a cyclist is drawn three times as often.

    Raises DataMissing and DataCorrupt.
    """
    if not archive.is_file():
        raise DataMissing(f"{archive}: no such file; put all label files into this zip, or take `synthetic:lidar`")
    try:
        with zipfile.ZipFile(archive) as content:
            names = {Path(name).stem: name for name in content.namelist()}
            if absent := sorted(set(frames) - names.keys()):
                raise DataMissing(f"{archive}: no label file {absent[0]}.txt in it ({len(absent)} are missing)")
            read = [parsed(content.read(names[frame]).decode(), 15, archive / names[frame]).real for frame in frames]
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise DataCorrupt(f"{archive}: no sound zip of label files ({error}); put the whole one in its place") from None
    filled = [labels for labels in read if len(labels)]
    weights = np.array([CYCLIST_WEIGHT if "cyclist" in labels.kinds else 1 for labels in filled], np.float64)
    return Layouts(tuple(filled), tuple(weights / weights.sum()))
