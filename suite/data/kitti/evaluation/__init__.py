"""The official evaluation of the KITTI object set: 2D, bird's-eye view, 3D and orientation (AOS)."""

from suite.data.kitti.evaluation.evaluation import Evaluation as Evaluation
from suite.data.kitti.evaluation.evaluation import Precision as Precision
