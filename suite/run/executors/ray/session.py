"""A Ray of our own, or one that is joined, as long as a run lasts."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError

from suite.contract import SuiteError
from suite.contract.commands import command
from suite.plan.context import Context
from suite.results.cpus import allowed_cpus
from suite.results.dashboard import Dashboard, forget, note
from suite.run.executors.ray.folder import own_folder

# Where a Ray tells Prometheus of its nodes, below its session's folder.
DISCOVERY = "prom_metrics_service_discovery.json"


class RayUnfit(SuiteError):
    """Ray cannot be started or joined as asked."""


@contextmanager
def session(context: Context, cpus: int | None, address: str | None, announce: Callable[[str], None]) -> Iterator[None]:
    """Inside, this process is a driver of Ray: one of its own, one at `address`, or that which it is one of already."""
    if ray.is_initialized():
        yield
        return
    with _started(cpus) if address is None else _joined(address) as connected:
        url = f"http://{connected.dashboard_url}" if connected.dashboard_url else ""
        study, place = context.study.reference, ["--results", context.results]
        announce(f"Ray dashboard: {url or 'none'} ({command('dashboard', study, *place)} says how to open it)")
        if url:
            discovery = f"{connected.address_info['session_dir']}/{DISCOVERY}"
            note(context.folder, Dashboard(url, _host(address), _token(), discovery))
        try:
            yield
        finally:
            forget(context.folder)


@contextmanager
def _started(cpus: int | None) -> Iterator[Any]:
    """A private Ray with a folder of its own; gives what Ray says of it."""
    allowed = allowed_cpus()
    count = allowed if cpus is None else min(cpus, allowed)
    options = {"address": "local", "num_cpus": count}
    with own_folder() as folder, _connected("started", _temp_dir=folder, **options) as connected:
        yield connected


@contextmanager
def _joined(address: str) -> Iterator[Any]:
    with _connected(f"joined at {address}", address=address) as connected:
        yield connected


@contextmanager
def _connected(done: str, **options: Any) -> Iterator[Any]:
    """Ray (2.59 and later) has token authentication on for what it starts, with the token in ~/.ray/auth_token; whoever
    joins a cluster sets RAY_AUTH_MODE=token and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH."""
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        with _sigterm_kept():
            context = ray.init(**quiet, **options)
    except (OSError, RuntimeError, ValueError, RayError) as error:
        raise RayUnfit(f"Ray could not be {done}: {error}; {_fix(error)}, or use --executor serial") from error
    try:
        yield context
    finally:
        ray.shutdown()


@contextmanager
def _sigterm_kept() -> Iterator[None]:
    """Ray takes this signal for itself as it starts; a run that is told to end must be able to end its own way."""
    mine = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if mine:
            signal.signal(signal.SIGTERM, before)


def _fix(error: Exception) -> str:
    if "Found multiple active Ray instances" in str(error):
        return "give one of them as --address HOST:PORT"
    # A refused connection is an OSError as well, but of no file.
    if not (isinstance(error, OSError) and error.filename):
        return "check --address and RAY_AUTH_TOKEN"
    return "Ray writes below HOME and TMPDIR: set them to folders that can be written, or RAY_AUTH_TOKEN to a token"


def _host(address: str | None) -> str:
    """Where the dashboard runs: with Ray's head."""
    name = (address or "auto").rpartition(":")[0]
    return name or socket.gethostname()


def _token() -> str:
    if token := os.environ.get("RAY_AUTH_TOKEN"):
        return token
    file = Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token")
    return file.read_text().strip() if file.exists() else ""
