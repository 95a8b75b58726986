"""`suite run` on Ray, killed with SIGKILL in the middle of tuning, training, sweeps and writes, and given again: the
cube and the states are, byte for byte, those of an undisturbed serial run."""

from tests.cluster.killing import killed_equals_calm

FILES = (
    "tests/cluster/killing.py",
    "suite/cli/__init__.py",
    "suite/run/executors/ray/executor.py",
    "workloads/mnist_mlp.py",
)


def test_killed_and_resumed_on_ray_equals_undisturbed(tmp_path, measured):
    killed = killed_equals_calm(tmp_path, "ray", times=1, seed=2)
    measured("kills", killed.kills)
    for phase, times in killed.hits.items():
        measured(f"kills in {phase or 'between units'}", times)
