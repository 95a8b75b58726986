"""Finding data: root, package, download, and what is said where there is none."""

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from idx_files import path_of, write_digits

from suite.contract import DataMissing, SuiteError
from suite.data import datasets
from suite.data.sources import RemoteFile, Source

CONTENT = b"seven words that stand for a set"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path):
    """Serves tmp_path/remote; yields its address."""
    folder = tmp_path / "remote"
    folder.mkdir()
    (folder / "words.txt").write_bytes(CONTENT)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


@pytest.fixture
def words(monkeypatch):
    """Makes a source of one file, with these addresses, the only one there is."""

    def make(*addresses, content=CONTENT):
        checksum = f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"
        file = RemoteFile("words/words.txt", addresses, checksum, len(content))
        source = Source("words", "Words", "CC0", "", (file,), lambda root: (root / file.path).read_bytes())
        monkeypatch.setattr(datasets, "find", lambda name: source)

    return make


def test_the_root_is_the_variable_or_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SUITE_DATA", str(tmp_path))
    assert datasets.data_root() == tmp_path
    monkeypatch.delenv("SUITE_DATA")
    assert datasets.data_root().name == "crossbar-suite"


def test_load_without_a_root_reads_the_variable(monkeypatch, tmp_path):
    write_digits(tmp_path)
    monkeypatch.setenv("SUITE_DATA", str(tmp_path))
    assert datasets.load("mnist").source.startswith("mnist:custom-")


def test_a_variable_that_names_no_folder_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("SUITE_DATA", str(tmp_path / "typo"))
    with pytest.raises(DataMissing, match=r"SUITE_DATA names .*typo, which is not a folder"):
        datasets.load("mnist")


def test_an_empty_variable_is_none(monkeypatch):
    monkeypatch.setenv("SUITE_DATA", "")
    assert datasets.load("digits").source == "digits:sklearn"


def test_an_unknown_source_is_an_error_that_lists_the_known_ones():
    with pytest.raises(SuiteError, match=r"no data source is called 'minst'.*mnist"):
        datasets.load("minst")


def test_some_of_the_files_is_an_error_even_where_a_package_has_a_part(tmp_path):
    write_digits(tmp_path)
    path_of(tmp_path, "train-labels-idx1").unlink()
    with pytest.raises(DataMissing, match=r"mnist/train-labels-idx1-ubyte.gz is not in .*`suite data get mnist`"):
        datasets.load("mnist", tmp_path)


def test_nothing_anywhere_says_how_to_get_it(tmp_path, words):
    words("http://unused.example")
    with pytest.raises(DataMissing, match=r"words/words.txt is not in .*`suite data get words`, or set SUITE_DATA"):
        datasets.load("words", tmp_path)


def test_get_downloads_and_load_finds_it(tmp_path, server, words):
    words(f"{server}/words.txt")
    assert datasets.get("words", tmp_path / "root") == tmp_path / "root"
    assert datasets.load("words", tmp_path / "root") == CONTENT


def test_get_tries_the_next_mirror(tmp_path, server, words):
    words(f"{server}/absent.txt", f"{server}/words.txt")
    datasets.get("words", tmp_path / "root")
    assert datasets.load("words", tmp_path / "root") == CONTENT


def test_get_leaves_a_file_that_is_there_alone(tmp_path, words):
    words("http://127.0.0.1:1/never-asked")
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "words.txt").write_bytes(CONTENT)
    datasets.get("words", tmp_path)


def test_get_refuses_bytes_with_another_checksum_and_keeps_nothing(tmp_path, server, words):
    words(f"{server}/words.txt", content=b"other words")
    with pytest.raises(DataMissing, match=r"could not be fetched; put it at .*hash"):
        datasets.get("words", tmp_path / "root")
    assert not list((tmp_path / "root" / "words").iterdir())


def test_get_into_a_place_that_cannot_be_written(tmp_path, words):
    words("http://unused.example")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SuiteError, match=r"cannot be written .*set SUITE_DATA to a folder that can"):
        datasets.get("words", tmp_path / "file")


def test_statuses_tell_complete_partial_packaged_and_missing(monkeypatch, tmp_path):
    def mnist():
        return next(status for status in datasets.statuses(tmp_path) if status.name == "mnist")

    assert mnist().state == "packaged"
    monkeypatch.setattr(datasets, "find_spec", lambda name: None)
    assert mnist().state == "missing"
    write_digits(tmp_path)
    assert mnist().state == "complete"
    assert mnist().size == 11_594_722
    path_of(tmp_path, "t10k-labels-idx1").unlink()
    assert mnist().state == "partial"
    assert "t10k-labels" in mnist().note
