"""Many processes write one cube while others read it: nothing is lost, nothing is torn."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np

from suite.results.cube import Cube, Status, digest, open_tree, verify
from tests import cubes

WRITERS, UNITS = 8, 1_000
WANTED = cubes.layout(("a", "b", "c", "d", "e"), range(20), (1.0, 0.9, 0.8, 0.7), range(5), (2, 1))


def write_share(path: Path, share: int) -> None:
    """One writer: every eighth unit, so that neighbours in the cube are written at the same time."""
    for block in list(WANTED.blocks())[share::WRITERS]:
        cubes.write(path, block)


def test_eight_writers_lose_nothing(tmp_path: Path) -> None:
    cube = Cube.create_or_open(tmp_path / "cube.zarr", "quick", 3)
    blocks = list(cubes.ensure(cube, WANTED).blocks())
    assert len(blocks) == UNITS
    cube.mark("mnist_mlp", blocks, Status.DONE, [cubes.unit_hash(block) for block in blocks])
    # Processes that share nothing but what was imported, once, before they began.
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__])
    writers = [server.Process(target=write_share, args=(cube.path, share)) for share in range(WRITERS)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        check_what_is_there(cube.path)
        writers[0].join(1)
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    check_what_is_there(cube.path, complete=True)
    assert verify(cube.path) == []
    assert digest(cube.path)


def check_what_is_there(path: Path, complete: bool = False) -> None:
    """Each cell of the tree is either not written yet or has its own value."""
    dataset = open_tree(path)["mnist_mlp"].to_dataset()
    for name in cubes.MEASURES:
        found, expected = dataset[name].values, EXPECTED[name]
        written = ~np.isnan(found)
        assert written.all() or not complete
        np.testing.assert_array_equal(found[written], expected[written])


EXPECTED = {
    name: np.array(
        [
            [
                [
                    [cubes.value(name, contestant, seed, condition.key, realisation) for realisation in range(5)]
                    for condition in cubes.conditions(1.0, 0.9, 0.8, 0.7)
                ]
                for seed in range(20)
            ]
            for contestant in WANTED.contestants
        ]
    )
    for name in cubes.MEASURES
}
