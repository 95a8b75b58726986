"""What the suite asks for, and how to get what is missing."""

import click
import pytest

from suite.cli import Verbs, packages
from tests.toys import refused, toy_study

ASKED = ["numpy>=2.0", 'ray[default]<3,>=2.59; extra == "ray"', 'scikit-posthocs>=0.11; extra == "figures"']
ASKED += ['pytest>=8; extra == "dev"', 'crossbar-suite[ray]; extra == "all"', 'odd; python_version < "4"']


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    monkeypatch.setattr(packages, "requires", lambda name: ASKED)


def test_a_package_comes_with_the_suite_or_with_an_extra():
    found = {"numpy": "", "ray": "ray", "scikit-posthocs": "figures", "odd": ""}
    assert packages.packages() == found


def test_a_missing_module_names_the_line_of_its_extra():
    assert packages.pip_line("ray.util") == "ray is not installed: pip install 'crossbar-suite[ray]'"
    assert packages.pip_line("scikit_posthocs").endswith("pip install 'crossbar-suite[figures]'")
    assert packages.pip_line("numpy") == "numpy is not installed: pip install crossbar-suite"
    assert packages.pip_line("somebody_elses") is None


def test_an_installation_that_says_nothing_asks_for_nothing(monkeypatch):
    def unknown(name):
        raise packages.PackageNotFoundError(name)

    monkeypatch.setattr(packages, "requires", unknown)
    assert packages.packages() == {}


def test_a_verb_without_its_package_ends_in_one_message(monkeypatch):
    @click.group(cls=Verbs)
    def verbs():
        pass

    @verbs.command()
    @click.argument("module")
    def need(module):
        raise ModuleNotFoundError(name=module)

    from click.testing import CliRunner

    done = CliRunner().invoke(verbs, ["need", "ray.util"])
    assert (done.exit_code, done.output) == (2, "Error: ray is not installed: pip install 'crossbar-suite[ray]'\n")
    assert isinstance(CliRunner().invoke(verbs, ["need", "mine"]).exception, ModuleNotFoundError)


def test_without_ray_another_executor_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "suite.run.executors.ray", None)
    message = refused("run", toy_study(tmp_path), "--results", tmp_path / "results")
    assert "--executor serial" in message
