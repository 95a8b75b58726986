"""The KITTI 3D object set (A. Geiger et al., CVPR 2012): its files, its coordinates, its official evaluation.

Two coordinate systems: lidar (x ahead, y left, z up) and the rectified camera (x right, y down, z ahead), both in
metres, angles in radians, pictures in pixels.
"""
