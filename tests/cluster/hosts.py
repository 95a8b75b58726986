"""Hosts on this machine, for tests of clusters: each has its address, name, processes, temporary folder and mounts."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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


def why_not() -> str:
    """What this machine lacks for hosts of our own; "" where it has all."""
    if os.geteuid() != 0:
        return "hosts of our own need root"
    if missing := [name for name in ("ip", "nsenter", "unshare") if shutil.which(name) is None]:
        return f"{', '.join(missing)}: not installed (iproute2, util-linux)"
    name = f"probe{os.getpid()}"
    tries = (["unshare", "-m", "-u", "-p", "-f", "true"], ["ip", "netns", "add", name], ["ip", "netns", "del", name])
    refused = [" ".join(each) for each in tries if subprocess.run(each, capture_output=True).returncode]
    return f"refused here: {refused[0]}" if refused else ""


@dataclass
class Host:
    """One of them: `first` is the process whose end is the end of all."""

    name: str
    first: int
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self, command: Sequence[str], **options: object) -> subprocess.Popen[str]:
        """A process on this host."""
        enter = ["nsenter", "--target", str(self.first), "--mount", "--uts", "--pid", "--net", "--wd=" + str(ROOT)]
        values = {**os.environ, **self.environment}
        return subprocess.Popen([*enter, *command], text=True, env=values, **options)  # type: ignore[call-overload]

    def run(self, *command: str) -> str:
        """What a command prints; it must end well."""
        process = self.start(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = process.communicate()[0]
        assert process.returncode == 0, f"{self.name}: {' '.join(command)}: {output}"
        return output

    def processes(self) -> list[str]:
        """Command lines of all that runs here, but for the first process and ourselves."""
        told = (line.strip() for line in self.run("ps", "-e", "-o", "pid=,args=").splitlines())
        return [line for line in told if not line.startswith("1 ") and not line.endswith(("args=", "sleep 1"))]

    def pull_plug(self) -> None:
        """Everything here is gone at once."""
        os.kill(self.first, signal.SIGKILL)


@contextmanager
def network(names: Sequence[str]) -> Iterator[dict[str, str]]:
    """Network namespaces behind one bridge that leads nowhere; gives the name of each host's."""
    prefix = f"h{os.getpid()}"
    spaces = {name: f"{prefix}-{name}" for name in names}
    switch = f"{prefix}-switch"
    for space in (switch, *spaces.values()):
        _ip("netns", "add", space)
    try:
        _ip("-n", switch, "link", "add", "bridge", "type", "bridge")
        _ip("-n", switch, "link", "set", "bridge", "up")
        for number, (name, space) in enumerate(spaces.items(), 1):
            _ip("-n", switch, "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", space)
            _ip("-n", switch, "link", "set", name, "up", "master", "bridge")
            _ip("-n", space, "addr", "add", f"{address(number)}/24", "dev", "eth0")
            for link in ("lo", "eth0"):
                _ip("-n", space, "link", "set", link, "up")
        yield spaces
    finally:
        for space in (*spaces.values(), switch):
            _ip("netns", "del", space)


def address(number: int) -> str:
    """Of a range that is for documentation."""
    return f"192.0.2.{number}"


@contextmanager
def hosts(
    names: Sequence[str], shared: Path, mounted: Mapping[Path, str] | None = None, **environment: str
) -> Iterator[dict[str, Host]]:
    """Hosts that know each other by name and share the folder `shared` and this checkout, and no other writable one.

    mounted: {here: there} seen by every host.
    """
    with network(names) as spaces:
        named = shared / "hosts"
        lines = [f"{address(number)} {name}" for number, name in enumerate(names, 1)]
        named.write_text("127.0.0.1 localhost\n" + "\n".join(lines) + "\n")
        binds = {named: "/etc/hosts", **(mounted or {})}
        found = {name: Switched(name, space, shared, binds, environment) for name, space in spaces.items()}
        try:
            yield {name: switched.on() for name, switched in found.items()}
        finally:
            for switched in found.values():
                switched.off()


@dataclass
class Switched:
    """A host that can be switched on and off."""

    name: str
    space: str
    shared: Path
    binds: Mapping[Path, str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None

    def on(self) -> Host:
        """Returns once its mounts are there."""
        ready = self.shared / f"ready-{self.name}"
        ready.unlink(missing_ok=True)
        prefix, checkout = Path(sys.prefix), ROOT
        kept = [path for path in (self.shared, checkout, prefix) if path.is_relative_to(TEMP)]
        values = {
            **os.environ,
            "TEMP": str(TEMP),
            "KEPT": " ".join(map(str, kept)),
            "MOUNTED": " ".join(f"{here}={there}" for here, there in self.binds.items()),
        }
        unshared = ["unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
        # Not `ip netns exec`, which hides the control groups.
        command = [
            "nsenter",
            f"--net=/run/netns/{self.space}",
            *unshared,
            "bash",
            "-c",
            INIT,
            "init",
            self.name,
            str(ready),
        ]
        self.process = subprocess.Popen(command, env=values)
        while not ready.exists():
            assert self.process.poll() is None, f"host {self.name} did not start"
            time.sleep(0.05)
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return Host(self.name, int(children[0]), self.environment)

    def off(self) -> None:
        """As with the plug pulled."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
