"""Where data come from: sources one by one, downloads, published tables. Workloads take `load` from here, and `kept`
for what takes long to compute from them."""

from suite.data.datasets import load as load
from suite.data.kept import kept as kept
