"""Units on Ray's workers; the only package that imports ray."""

from suite.run.executors.ray.executor import RayExecutor
from suite.run.executors.ray.session import RayUnfit

__all__ = ["RayExecutor", "RayUnfit"]
