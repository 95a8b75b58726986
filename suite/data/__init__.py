"""Where data come from: sources one by one, downloads, published tables. Workloads take `load` from here."""

from suite.data.datasets import load as load
