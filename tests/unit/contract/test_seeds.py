"""Keyed streams: equal names, equal numbers; the torch and numpy generators of one key are fixed for ever."""

import numpy as np
import torch

from suite.contract.seeds import TUNING_SEED, numpy_generator, stream, torch_generator
from suite.studies.study import Study


def test_equal_keys_give_equal_numbers_and_others_do_not():
    def draw(*key):
        return torch.rand(4, generator=torch_generator(*key)).tolist()

    assert draw(1, "device-noise", "toy", 0) == draw(1, "device-noise", "toy", 0)
    keys = [(1, "device-noise", "toy", 0), (2, "device-noise", "toy", 0), (1, "other", "toy", 0), (1, "a", "toy", 1)]
    assert len({tuple(draw(*key)) for key in keys}) == len(keys)


def test_no_global_stream_is_touched():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    torch.rand(3, generator=torch_generator(0, "a"))
    numpy_generator(0, "a").random(3)
    assert torch.get_rng_state().equal(before)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


def test_streams_are_the_same_in_every_release():
    """A change here would silently change every published number."""
    assert stream(7, "initial-weights", "mnist_mlp", 0).generate_state(2).tolist() == [3175992238, 4188976817]
    assert numpy_generator(7, "batch-order", "mnist_mlp", 0).permutation(6).tolist() == [5, 0, 2, 1, 4, 3]


def test_names_are_not_run_together():
    first, second = stream(0, "p", "ab", "c"), stream(0, "p", "a", "bc")
    assert first.generate_state(2).tolist() != second.generate_state(2).tolist()


def test_the_tuning_seed_is_none_that_a_study_may_report():
    highest = Study(name="s", scale="ci", workloads=("toy",), methods=["erm"], seeds=(TUNING_SEED - 1,))
    assert TUNING_SEED not in highest.seeds
