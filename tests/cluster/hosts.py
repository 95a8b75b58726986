"""Hosts on this machine, for tests of clusters: each has its address, name, processes, temporary folder and mounts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TEMP = Path(tempfile.gettempdir())
# The first process of a host: it mounts what is its own, says that it is there, and reaps what others leave.
INIT = """
set -e
hostname "$1"
mount --make-rprivate /
mount --bind "$TEMP" /mnt
mount -t tmpfs tmpfs "$TEMP"
for path in $KEPT; do mkdir -p "$path"; mount --bind "/mnt${path#"$TEMP"}" "$path"; done
umount /mnt
mount -t tmpfs tmpfs /dev/shm
for pair in $MOUNTED; do mount --bind "${pair%%=*}" "${pair##*=}"; done
touch "$2"
while :; do sleep 1 & wait; done
"""
UNSHARED = ("unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")


def lacking(packages: str, *programs: str) -> str:
    """Why there can be no hosts of our own here, with these programs; "" where they can be."""
    if os.geteuid() != 0:
        return "hosts of our own need root"
    missing = [name for name in ("ip", "nsenter", "unshare", *programs) if shutil.which(name) is None]
    return f"{', '.join(missing)}: not installed (apt-get install {packages})" if missing else ""


def wait_for(reached: Callable[[], Any]) -> None:
    """No limit: whoever runs the tests sets one."""
    while not reached():
        time.sleep(0.5)


@dataclass
class Host:
    """One of them, switched on or off; shared: a folder that all have; binds: {here: there} that it sees besides."""

    name: str
    space: str
    shared: Path
    binds: Mapping[Path, str]
    environment: Mapping[str, str]

    def on(self) -> None:
        """Returns once its mounts are there."""
        ready = self.shared / f"ready-{self.name}"
        ready.unlink(missing_ok=True)
        kept = [path for path in (self.shared, ROOT, Path(sys.prefix)) if path.is_relative_to(TEMP)]
        mounted = [f"{here}={there}" for here, there in self.binds.items()]
        values = {**os.environ, "TEMP": str(TEMP), "KEPT": " ".join(map(str, kept)), "MOUNTED": " ".join(mounted)}
        # Not `ip netns exec`, which hides the control groups.
        command = ["nsenter", f"--net=/run/netns/{self.space}", *UNSHARED, "bash", "-c", INIT, "init"]
        self._outer = subprocess.Popen([*command, self.name, str(ready)], env=values)
        wait_for(lambda: ready.exists() or self._outer.poll() is not None)
        assert ready.exists(), f"host {self.name} did not start"
        children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children")
        self._first = int(children.read_text().split()[0])

    def pull_plug(self) -> None:
        """Everything here is gone at once."""
        self._outer.kill()
        self._outer.wait()

    def start(self, *command: object, **options: Any) -> subprocess.Popen[str]:
        """A process on this host."""
        enter = ["nsenter", "--target", str(self._first), "--mount", "--uts", "--pid", "--net", f"--wd={ROOT}"]
        values = {**os.environ, **self.environment}
        return subprocess.Popen([*enter, *map(str, command)], text=True, env=values, **options)

    def run(self, *command: object) -> str:
        """What a command prints; it must end well."""
        process = self.start(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = process.communicate()[0]
        assert process.returncode == 0, f"{self.name}: {' '.join(map(str, command))}: {output}"
        return output

    def processes(self) -> list[str]:
        """Process numbers and command lines of all that runs here, but for the host's own."""
        told = (line.strip() for line in self.run("ps", "-e", "-o", "pid=,args=").splitlines())
        return [line for line in told if not line.startswith("1 ") and not line.endswith(("args=", "sleep 1"))]


@contextmanager
def network(names: Sequence[str]) -> Iterator[dict[str, str]]:
    """Network namespaces behind one bridge that leads nowhere; gives the name of each host's."""
    prefix = f"h{os.getpid()}"
    spaces = {name: f"{prefix}-{name}" for name in names}
    switch = f"{prefix}-switch"
    with ExitStack() as made:
        for space in (switch, *spaces.values()):
            _ip("netns", "add", space)
            made.callback(_ip, "netns", "del", space)
        _ip("-n", switch, "link", "add", "bridge", "type", "bridge")
        _ip("-n", switch, "link", "set", "bridge", "up")
        for number, (name, space) in enumerate(spaces.items(), 1):
            _ip("-n", switch, "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", space)
            _ip("-n", switch, "link", "set", name, "up", "master", "bridge")
            _ip("-n", space, "addr", "add", f"{address(number)}/24", "dev", "eth0")
            for link in ("lo", "eth0"):
                _ip("-n", space, "link", "set", link, "up")
        yield spaces


def address(number: int) -> str:
    """Of a range that is for documentation."""
    return f"192.0.2.{number}"


@contextmanager
def hosts(
    names: Sequence[str], shared: Path, binds: Mapping[Path, str] | None = None, **environment: str
) -> Iterator[dict[str, Host]]:
    """Hosts that are on and know each other by name; they share the folder `shared`, this checkout and Python."""
    here = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), **environment}
    with network(names) as spaces, ExitStack() as running:
        named = shared / "hosts"
        lines = [f"{address(number)} {name}" for number, name in enumerate(names, 1)]
        named.write_text("127.0.0.1 localhost\n" + "\n".join(lines) + "\n")
        seen = {named: "/etc/hosts", **(binds or {})}
        found = {name: Host(name, space, shared, seen, here) for name, space in spaces.items()}
        for host in found.values():
            host.on()
            running.callback(host.pull_plug)
        yield found


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
