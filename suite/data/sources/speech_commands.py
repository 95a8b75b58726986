"""Google Speech Commands (Warden, arXiv:1804.03209): words of a second or less, 16 kHz, WORD/SPEAKER_nohash_K.wav.

The official archive is 2.4 GB and stays a user's download: unpacked below `speech_commands`, or `speech_commands_v0.01`
for the first version, with its two lists, which say what is for the test and for validation; all else is for training.
`speech_commands:v0.02` and `v0.01` are whole sets, known by the number of clips (105,829 and 64,727: noise and lists
not counted); fewer are `speech_commands:part-N`, of which no accuracy can be reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from suite.contract import DataCorrupt
from suite.data.sources import RemoteFile, Source
from suite.data.sources._wav import Samples, read_wav

RATE = 16_000
FOLDERS = ("speech_commands", "speech_commands_v0.01")
LISTS = {"test": "testing_list.txt", "validation": "validation_list.txt"}
WHOLE = {105_829: "v0.02", 64_727: "v0.01"}
LIST = RemoteFile("speech_commands/testing_list.txt", (), "sha256:", 0)

Part = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Clip:
    """One file: its word, its speaker, and the part of the set that it is for."""

    path: Path
    word: str
    speaker: str
    part: Part

    def samples(self) -> Samples:
        """(samples,) int16 at RATE; raises DataCorrupt."""
        return read_wav(self.path.read_bytes(), str(self.path), RATE)


@dataclass(frozen=True)
class Words:
    """clips: every file of a word, in the order of names."""

    clips: tuple[Clip, ...]
    source: str


def parse(root: Path) -> Words:
    """The clips below `root`/speech_commands, of which none is opened; raises DataCorrupt."""
    folder = next(root / name for name in FOLDERS if (root / name / LISTS["test"]).is_file())
    listed = {name: part for part, file in LISTS.items() for name in (folder / file).read_text().split()}
    paths = sorted(path for path in folder.glob("*/*.wav") if not path.parent.name.startswith("_"))
    if not paths:
        raise DataCorrupt(f"{folder}: no WORD/SPEAKER_nohash_K.wav; unpack the archive here")
    clips = tuple(_clip(path, listed) for path in paths)
    return Words(clips, f"speech_commands:{WHOLE.get(len(clips), f'part-{len(clips)}')}")


def _clip(path: Path, listed: Mapping[str, str]) -> Clip:
    speaker, separator, _ = path.stem.partition("_nohash_")
    if not separator:
        raise DataCorrupt(f"{path}: not called SPEAKER_nohash_K.wav; remove it")
    part = listed.get(f"{path.parent.name}/{path.name}", "train")
    return Clip(path, path.parent.name, speaker, part)  # type: ignore[arg-type]


SOURCE = Source(
    name="speech_commands",
    title="Google Speech Commands",
    licence="CC BY 4.0",
    citation="P. Warden: Speech commands: a dataset for limited-vocabulary speech recognition, arXiv:1804.03209, 2018",
    files=(LIST,),
    parse=parse,
    alternatives=tuple(tuple(f"{folder}/{file}" for file in LISTS.values()) for folder in FOLDERS),
)
