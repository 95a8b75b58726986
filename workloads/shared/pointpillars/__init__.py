"""PointPillars (A. H. Lang et al., CVPR 2019, arXiv:1812.05784): boxes of three classes from one lidar sweep.

Points are gathered in pillars, a linear layer and a maximum make a picture of them seen from above, convolutions look
at it, and every cell of it says which of its anchors are objects. Boxes are x y z l w h yaw in lidar coordinates.
"""
