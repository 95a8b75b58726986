"""A real Slurm on hosts of our own: a controller and nodes of two CPUs each."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.hosts import TEMP, Host, hosts, lacking, wait_for

LACKING = lacking(
    "munge slurmctld slurmd slurm-client iproute2", "munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol"
)
UNDER_WAY = ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "REQUEUED")
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
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
NodeName={nodes} CPUs=2 RealMemory=16000
PartitionName=all Nodes=ALL Default=YES State=UP MaxTime=INFINITE
"""


@dataclass
class Slurm:
    """A cluster: its controller and its nodes, and the folder that all of them share."""

    controller: Host
    nodes: dict[str, Host]
    folder: Path

    def submit(self, *arguments: object) -> str:
        """Submit a batch job; gives its number."""
        return self.controller.run("sbatch", "--parsable", f"--output={self.folder}/%j.out", *arguments).strip()

    def of(self, job: str, name: str) -> str:
        """One field of what Slurm says of a job."""
        found = re.search(rf"\b{name}=(\S*)", self.controller.run("scontrol", "show", "job", job))
        assert found, name
        return found[1]

    def state(self, job: str) -> str:
        """PENDING, RUNNING, COMPLETED, ..."""
        return self.of(job, "JobState")

    def ended(self, job: str) -> str:
        """Wait for the end of a job; gives its last state."""
        wait_for(lambda: self.state(job) not in UNDER_WAY)
        return self.state(job)

    def queued_again(self, job: str) -> None:
        """Wait until a job is queued again."""
        wait_for(lambda: self._queued(job) or self.state(job) not in UNDER_WAY)
        assert self._queued(job), self.said(job)

    def _queued(self, job: str) -> bool:
        return self.state(job) == "PENDING" and self.of(job, "Restarts") == "1"

    def begin(self, job: str) -> None:
        """Have a job that is queued again begin soon, not in two minutes; at once, its node would still refuse it."""
        self.controller.run("scontrol", "update", f"jobid={job}", "StartTime=now+5")

    def said(self, job: str) -> str:
        """The job's output."""
        return (self.folder / f"{job}.out").read_text()

    def left(self) -> list[str]:
        """What is on nodes beside Slurm itself: processes, and folders of jobs."""
        found = []
        for name, node in self.nodes.items():
            own = ("slurmd", "slurmstepd")
            found += [f"{name}: {line}" for line in node.processes() if not any(map(line.count, own))]
            # The folder that a user's local runs have in common stays, empty.
            common = f"{TEMP}/suite-{os.getuid()}"
            ours = node.run("find", TEMP, "-maxdepth", 2, "-path", f"{TEMP}/suite-*", "!", "-path", common)
            found += [f"{name}: {entry}" for entry in ours.split()]
        return found

    def switch_on(self, name: str) -> None:
        """A node comes back."""
        self.nodes[name].on()
        self._serve(name)
        wait_for(lambda: self.idle() == len(self.nodes))

    def idle(self) -> int:
        """How many nodes wait for jobs."""
        quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        asked = self.controller.start("sinfo", "-h", "-N", "-o", "%T", **quiet)
        return asked.communicate()[0].split().count("idle")

    def serve(self) -> None:
        """Start all daemons, and wait until they know each other."""
        self.controller.start("slurmctld", "-D", **QUIET)
        for name in self.nodes:
            self._serve(name)
        wait_for(lambda: self.idle() == len(self.nodes))

    def _serve(self, name: str) -> None:
        self.nodes[name].start("slurmd", "-D", "-N", name, **QUIET)


@contextmanager
def slurm(folder: Path, names: Sequence[str] = ("n1", "n2")) -> Iterator[Slurm]:
    """A Slurm that is ready; at the end nothing of it is left."""
    conf = folder / "conf"
    for made in (conf, folder / "state", *(folder / f"spool-{name}" for name in names)):
        made.mkdir()
    (conf / "cgroup.conf").write_text("IgnoreSystemd=yes\n")
    (conf / "slurm.conf").write_text(CONF.format(folder=folder, nodes=",".join(names)))
    # Where jobs look that do not have our environment.
    with munge(folder), hosts(("ctl", *names), folder, {conf: "/etc/slurm"}) as found:
        cluster = Slurm(found["ctl"], {name: found[name] for name in names}, folder)
        cluster.serve()
        yield cluster


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
