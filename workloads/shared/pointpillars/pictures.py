"""What a figure shows of a trained detector: a sweep, its labelled boxes and those that were found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workloads.shared.pointpillars.anchors import within

if TYPE_CHECKING:
    from suite.contract import Observed
    from workloads.shared.pointpillars.samples import Sample

# The test sets of which a sweep is shown, as far as they are there.
SHOWN = ("test", "real")


def pictured(observed: Observed) -> dict[str, np.ndarray]:
    """One sweep of each test set of SHOWN, numbered. set, name: where each comes from; points: (points, 4) sweep,
    x, y, z; truth: (objects, 9) sweep, class, x y z l w h yaw; found: (detections, 10), with the score before the
    box. Detections that are not finite are none."""
    points, truth, found, names = [], [], [], []
    sets = [name for name in SHOWN if name in observed.splits.tests]
    for sweep, name in enumerate(sets):
        samples = observed.splits.tests[name]
        number = telling(samples)
        cloud, boxes, target, size = samples[number]
        outputs, _ = observed.outputs(name)
        rows = outputs[number].double().numpy()
        names.append(target.name)
        points.append(_numbered(sweep, cloud[within(cloud, size), :3]))
        truth.append(_numbered(sweep, boxes[within(boxes[:, 1:], size)]))
        found.append(_numbered(sweep, rows[np.isfinite(rows).all(1)]))
    arrays = {"points": points, "truth": truth, "found": found}
    return {
        "set": np.array(sets),
        "name": np.array(names),
        **{name: np.concatenate(parts).astype(np.float32) for name, parts in arrays.items()},
    }


def telling(samples: Sequence[Sample]) -> int:
    """The first sample that shows the most classes, and of these the most objects."""

    def told(number: int) -> tuple[int, int, int]:
        _, boxes, _, size = samples[number]
        kinds = boxes[within(boxes[:, 1:], size), 0]
        return len(np.unique(kinds)), len(kinds), -number

    return max(range(len(samples)), key=told)


def _numbered(sweep: int, rows: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.column_stack([np.full(len(rows), sweep), rows])
