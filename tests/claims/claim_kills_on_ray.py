"""`suite run` on Ray, killed with SIGKILL in the middle of tuning, training, sweeps and writes, and given again: the
cube and the states are, byte for byte, those of an undisturbed serial run."""

import random
import subprocess

from tests.cluster.killing import STUDY, Kills, command, kill_until_done
from tests.cubes import files

FILES = ("tests/cluster/killing.py", "suite/cli/__init__.py", "suite/executors/ray.py", "workloads/mnist_mlp.py")


def test_killed_and_resumed_on_ray_equals_undisturbed(tmp_path, measured):
    study = tmp_path / "kill.yaml"
    study.write_text(STUDY)
    subprocess.run(command(study, tmp_path / "calm", "serial"), check=True, stdout=subprocess.DEVNULL)
    rng, killed = random.Random(2), Kills()
    for number in range(12):
        results = tmp_path / f"killed{number}"
        kill_until_done(study, results, "ray", killed, times=1, rng=rng)
        assert files(results / "kill/cube.zarr") == files(tmp_path / "calm/kill/cube.zarr")
        if killed.enough(1):
            break
    measured("kills", killed.kills)
    for phase, times in killed.hits.items():
        measured(f"kills in {phase or 'between units'}", times)
    assert killed.enough(1)
