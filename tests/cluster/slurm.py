"""A real Slurm on hosts of our own: a controller and nodes of two CPUs each."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.hosts import ROOT, Host, hosts, why_not

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol")
PACKAGES = "munge slurmctld slurmd slurm-client iproute2"
CONF = """
ClusterName=test
SlurmctldHost=ctl
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdTimeout=20
KillWait=10
MinJobAge=600
ReturnToService=2
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmdParameters=config_overrides
NodeName={nodes} CPUs=2 RealMemory=6000
PartitionName=all Nodes=ALL Default=YES State=UP MaxTime=INFINITE
"""


def why_no_slurm() -> str:
    """What this machine lacks for a Slurm of our own; "" where it has all."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    return f"{', '.join(missing)}: not installed (apt-get install {PACKAGES})" if missing else why_not()


@dataclass
class Slurm:
    """A cluster: its controller and its nodes, and the folder that all of them share."""

    controller: Host
    nodes: dict[str, Host]
    folder: Path

    def submit(self, *arguments: str) -> str:
        """Submit a batch job; gives its number."""
        return self.controller.run("sbatch", "--parsable", f"--output={self.folder}/%j.out", *arguments).strip()

    def state(self, job: str) -> str:
        """What Slurm says of a job: PENDING, RUNNING, COMPLETED, ..."""
        shown = self.controller.run("scontrol", "show", "job", job)
        return re.search(r"JobState=(\w+)", shown)[1]  # type: ignore[index]

    def field(self, job: str, name: str) -> str:
        """One field of `scontrol show job`."""
        return re.search(rf"\b{name}=(\S*)", self.controller.run("scontrol", "show", "job", job))[1]  # type: ignore[index]

    def ended(self, job: str) -> str:
        """Wait for the end of a job; gives its last state."""
        wait_for(lambda: self.state(job) not in ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING"))
        return self.state(job)

    def said(self, job: str) -> str:
        """The job's output."""
        path = self.folder / f"{job}.out"
        return path.read_text() if path.exists() else ""

    def begin_now(self, job: str) -> None:
        """A requeued job would wait for two minutes."""
        self.controller.run("scontrol", "update", f"jobid={job}", "StartTime=now")

    def left(self, job: str) -> list[str]:
        """Processes of ours, and folders of a job, that are still on nodes."""
        own = ("suite", "ray", "raylet", "gcs_server")
        found = []
        for name, node in self.nodes.items():
            lines = [line for line in node.processes() if any(word in line for word in own) and "slurm" not in line]
            folders = node.run("ls", "-A", os.environ.get("TMPDIR", node.run("dirname", "$(mktemp -u)").strip()))
            found += [f"{name}: {line}" for line in lines]
            found += [f"{name}: {entry}" for entry in folders.split() if entry.startswith("suite-")]
        return found


def wait_for(reached: Callable[[], bool]) -> None:
    """No limit: whoever runs the tests sets one."""
    while not reached():
        time.sleep(0.5)


@contextmanager
def slurm(folder: Path, names: Sequence[str] = ("n1", "n2")) -> Iterator[Slurm]:
    """A Slurm that is ready; at the end nothing of it is left."""
    conf = folder / "conf"
    conf.mkdir()
    for made in ("state", *(f"spool-{name}" for name in names)):
        (folder / made).mkdir()
    (conf / "cgroup.conf").write_text("IgnoreSystemd=yes\n")
    (conf / "slurm.conf").write_text(CONF.format(folder=folder, nodes=",".join(names)))
    here = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    with munge(folder), hosts(("ctl", *names), folder, {conf: "/etc/slurm"}, **here) as found:
        controller, nodes = found["ctl"], {name: found[name] for name in names}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        controller.start(["slurmctld", "-D"], **quiet)
        for name, node in nodes.items():
            node.start(["slurmd", "-D", "-N", name], **quiet)
        cluster = Slurm(controller, nodes, folder)
        wait_for(lambda: _idle(cluster) == len(names))
        yield cluster


def _idle(cluster: Slurm) -> int:
    process = cluster.controller.start(
        ["sinfo", "-h", "-N", "-o", "%T"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return process.communicate()[0].split().count("idle")


@contextmanager
def munge(folder: Path) -> Iterator[None]:
    """The daemon that vouches for users: one for all hosts, whose socket they share."""
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)
    named = {"socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    options = [f"--{option}={folder}/munge.{name}" for option, name in named.items()]
    command = ["munged", "--force", "--foreground", f"--key-file={key}", *options]
    daemon = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for((folder / "munge.socket").exists)
        yield
    finally:
        daemon.terminate()
        daemon.wait()
