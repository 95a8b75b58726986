"""Shifting and flipping: every result is a window of the padded image, as drawn, and nothing else moves."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from suite.data.sources.cifar10 import SHIFT, shifted_and_flipped


def windows(image):
    """Every window that an image may become, as bytes: {(top, left, flipped): content}."""
    _, height, width = image.shape
    padded = functional.pad(image, (SHIFT,) * 4)
    found = {}
    for top in range(2 * SHIFT + 1):
        for left in range(2 * SHIFT + 1):
            window = padded[:, top : top + height, left : left + width]
            found[window.contiguous().numpy().tobytes()] = (top, left, False)
            found[window.flip(2).contiguous().numpy().tobytes()] = (top, left, True)
    return found


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 6), height=st.integers(2, 9), width=st.integers(2, 9))
def test_every_image_becomes_one_of_its_own_windows_and_equal_streams_give_equal_bytes(seed, count, height, width):
    images = torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(seed)) + 1
    found = shifted_and_flipped(images, torch.Generator().manual_seed(seed))
    assert found.shape == images.shape
    assert all(after.numpy().tobytes() in windows(before) for before, after in zip(images, found, strict=True))
    assert found.equal(shifted_and_flipped(images, torch.Generator().manual_seed(seed)))


def test_shifts_and_flips_are_uniform():
    image = torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(1)) + 1
    found = shifted_and_flipped(image.expand(8_100, -1, -1, -1), torch.Generator().manual_seed(2))
    places = windows(image)
    drawn = torch.tensor([places[after.numpy().tobytes()] for after in found])
    for column, levels in ((0, 9), (1, 9), (2, 2)):
        counts = torch.bincount(drawn[:, column], minlength=levels)
        expected = 8_100 / levels
        assert ((counts - expected).abs() < 5 * expected**0.5).all()
