"""Every number of the simulator that was chosen: frozen before a detector was ever scored on a real sweep.

They follow published facts of the sensor and statistics of KITTI's 7,481 label files and of its labelled sweeps; none
was fitted to what a detector scores. Lengths in metres, angles in degrees, reflectances from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

# ---------------------------------------------------------------------------------------------------- the sensor

# Velodyne HDL-64E; its origin is that of all coordinates. Below -17 degrees nothing falls on the picture.
UPPER_ELEVATIONS = (2.0, -8.33, 32)
LOWER_ELEVATIONS = (-8.83, -24.33, 32)
LOWEST = -17.0
AZIMUTH_STEP, AZIMUTH_LIMIT = 0.173, 40.9
FARTHEST = 80.0
RANGE_NOISE = 0.018
# A pulse is lost with the first probability, and from FAR_LOSS[1] on with the second one more, rising from FAR_LOSS[0]:
# many on smooth surfaces, which throw them aside, few on others.
LOSS = 0.02
FAR_LOSS = (20.0, 40.0)
SMOOTH_LOSS, OTHER_LOSS = 0.45, 0.06
GRAZING_LOSS, DARK_LOSS = 0.3, 0.2
DARK = 0.1
DIMMEST = 0.75  # share of a surface's reflectance that comes back at worst
REFLECTANCE_NOISE = 0.04
NO_REFLECTANCE = 0.06

# ---------------------------------------------------------------------------------------------------- the ground

GROUND = -1.73
TILT = 0.01
CURVATURE = 1e-4  # per metre, of the height along x
KERB = 0.10
HALF_ROAD = (4.0, 8.5)
GRASS = 0.03
ROAD_REFLECTANCE, VERGE_REFLECTANCE, MARK_REFLECTANCE = (0.14, 0.38), (0.24, 0.44), 0.55
MARK_WIDTH, MARK_SPACING = 0.15, 3.5

# --------------------------------------------------------------------------------------------------- the objects


@dataclass(frozen=True)
class Kind:
    """How often a class is placed in a scene (mean), its size h w l with spreads, gamma shape and scale of its distance
    ahead, share that heads along the road, and the lanes in which it is (distance from the road's middle, spread)."""

    count: float
    size: tuple[float, float, float]
    spread: tuple[float, float, float]
    distance: tuple[float, float]
    along: float
    lanes: tuple[float, ...]
    astray: float


# Pedestrians and cyclists: about four and eight times KITTI's share, so that few scenes teach them.
KINDS = {
    "Car": Kind(4.4, (1.53, 1.63, 3.88), (0.14, 0.10, 0.43), (3.0, 9.3), 0.68, (0.0, 3.4, 3.4, 5.8, 5.8), 0.6),
    "Van": Kind(0.4, (2.21, 1.90, 5.08), (0.33, 0.17, 0.83), (3.0, 9.3), 0.72, (3.4, 5.8), 0.6),
    "Pedestrian": Kind(2.4, (1.76, 0.66, 0.84), (0.11, 0.14, 0.24), (2.6, 6.6), 0.26, (3.0, 7.0, 7.0), 2.0),
    "Cyclist": Kind(1.9, (1.74, 0.60, 1.76), (0.10, 0.12, 0.18), (2.6, 9.0), 0.60, (3.0, 5.0, 7.0), 1.5),
}
NEAREST = 4.0
HEADING = 3.0  # spread of the heading of what goes along the road
APART = 0.3  # least space around an object
TRIES = 20
PAINT = (0.08, 0.55)
CLOTHES = (0.12, 0.50)
TYRE, GLASS, RIM = 0.05, 0.06, 0.20
PAINT_LOSS, GLASS_LOSS = 0.08, 0.30  # these are the smooth ones
SPOKES = 0.45  # share of rays that wheels and frames of bicycles stop

# ------------------------------------------------------------------------------------------------- the background

WALL_DISTANCE = (7.0, 22.0)
WALL_LENGTH, WALL_GAP = (3.0, 18.0), (0.5, 8.0)
LOW_WALL, HIGH_WALL = (0.8, 2.0), (3.0, 10.0)
HIGH_WALLS, HEDGES = 0.60, 0.22  # shares of the pieces; the others are low walls
WALL_DEPTH = (0.2, 5.0)
WALL_REFLECTANCE, LEAF_REFLECTANCE, THING_REFLECTANCE = (0.15, 0.42), (0.15, 0.45), (0.08, 0.5)
LEAVES = 0.70  # share of rays that leaves stop
LEAF_SPREAD = 0.35
POLES, BUSHES, BOXES = 7.0, 6.0, 4.0  # mean numbers in a scene
CROWNS = 0.5
BESIDE_ROAD = (0.5, 9.0)

# ----------------------------------------------------------------------------------------------------- the labels

VISIBLE, PARTLY, LARGELY = 0.75, 0.40, 0.12  # shares of its rays that reach an object of occlusion 0, 1, 2
FEWEST_POINTS, LEAST_SHARE = 4, 0.05
CYCLIST_WEIGHT = 3  # how much more often a layout with a cyclist is drawn
