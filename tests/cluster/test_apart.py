"""Workers on nodes that share no disk with the driver: the same bytes, whatever is lost on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from suite.run.executors.serial import SerialExecutor
from tests.cluster.hosts import Host, hosts, lacking, wait_for
from tests.cluster.killing import files
from tests.toys import run_toy
from tests.unit.run.test_adapt_units import OBSERVE
from tests.unit.run.test_adapt_units import study as adapted_study

pytest.importorskip("ray")

pytestmark = pytest.mark.cluster
NO_HOSTS = lacking("iproute2 util-linux")
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
PORT, TOKEN = 6379, "of-this-test"


def kept(results: Path) -> dict[str, bytes]:
    """Cube and store."""
    parts = ("toy/cube.zarr", "store")
    return {f"{part}/{name}": content for part in parts for name, content in files(results / part).items()}


@contextmanager
def two_nodes(shared: Path, results: Path) -> Iterator[dict[str, Host]]:
    """A Ray of two nodes: the second has a folder of its own where the first has the results."""
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN, "RAY_USAGE_STATS_ENABLED": "0"}
    results.mkdir()
    with hosts(("n1", "n2"), shared, **token) as found:
        found["n2"].run("mount", "-t", "tmpfs", "tmpfs", results)
        head = ("--head", "--node-ip-address=n1", f"--port={PORT}", "--include-dashboard=false", "--num-cpus=1")
        found["n1"].start("ray", "start", *head, "--block", **QUIET)
        listening = ("bash", "-c", f": </dev/tcp/n1/{PORT}")
        wait_for(lambda: found["n1"].start(*listening, **QUIET).wait() == 0)
        found["n2"].start("ray", "start", f"--address=n1:{PORT}", "--num-cpus=2", "--block", **QUIET)
        yield found


def done_events(results: Path) -> list[dict[str, Any]]:
    log = results / "toy" / "events.jsonl"
    lines = log.read_text().split("\n")[:-1] if log.exists() else []
    return [event for event in map(json.loads, lines) if event["status"] == "done"]


@pytest.mark.slow
@pytest.mark.skipif(bool(NO_HOSTS), reason=NO_HOSTS)
def test_driver_worker_and_node_lost_without_a_shared_folder(tmp_path: Path) -> None:
    path = adapted_study(tmp_path, observe=OBSERVE, seeds=12, realisations=4)
    results = tmp_path / "results"
    command = (sys.executable, "-m", "suite", "run", path, "--results", results, "--address", f"n1:{PORT}")

    def away() -> list[str]:
        """Processes of the second node that have done units."""
        workers = [event["worker"].rpartition(":") for event in done_events(results)]
        return [process for node, _, process in workers if node == "192.0.2.2"]

    def reached(run: subprocess.Popen[str], what: Callable[[], bool]) -> None:
        wait_for(lambda: what() or run.poll() is not None)
        assert run.poll() is None, "the run has ended before anything was lost"

    with two_nodes(tmp_path, results) as nodes:
        run = nodes["n1"].start(*command, **QUIET)
        reached(run, lambda: len(away()) >= 2)
        (driver,) = (line.split()[0] for line in nodes["n1"].processes() if "suite run" in line)
        nodes["n1"].run("kill", "-9", driver)
        run.wait()
        before = len(away())
        run = nodes["n1"].start(*command, **QUIET)
        reached(run, lambda: len(away()) >= before + 2)
        nodes["n2"].run("kill", "-9", away()[-1])
        before = len(away())
        reached(run, lambda: len(away()) > before)
        nodes["n2"].pull_plug()
        assert run.wait() == 0
    run_toy(path, SerialExecutor(), results=tmp_path / "serial")
    assert kept(results) == kept(tmp_path / "serial")
