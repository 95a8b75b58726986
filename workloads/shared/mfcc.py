"""Mel-frequency cepstral coefficients as the NeuRRAM authors' front end takes them, by torch.stft and two matrices.

Clips of one second, centred and padded with zeros; at 16 kHz windows of 641 samples (Hann) every 320, the power of
their spectra, 160 triangles from 20 to 4,000 Hz evenly spaced in mel (2595 log10(1 + f / 700)) and of height 1, the
natural logarithm of each plus 1e-6, and the first 40 of an orthonormal cosine transform: 50 frames. At 8 kHz 321 and
160 samples give the same frames and frequencies; some triangles then hold none, which is log 1e-6 and does no harm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

FRAMES, COEFFICIENTS, TRIANGLES = 50, 40, 160
LOWEST_HZ, HIGHEST_HZ = 20.0, 4000.0
# Windows and steps per second.
WINDOW_S, STEP_S = 0.04, 0.02


def features(clips: Sequence[np.ndarray], rate: int) -> Tensor:
    """(clips, FRAMES, COEFFICIENTS) of 16-bit clips at `rate`; longer ones lose both ends alike."""
    waves = torch.stack([torch.from_numpy(centred(clip, rate)) for clip in clips])
    size, step = round(WINDOW_S * rate) + 1, round(STEP_S * rate)
    window = torch.hann_window(size, periodic=True)
    # The reflected centre of the last window lies on the clip's end: one frame too many.
    spectra = torch.stft(waves, size, step, window=window, center=True, pad_mode="reflect", return_complex=True)
    power = spectra.abs().square()[:, :, :FRAMES].mT
    loudness = torch.log(power @ triangles(size, rate) + 1e-6)
    return loudness @ cosines()


def centred(clip: np.ndarray, rate: int) -> np.ndarray:
    """(rate,) float32 from -1 to 1: the clip in the middle of a second of silence."""
    excess = max(0, len(clip) - rate)
    kept = clip[excess // 2 : excess // 2 + rate].astype(np.float32) / 2**15
    before = (rate - len(kept)) // 2
    return np.pad(kept, (before, rate - len(kept) - before))


def triangles(size: int, rate: int) -> Tensor:
    """(frequencies, TRIANGLES) weights of the bins of a transform of `size` samples."""
    lowest, highest = (2595 * math.log10(1 + hertz / 700) for hertz in (LOWEST_HZ, HIGHEST_HZ))
    mels = torch.linspace(lowest, highest, TRIANGLES + 2, dtype=torch.float64)
    corners = 700 * (10 ** (mels / 2595) - 1)
    bins = torch.arange(size // 2 + 1, dtype=torch.float64)[:, None] * rate / size
    rising = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    return torch.minimum(rising, falling).clamp(min=0).float()


def cosines() -> Tensor:
    """(TRIANGLES, COEFFICIENTS): the first ones of the orthonormal DCT-II."""
    at = torch.arange(TRIANGLES, dtype=torch.float64)[:, None] + 0.5
    waves = torch.cos(math.pi / TRIANGLES * at * torch.arange(COEFFICIENTS, dtype=torch.float64))
    waves *= math.sqrt(2 / TRIANGLES)
    waves[:, 0] *= math.sqrt(0.5)
    return waves.float()
