"""Receipts and events."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from suite.results import provenance
from suite.results.files import ResultsNotWritable
from tests import cubes

HASHES = {"plan": "1f", "cube": "2e"}


def test_a_receipt_says_what_made_it(tmp_path: Path) -> None:
    made = provenance.receipt(hashes=HASHES, wall_s={"sweep": 1.5}, threads=1, units={"done": np.int64(4)})
    path = tmp_path / "receipts" / "sweep.json"
    provenance.write_receipt(path, made)
    read = json.loads(path.read_text())
    assert read["hashes"] == HASHES
    assert read["wall_s"] == {"sweep": 1.5}
    assert read["units"] == {"done": 4}
    assert read["threads"] == 1
    assert read["versions"]["numpy"] == np.__version__
    assert read["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert 1 <= read["hardware"]["cores_allowed"] <= read["hardware"]["cores"]
    assert set(read) == {"hashes", "wall_s", "units", "threads", "versions", "commit", "hardware"}


def test_packages_that_are_missing_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "PACKAGES", ("numpy", "no-such-package"))
    assert set(provenance.versions()) == {"python", "numpy"}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like a checkout of ours."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    (tmp_path / "suite").mkdir()
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "suite" / "provenance.py"))
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def test_the_commit_and_whether_it_is_all(checkout: Path) -> None:
    git(checkout, "init")
    assert provenance.commit() is None
    (checkout / "a").write_text("1")
    git(checkout, "add", ".")
    git(checkout, "commit", "-m", "one")
    first = provenance.commit()
    assert first is not None
    assert (len(first["id"]), first["dirty"]) == (40, False)
    (checkout / "a").write_text("2")
    assert provenance.commit() == {"id": first["id"], "dirty": True}


def test_the_commit_of_another_project_is_not_ours(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(checkout, "init")
    git(checkout, "commit", "--allow-empty", "-m", "one")
    monkeypatch.setattr(provenance, "__file__", str(checkout / "lib" / "suite" / "provenance.py"))
    (checkout / "lib").mkdir()
    assert provenance.commit() is None


def test_without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert provenance.commit() is None


def test_events_come_back_in_order(tmp_path: Path) -> None:
    log = tmp_path / "quick" / "events.jsonl"
    assert provenance.read_events(log) == []
    for number in range(3):
        provenance.event(log, {"unit": number, "wall_s": np.float64(0.5), "file": Path("a/b"), "text": "a\nb"})
    assert [event["unit"] for event in provenance.read_events(log)] == [0, 1, 2]
    assert provenance.read_events(log)[0] == {"unit": 0, "wall_s": 0.5, "file": "a/b", "text": "a\nb"}


@pytest.mark.parametrize("torn", [b'{"unit": 2', b"{", b'{"unit": 2, "long": "' + b"x" * 10_000])
def test_a_torn_last_line_is_no_event_and_harms_no_later_one(tmp_path: Path, torn: bytes) -> None:
    log = tmp_path / "events.jsonl"
    provenance.event(log, {"unit": 0})
    provenance.event(log, {"unit": 1})
    log.write_bytes(log.read_bytes() + torn)
    assert [event["unit"] for event in provenance.read_events(log)] == [0, 1]
    provenance.event(log, {"unit": 3})
    assert [event["unit"] for event in provenance.read_events(log)] == [0, 1, 3]


def test_a_log_that_is_one_torn_line(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    log.write_bytes(b'{"un')
    assert provenance.read_events(log) == []
    provenance.event(log, {"unit": 0})
    assert provenance.read_events(log) == [{"unit": 0}]


def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    log.write_bytes(b'{"unit": 0}\nnonsense\n{"unit": 1}\n')
    with pytest.raises(provenance.CorruptEvents, match=r"events\.jsonl, line 2.*delete that line"):
        provenance.read_events(log)


def test_what_is_not_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="object is not JSON"):
        provenance.event(tmp_path / "events.jsonl", {"unit": object()})


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "receipt.json"
    provenance.write_receipt(path, {"a": 1})
    cubes.refuse_writes(monkeypatch, errno.EROFS)
    with pytest.raises(ResultsNotWritable, match=r"receipt\.json.*refused"):
        provenance.write_receipt(path, {"a": 2})
    with pytest.raises(ResultsNotWritable, match=r"events\.jsonl.*refused"):
        provenance.event(tmp_path / "events.jsonl", {})
    assert json.loads(path.read_text()) == {"a": 1}
