"""Objects, label files and calibrations in KITTI's format, for tests; and where the real ones are."""

import os
from pathlib import Path

import numpy as np
import pytest

from suite.data.kitti.calibration import Calibration
from suite.data.kitti.labels import Objects

# Of frame 000001: the calibration that most frames share.
CALIBRATION = Calibration(
    P2=np.array(
        [
            [721.5377, 0, 609.5593, 44.85728],
            [0, 721.5377, 172.854, 0.2163791],
            [0, 0, 1, 0.002745884],
        ]
    ),
    R0_rect=np.array(
        [
            [0.9999239, 0.00983776, -0.007445048],
            [-0.009869795, 0.9999421, -0.004278459],
            [0.007402527, 0.004351614, 0.9999631],
        ]
    ),
    Tr_velo_to_cam=np.array(
        [
            [0.007533745, -0.9999714, -0.000616602, -0.004069766],
            [0.01480249, 0.0007280733, -0.9998902, -0.07631618],
            [0.9998621, 0.00752379, 0.01480755, -0.2717806],
        ]
    ),
)
SIZE = (1242, 375)


def thing(
    kind="Car",
    score=np.nan,
    picture=(100, 100, 200, 200),
    *,
    truncation=0,
    occlusion=0,
    alpha=0.0,
    size=(1.5, 1.6, 4),
    location=(0, 1.6, 20),
    rotation_y=0.0,
):
    """One object: (class, 15 numbers)."""
    return kind, [truncation, occlusion, alpha, *picture, *size, *location, rotation_y, score]


def frame(*things):
    """Objects of one frame."""
    return Objects.of([kind for kind, _ in things], np.array([numbers for _, numbers in things]))


def text_of(objects):
    """The rows of a file, with two decimals as the official ones have; a score has four."""
    rows = []
    for i in range(len(objects)):
        numbers = (*objects.picture[i], *objects.size[i], *objects.location[i], objects.rotation_y[i])
        score = f" {objects.score[i]:.4f}" if np.isfinite(objects.score[i]) else ""
        head = f"{objects.truncation[i]:.2f} {objects.occlusion[i]:.0f} {objects.alpha[i]:.2f}"
        rows.append(f"{objects.kinds[i].title()} {head} {' '.join(f'{number:.2f}' for number in numbers)}{score}\n")
    return "".join(rows)


def calibration_text(calibration=CALIBRATION):
    """As in calib/NNNNNN.txt."""
    entries = {"P2": calibration.P2, "R0_rect": calibration.R0_rect, "Tr_velo_to_cam": calibration.Tr_velo_to_cam}
    return "".join(f"{name}: {' '.join(f'{x:.12e}' for x in matrix.ravel())}\n" for name, matrix in entries.items())


def real_data(name):
    """$SUITE_DATA/NAME, or the test is skipped."""
    root = Path(os.environ.get("SUITE_DATA", "")) / name
    if not os.environ.get("SUITE_DATA") or not root.is_dir():
        pytest.skip(f"SUITE_DATA names no data root with {name}")
    return root
