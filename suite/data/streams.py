"""Keyed streams and digests for data that workloads make themselves."""

from suite.contract.digests import digest as digest
from suite.contract.seeds import numpy_generator as numpy_generator
from suite.contract.seeds import torch_generator as torch_generator
