"""Sound files for tests of the readers of spoken words."""

from __future__ import annotations

import io
import tarfile
import wave

import numpy as np

from suite.data.sources.fsdd import NAMES, RATE


def wav(samples=20, rate=RATE, channels=1, width=2, seed=0):
    """Bytes of a file of noise."""
    values = np.random.default_rng(seed).integers(-100, 100, samples * channels)
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(values.astype(f"<i{width}").tobytes())
    return content.getvalue()


def write_digits(root, **odd):
    """Every recording of FSDD, all of them alike but for those of `odd`: {name: bytes, or None for none}."""
    folder = root / "fsdd" / "recordings"
    folder.mkdir(parents=True)
    usual = wav()
    for name in NAMES:
        content = odd.get(name.removesuffix(".wav"), usual)
        if content is not None:
            (folder / name).write_bytes(content)


def pack_digits(root):
    """The same as an archive, as it is downloaded."""
    (root / "fsdd").mkdir(parents=True)
    usual = wav()
    with tarfile.open(root / "fsdd" / "v1.0.9.tar.gz", "w:gz") as archive:
        for name in NAMES:
            member = tarfile.TarInfo(f"free-spoken-digit-dataset-1.0.9/recordings/{name}")
            member.size = len(usual)
            archive.addfile(member, io.BytesIO(usual))
