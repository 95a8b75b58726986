"""FSDD, the Free Spoken Digit Dataset: 3,000 recordings of the digits 0 to 9, 8 kHz, by six speakers, 50 of each.

Files are called DIGIT_SPEAKER_INDEX.wav. By its README indices 0 to 4 are for the test, so that speakers are shared by
training and test. `fsdd:26eb9aa` are the recordings of that commit, recognised by their content; `fsdd:custom-HASH` are
others in the same layout, told apart by theirs (release v1.0.9 among them: the two were not compared).
"""

from __future__ import annotations

import hashlib
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from suite.contract import DataCorrupt
from suite.data.sources import RemoteFile, Source
from suite.data.sources._wav import Samples, read_wav

RATE, DIGITS, TAKES = 8_000, 10, 50
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
ARCHIVE = RemoteFile(
    "fsdd/v1.0.9.tar.gz",
    ("https://github.com/Jakobovski/free-spoken-digit-dataset/archive/v1.0.9.tar.gz",),
    "sha256:8bc44cde129d505cbbb6b365c09f80c663f2aa77578afc634e6141a2f87100c0",
    11_975_353,
)
# sha256 of name and samples of all recordings, in the order of names.
KNOWN = {"bc035279f3deb2311cde1d3d69de82ecce3e4d1ca89da56f6c47c1e34284d4c7": "fsdd:26eb9aa"}
NAMES = tuple(
    f"{digit}_{speaker}_{take}.wav" for digit in range(DIGITS) for speaker in SPEAKERS for take in range(TAKES)
)
_NAME = re.compile(r"(?P<digit>\d)_(?P<speaker>[a-z]+)_(?P<take>\d+)\.wav")


@dataclass(frozen=True)
class Recordings:
    """clips: (samples,) int16 at `rate` Hz; digit, speaker (number in `speakers`) and take of each."""

    clips: list[Samples]
    digit: NDArray[np.int64]
    speaker: NDArray[np.int64]
    take: NDArray[np.int64]
    source: str
    rate: int = RATE
    speakers: tuple[str, ...] = SPEAKERS


def parse(root: Path) -> Recordings:
    """The recordings below `root`/fsdd; raises DataCorrupt."""
    found = dict(_unpacked(root / "fsdd"))
    if missing := [name for name in NAMES if name not in found]:
        raise DataCorrupt(f"{root / 'fsdd'}: {missing[0]} and {len(missing) - 1} more are missing; fetch the set again")
    clips = [read_wav(found[name], str(root / "fsdd" / name), RATE) for name in NAMES]
    parts = [_NAME.fullmatch(name) for name in NAMES]
    digit, take = (np.array([int(part[field]) for part in parts if part]) for field in ("digit", "take"))
    speaker = np.array([SPEAKERS.index(part["speaker"]) for part in parts if part])
    return Recordings(clips, digit, speaker, take, _label(clips))


def _unpacked(folder: Path) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every recording, from the folder of recordings or from the archive."""
    if (folder / "recordings").is_dir():
        for path in sorted((folder / "recordings").glob("*.wav")):
            yield path.name, path.read_bytes()
        return
    path = folder / Path(ARCHIVE.path).name
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                inside = PurePosixPath(member.name)
                if (
                    inside.parent.name == "recordings"
                    and inside.suffix == ".wav"
                    and (file := archive.extractfile(member))
                ):
                    yield inside.name, file.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DataCorrupt(f"{path}: not a sound archive ({error}); delete it and run `suite data get fsdd`") from None


def _label(clips: list[Samples]) -> str:
    digest = hashlib.sha256()
    for name, clip in zip(NAMES, clips, strict=True):
        digest.update(name.encode() + clip.tobytes())
    return KNOWN.get(digest.hexdigest(), f"fsdd:custom-{digest.hexdigest()[:8]}")


SOURCE = Source(
    name="fsdd",
    title="Free Spoken Digit Dataset",
    licence="CC BY-SA 4.0",
    citation="Z. Jackson et al.: Free Spoken Digit Dataset, doi:10.5281/zenodo.1342401, 2018",
    files=(ARCHIVE,),
    parse=parse,
    alternatives=(tuple(f"fsdd/recordings/{name}" for name in NAMES),),
)
