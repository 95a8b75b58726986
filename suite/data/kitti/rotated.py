"""Rectangles turned in the plane: what two of them have in common, for many pairs at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rectangle_corners(rectangles: Floats) -> Floats:
    """(n, 5) centre u, v, extents a, b, angle from u to v -> (n, 4, 2) corners in turn."""
    cos, sin = np.cos(rectangles[:, 4]), np.sin(rectangles[:, 4])
    along = rectangles[:, 2:3] * (0.5, 0.5, -0.5, -0.5)
    across = rectangles[:, 3:4] * (-0.5, 0.5, 0.5, -0.5)
    u = along * cos[:, None] - across * sin[:, None]
    v = along * sin[:, None] + across * cos[:, None]
    return np.stack([u, v], 2) + rectangles[:, None, :2]


def intersections(one: Floats, other: Floats) -> Floats:
    """(n, 5), (n, 5): rectangles as in `rectangle_corners`, row against row -> (n,) common areas.

    Seen from the other rectangle, the area between an edge and the u axis, limited to that rectangle, is that of three
    trapezoids: below, within and above it. Summed around the first rectangle, edges ahead minus edges back, this is
    the common area, and parallel, touching or equal edges need no case of their own.
    """
    cos, sin = np.cos(other[:, 4])[:, None], np.sin(other[:, 4])[:, None]
    moved = rectangle_corners(one) - other[:, None, :2]
    u, v = moved[..., 0] * cos + moved[..., 1] * sin, moved[..., 1] * cos - moved[..., 0] * sin
    half_u, half_v = np.abs(other[:, 2:3]) / 2, np.abs(other[:, 3:4]) / 2
    du, dv = np.roll(u, -1, 1) - u, np.roll(v, -1, 1) - v
    start, end = (_crossing(u, du, limit) for limit in (-half_u, half_u))
    start, end = np.minimum(start, end), np.maximum(start, end)
    low, high = (np.clip(_crossing(v, dv, limit), start, end) for limit in (-half_v, half_v))
    stops = np.stack([start, np.minimum(low, high), np.maximum(low, high), end])
    heights = np.clip(v + stops * dv, -half_v, half_v)
    widths = np.clip(u + stops * du, -half_u, half_u)
    trapezoids = np.diff(widths, axis=0) * (heights[1:] + heights[:-1]) / 2
    return np.abs(trapezoids.sum((0, 2)))


def _crossing(start: Floats, step: Floats, limit: Floats) -> Floats:
    """At which share of an edge, 0 to 1, a coordinate passes a limit; any share will do where it never does."""
    return np.clip(np.divide(limit - start, step, out=np.zeros_like(start), where=step != 0), 0, 1)


def ious(one: Floats, other: Floats) -> Floats:
    """(n, 5), (n, 5): rectangles row against row -> (n,) intersection over union."""
    common = intersections(one, other)
    return common / (np.abs(one[:, 2] * one[:, 3]) + np.abs(other[:, 2] * other[:, 3]) - common)


def near(one: Floats, other: Floats) -> NDArray[np.bool_]:
    """(..., 5), (..., 5): whether the circles around two rectangles meet; where not, nothing is in common."""
    radii = (np.hypot(one[..., 2], one[..., 3]) + np.hypot(other[..., 2], other[..., 3])) / 2
    apart = one[..., :2] - other[..., :2]
    found: NDArray[np.bool_] = (apart**2).sum(-1) < radii**2
    return found
