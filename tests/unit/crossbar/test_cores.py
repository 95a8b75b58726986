"""A network that takes more crossbars than a chip has is refused."""

import pytest
import torch

from suite.crossbar.circuit.cores import check_cores
from suite.crossbar.settings import Crossbar, CrossbarError

ARRAYS = {"first": torch.ones(16, 16, 3, 3), "second": torch.ones(64, 576)}


def chip(cores):
    return Crossbar(g_max_uS=40.0, tile_rows=100, tile_columns=128, cores=cores)


def test_tiles_lie_side_by_side_until_a_core_is_full():
    # Two tiles of 32 lines beside each other, six of 128 by themselves.
    check_cores(ARRAYS, chip(7))
    with pytest.raises(
        CrossbarError, match="cores: array 'second' does not fit on what the arrays before it leave of 6"
    ):
        check_cores(ARRAYS, chip(6))
    check_cores(ARRAYS, Crossbar(g_max_uS=40.0))
