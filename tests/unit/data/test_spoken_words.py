"""Readers of spoken words: FSDD and Google's speech commands, strict about what a clip is."""

import os
from pathlib import Path

import numpy as np
import pytest
from wav_files import pack_digits, wav, write_digits

from suite.contract import DataCorrupt, DataMissing
from suite.data import load
from suite.data.datasets import get, statuses
from suite.data.sources.fsdd import NAMES, SPEAKERS

ROOT = Path(os.environ.get("SUITE_DATA", "no data")).expanduser()


def test_recordings_carry_digit_speaker_and_take(tmp_path):
    write_digits(tmp_path, **{"7_theo_12": wav(31, seed=5)})
    found = load("fsdd", tmp_path)
    place = NAMES.index("7_theo_12.wav")
    assert len(found.clips[place]) == 31
    assert (found.digit[place], SPEAKERS[found.speaker[place]], found.take[place]) == (7, "theo", 12)
    assert np.bincount(found.digit).tolist() == [300] * 10
    assert found.source.startswith("fsdd:custom-")


def test_an_archive_and_its_folder_are_one_set(tmp_path):
    write_digits(tmp_path / "folder")
    pack_digits(tmp_path / "packed")
    folder, packed = (load("fsdd", tmp_path / name) for name in ("folder", "packed"))
    assert folder.source == packed.source
    assert all(one.tolist() == other.tolist() for one, other in zip(folder.clips, packed.clips, strict=True))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (wav(rate=16_000), "0_george_0.wav: 1 channel.* of 16 bits at 16000 Hz where 1 of 16 bits at 8000 Hz"),
        (wav(channels=2), "0_george_0.wav: 2 channel.* of 16 bits"),
        (wav(width=4), "0_george_0.wav: 1 channel.* of 32 bits"),
        (wav(samples=0), "0_george_0.wav: an empty clip"),
        (b"RIFF", "0_george_0.wav: not a sound wav file"),
        (wav()[:30], "0_george_0.wav: not a sound wav file"),
    ],
)
def test_a_clip_that_is_none_is_refused(tmp_path, content, message):
    write_digits(tmp_path, **{"0_george_0": content})
    with pytest.raises(DataCorrupt, match=message):
        load("fsdd", tmp_path)


def test_recordings_that_are_missing_are_counted(tmp_path):
    write_digits(tmp_path, **{"3_lucas_4": None})
    with pytest.raises(DataMissing, match=r"fsdd/v1.0.9.tar.gz is not in the data root"):
        load("fsdd", tmp_path)
    pack_digits(tmp_path / "packed")
    (tmp_path / "packed" / "fsdd" / "v1.0.9.tar.gz").write_bytes(b"no archive")
    with pytest.raises(DataCorrupt, match="not a sound archive"):
        load("fsdd", tmp_path / "packed")


def commands(root, **changes):
    """A few clips in the official layout."""
    clips = {
        "yes/a1_nohash_0": wav(rate=16_000),
        "yes/b2_nohash_0": wav(rate=16_000),
        "no/a1_nohash_1": wav(rate=16_000),
    }
    for name, content in {**clips, **changes}.items():
        path = root / "speech_commands" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (root / "speech_commands" / "testing_list.txt").write_text("yes/b2_nohash_0.wav\nyes/elsewhere_nohash_0.wav\n")
    (root / "speech_commands" / "validation_list.txt").write_text("no/a1_nohash_1.wav\n")


def test_commands_have_their_word_speaker_and_part(tmp_path):
    commands(tmp_path)
    found = load("speech_commands", tmp_path)
    assert found.source == "speech_commands:part-3"
    assert [(clip.word, clip.speaker, clip.part) for clip in found.clips] == [
        ("no", "a1", "validation"),
        ("yes", "a1", "train"),
        ("yes", "b2", "test"),
    ]
    assert len(found.clips[0].samples()) == 20


def test_commands_of_another_rate_and_other_names_are_refused(tmp_path):
    commands(tmp_path, **{"no/c3_nohash_0": wav(rate=8_000)})
    with pytest.raises(DataCorrupt, match="at 8000 Hz where 1 of 16 bits at 16000 Hz"):
        [clip.samples() for clip in load("speech_commands", tmp_path).clips]
    (tmp_path / "speech_commands" / "no" / "strange.wav").write_bytes(wav())
    with pytest.raises(DataCorrupt, match=r"strange.wav: not called SPEAKER_nohash_K.wav"):
        load("speech_commands", tmp_path)


def test_commands_are_a_download_of_the_users_own(tmp_path):
    assert {one.name: one.state for one in statuses(tmp_path)}["speech_commands"] == "missing"
    with pytest.raises(DataMissing, match=r"no address has it; suite/data/sources/speech_commands.py says"):
        get("speech_commands", tmp_path)


@pytest.mark.skipif(not (ROOT / "fsdd").is_dir(), reason="SUITE_DATA has no fsdd")
def test_the_recordings_of_the_known_commit():
    found = load("fsdd", ROOT)
    assert found.source == "fsdd:26eb9aa"
    lengths = sorted(len(clip) / 8_000 for clip in found.clips)
    assert lengths[0] == pytest.approx(0.14, abs=0.01)
    assert lengths[-1] == pytest.approx(2.28, abs=0.01)


@pytest.mark.skipif(not (ROOT / "speech_commands_v0.01").is_dir(), reason="SUITE_DATA has no speech_commands_v0.01")
def test_the_300_clips_of_the_official_layout():
    found = load("speech_commands", ROOT)
    assert found.source == "speech_commands:part-300"
    parts = [clip.part for clip in found.clips]
    assert [parts.count(part) for part in ("train", "validation", "test")] == [205, 44, 51]
    lengths = [len(clip.samples()) for clip in found.clips]
    assert min(lengths) == 12_288
    assert sum(length < 16_000 for length in lengths) == 21
