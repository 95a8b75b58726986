"""Small results by hash: whole or not there."""

import errno

import pytest

from suite.results.files import ResultsNotWritable
from suite.results.records import load_record, save_record
from tests.cubes import files, refuse_writes


def test_a_record_comes_back(tmp_path):
    save_record(tmp_path / "store", "ab", {"value": 0.1, "params": {"rate_1": 1 / 3}})
    assert load_record(tmp_path / "store", "ab") == {"value": 0.1, "params": {"rate_1": 1 / 3}}
    assert load_record(tmp_path / "store", "cd") is None


def test_equal_content_gives_equal_bytes(tmp_path):
    save_record(tmp_path / "one", "ab", {"a": 1, "b": 2})
    save_record(tmp_path / "two", "ab", {"b": 2, "a": 1})
    assert files(tmp_path / "one") == files(tmp_path / "two") != {}


@pytest.mark.parametrize("content", ["", '{"value": 0.', "\xff", "[1]"])
def test_a_torn_record_is_none(tmp_path, content):
    (tmp_path / "ab.json").write_text(content)
    assert load_record(tmp_path, "ab") is None


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC])
def test_a_folder_that_refuses_is_named_and_the_old_record_stays(tmp_path, monkeypatch, code):
    save_record(tmp_path, "ab", {"value": 1})
    with monkeypatch.context() as patch:
        refuse_writes(patch, code)
        with pytest.raises(ResultsNotWritable, match=rf"{tmp_path}/ab.json: cannot write results"):
            save_record(tmp_path, "ab", {"value": 2})
    assert load_record(tmp_path, "ab") == {"value": 1}
    assert list(files(tmp_path)) == ["ab.json"]
