"""What `suite doctor` finds."""

import errno
import importlib
import os
import tempfile

import pytest

from suite.contract.registry import Registry
from tests.toys import plugin

# `suite.cli.doctor` is the verb, which hides the module.
doctor = importlib.import_module("suite.cli.doctor")


def test_every_check_says_what_it_found(tmp_path):
    found = list(doctor.checks(tmp_path / "results"))
    text = [line for _, line in found]
    assert any(line.startswith("python 3.") for line in text)
    assert any(line.startswith("torch ") for line in text)
    assert any(line.startswith("data mnist: ") for line in text)
    assert text[-1].startswith(f"{tmp_path / 'results'}: writable, ")
    assert not (tmp_path / "results").exists()


def test_cores_are_counted_where_there_is_no_affinity_mask(tmp_path, monkeypatch):
    monkeypatch.delenv("SLURM_CPUS_PER_TASK", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert (True, "cores this process may use: 12") in list(doctor.checks(tmp_path))


def test_a_broken_plugin_is_bad(tmp_path, monkeypatch):
    path = plugin(tmp_path, "method", "bad", "import no_such_package")
    monkeypatch.setattr(doctor, "registry", lambda: Registry((tmp_path,)))
    reason = "it raises ModuleNotFoundError at import: No module named 'no_such_package'"
    assert (False, f"{path}: {reason}") in list(doctor.checks(tmp_path))


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC])
def test_a_results_folder_that_refuses_is_bad(tmp_path, monkeypatch, code):
    def refuse(*rest, **more):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    *_, (fine, line) = doctor.checks(tmp_path)
    assert not fine
    assert line == f"{tmp_path}: cannot be written ({os.strerror(code)}); choose another with --results"


def test_data_that_are_not_here_are_neither_fine_nor_bad(tmp_path, monkeypatch):
    monkeypatch.setenv("SUITE_DATA", str(tmp_path))
    found = {line.split(":")[0]: fine for fine, line in doctor.checks(tmp_path) if line.startswith("data ")}
    assert (found["data cifar10"], found["data digits"]) == (None, True)


def test_half_a_data_set_is_bad(tmp_path, monkeypatch):
    monkeypatch.setenv("SUITE_DATA", str(tmp_path))
    whole = {line: fine for fine, line in doctor.checks(tmp_path) if line.startswith("data ")}
    assert False not in whole.values()
    from suite.data.datasets import find

    file = tmp_path / find("mnist").files[0].path
    file.parent.mkdir(parents=True)
    file.touch()
    assert any(fine is False and line.startswith("data mnist: partial") for fine, line in doctor.checks(tmp_path))
