"""Simulated lidar sweeps of street scenes in KITTI's form: `synthetic:lidar` and `synthetic:lidar+layouts`.

Rays of one spinning sensor are cast at simple solids on a ground that is not quite flat. Same generator, same scene.
"""
