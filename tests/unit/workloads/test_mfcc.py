"""Cepstral coefficients against the front end written out: frames, transforms and triangles one by one."""

import numpy as np
import pytest
import torch

from workloads.shared.mfcc import COEFFICIENTS, FRAMES, TRIANGLES, centred, features


def mel(hertz):
    return 2595 * np.log10(1 + hertz / 700)


def slow_triangles(size, rate):
    """(frequencies, TRIANGLES): corners evenly spaced in mel (HTK), height 1, as librosa's with norm=None."""
    corners = [700 * (10 ** (at / 2595) - 1) for at in np.linspace(mel(20.0), mel(4000.0), TRIANGLES + 2)]
    weights = np.zeros((size // 2 + 1, TRIANGLES))
    for number, frequency in enumerate(np.arange(size // 2 + 1) * rate / size):
        for one, (low, middle, high) in enumerate(zip(corners, corners[1:], corners[2:], strict=False)):
            if low < frequency <= middle:
                weights[number, one] = (frequency - low) / (middle - low)
            elif middle < frequency < high:
                weights[number, one] = (high - frequency) / (high - middle)
    return weights


def slow_features(clip, rate):
    """(FRAMES, COEFFICIENTS) of one clip of a second, in double precision."""
    size, step = (641, 320) if rate == 16_000 else (321, 160)
    half, times = size // 2, np.arange(size)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * times / size)
    wave = np.pad(clip / 2**15, half, mode="reflect")
    turns = np.exp(-2j * np.pi * np.outer(np.arange(half + 1), times) / size)
    triangles = slow_triangles(size, rate)
    rows = []
    for frame in range(FRAMES):
        power = np.abs(turns @ (window * wave[frame * step : frame * step + size])) ** 2
        loud = np.log(triangles.T @ power + 1e-6)
        place = np.arange(TRIANGLES) + 0.5
        waves = [np.cos(np.pi * number * place / TRIANGLES) for number in range(COEFFICIENTS)]
        norms = [np.sqrt((1 if number == 0 else 2) / TRIANGLES) for number in range(COEFFICIENTS)]
        rows.append([norm * (wave @ loud) for norm, wave in zip(norms, waves, strict=True)])
    return np.array(rows)


def clip_of(rate):
    """A second of two tones that rise and fall, and noise, in 16 bits."""
    times = np.arange(rate) / rate
    tones = 9000 * np.sin(2 * np.pi * 440 * times) * times + 4000 * np.sin(2 * np.pi * 2500 * times) * (1 - times)
    noise = np.random.default_rng(0).normal(0, 300, rate)
    return (tones + noise).astype(np.int16)


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_coefficients_are_those_of_the_front_end_written_out(rate):
    clip = clip_of(rate)
    found, expected = features([clip], rate), slow_features(clip, rate)
    assert found.shape == (1, FRAMES, COEFFICIENTS) == (1, 50, 40)
    assert np.abs(expected).max() > 30
    assert np.abs(found[0].numpy() - expected).max() < 2e-3


def test_triangles_without_a_frequency_are_silent():
    """The grid of 25 Hz is wider than the lowest triangles, at either rate: nothing but the floor of the logarithm."""
    assert [int((slow_triangles(size, rate).sum(0) == 0).sum()) for size, rate in ((321, 8_000), (641, 16_000))] == [
        6,
        6,
    ]


def test_a_clip_lies_in_the_middle_of_its_second_and_a_long_one_loses_both_ends():
    short, long = np.full(4, 2**14, np.int16), np.arange(12, dtype=np.int16)
    assert centred(short, 10).tolist() == [0] * 3 + [0.5] * 4 + [0] * 3
    assert (centred(long, 10) * 2**15).tolist() == list(range(1, 11))
    assert torch.isfinite(features([short], 8_000)).all()


def test_librosa_gives_the_same():
    librosa = pytest.importorskip("librosa")
    clip = clip_of(16_000)
    power = librosa.feature.melspectrogram(
        y=clip / 2**15, sr=16_000, n_fft=641, hop_length=320, center=True, pad_mode="reflect",
        n_mels=TRIANGLES, fmin=20, fmax=4000, htk=True, norm=None,
    )  # fmt: skip
    import scipy.fft

    expected = scipy.fft.dct(np.log(power + 1e-6), axis=0, norm="ortho")[:COEFFICIENTS, :FRAMES].T
    assert np.abs(features([clip], 16_000)[0].numpy() - expected).max() < 2e-3
