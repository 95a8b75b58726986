"""Two folders of label files and detection files -> the frames of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from suite.contract import DataMissing, SuiteError
from suite.data.kitti.folder import read_split
from suite.data.kitti.labels import Objects, read_detections, read_labels


def read_frames(labels: Path, detections: Path, split: Path | None = None) -> tuple[list[Objects], list[Objects]]:
    """Labels and detections of the same frames, files NNNNNN.txt of two folders, in order.

    split: a list of frames (as ImageSets/val.txt); None: all, and then the folders hold the same ones. A frame without
    detections has an empty file, so that none is left out by mistake. Raises SuiteError where a frame has no file in
    one of the folders, and as `read_labels`.
    """
    known, found = _names(labels), _names(detections)
    wanted = known if split is None else read_split(split)
    if split is None and (strangers := sorted(set(found) - set(known))):
        raise SuiteError(f"{_first(detections, strangers)}: no labels for it in {labels}; remove it, or add its labels")
    if unlabelled := [name for name in wanted if name not in set(known)]:
        raise SuiteError(f"{_first(labels, unlabelled)}: no such file, and {split} names it")
    if silent := [name for name in wanted if name not in set(found)]:
        raise SuiteError(
            f"{_first(detections, silent)}: no such file for a labelled frame; write an empty one where nothing was "
            "found, or name the frames of your split with --frames"
        )
    return (
        [read_labels(labels / f"{name}.txt") for name in wanted],
        [read_detections(detections / f"{name}.txt") for name in wanted],
    )


def _names(folder: Path) -> list[str]:
    if not folder.is_dir():
        raise DataMissing(f"{folder}: no such folder; give one with a file NNNNNN.txt per frame")
    if found := sorted(path.stem for path in folder.glob("*.txt")):
        return found
    raise DataMissing(f"{folder}: no file NNNNNN.txt in it; give the folder of the files itself")


def _first(folder: Path, names: Sequence[str]) -> str:
    others = f" (and {len(names) - 1} others)" if len(names) > 1 else ""
    return f"{folder / names[0]}.txt{others}"
