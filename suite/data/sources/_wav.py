"""Sound files as the two sets of spoken words have them: one channel of 16-bit samples at a known rate."""

from __future__ import annotations

import io
import wave

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt

Samples = NDArray[np.int16]


def read_wav(content: bytes, name: str, rate: int) -> Samples:
    """(samples,) of a file called `name`. Raises DataCorrupt where it is another kind of sound, or none at all."""
    try:
        with wave.open(io.BytesIO(content)) as sound:
            found = (sound.getnchannels(), 8 * sound.getsampwidth(), sound.getframerate())
            frames = sound.readframes(sound.getnframes())
    except (wave.Error, EOFError) as error:
        raise DataCorrupt(f"{name}: not a sound wav file ({error}); fetch it again") from None
    if found != (1, 16, rate):
        channels, bits, own = found
        raise DataCorrupt(
            f"{name}: {channels} channel(s) of {bits} bits at {own} Hz where 1 of 16 bits at {rate} Hz was expected; "
            "convert it, or fetch it again"
        )
    if not frames:
        raise DataCorrupt(f"{name}: an empty clip; fetch it again, or remove the file")
    return np.frombuffer(frames, "<i2")
