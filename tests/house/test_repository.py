"""The repository as others get it: no trace of one machine, no big file, no clutter at the top."""

from __future__ import annotations

import re
from collections import Counter

from tests.house.sources import ROOT, repository_files

TOP = {
    "pyproject.toml",
    "suite",
    "workloads",
    "clusters",
    "results",
    "tests",
    "docs",
    "Dockerfile",
    "Snakefile",
    "README.md",
    "LICENSE",
    "Makefile",
    "CHANGELOG.md",
    "CITATION.cff",
    "constraints.txt",
}
BIGGEST = 2**20
# Of a network that somebody has submitted.
BIGGEST_STATE = 2**26
# Absolute paths of somebody's machine. The names are spelt apart so that this file does not find itself.
MACHINE = re.compile(r"(?<![\w.~})-])/(?:" + "|".join(["work", "root", "home", "tmp", "opt", "Users"]) + r")(?![\w-])")
# Addresses that no reader can reach: a bare host name, a number other than this machine's own, a private domain, a
# user in the address, an index on disk.
URL = re.compile(r"https?://(?P<user>[^/\s@\"']*@)?(?P<host>[A-Za-z0-9.-]+)")
PRIVATE = re.compile(r"^(?:(?!localhost$)[^.]+|(?!127\.0\.0\.1$)[\d.]+|.*\.(?:local|internal|lan|corp|intra))$")
INDEX_ON_DISK = re.compile(r"file:" + "///")


def texts():
    for path in repository_files():
        try:
            yield str(path.relative_to(ROOT)), path.read_text()
        except UnicodeDecodeError:
            continue


def private_hosts(text):
    return [match[0] for match in URL.finditer(text) if match["user"] or PRIVATE.match(match["host"])]


def test_the_search_finds_machine_paths_and_leaves_relative_ones_alone():
    written = [f"see /{name} for it|'/{name}/x'|a=/{name}/x|(/{name})".split("|") for name in ("work", "tmp")]
    relative = ["suite/run/work.py", "tests/workflow", "/workloads", "~/tmp", "./tmp", "{folder}/tmp"]
    assert all(MACHINE.search(text) for texts in written for text in texts)
    assert not any(MACHINE.search(text) for text in relative)


def test_the_search_finds_private_hosts():
    hosts = ["registry", "10.0.0.7", "index.corp", "pip.internal", "me:secret@example.org", "127.0.0.1", "arxiv.org"]
    assert len([host for host in hosts if private_hosts(f"http:{'//'}{host}/simple")]) == 5


def test_no_file_names_a_path_of_one_machine():
    found = [(name, match[0]) for name, text in texts() for match in MACHINE.finditer(text)]
    assert found == []


def test_no_file_names_a_private_host_or_an_index_on_disk():
    found = [(name, host) for name, text in texts() for host in private_hosts(text)]
    assert found == []
    assert [name for name, text in texts() if INDEX_ON_DISK.search(text)] == []


def test_no_file_is_big():
    sizes = {str(path.relative_to(ROOT)): path.stat().st_size for path in repository_files()}

    def most(name):
        return BIGGEST_STATE if name.startswith("results/submissions/") and "/store/" in name else BIGGEST

    assert {name: size for name, size in sizes.items() if size > most(name)} == {}


def test_test_files_have_names_of_their_own():
    # pytest collects one of two that are called the same.
    names = Counter(path.name for path in repository_files() if path.match("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_the_top_holds_the_fixed_entries_alone():
    top = {path.relative_to(ROOT).parts[0] for path in repository_files()}
    assert {name for name in top if not name.startswith(".")} <= TOP
    assert {"pyproject.toml", "suite", "workloads", "tests"} <= top
