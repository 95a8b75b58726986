"""Cubes on an object store: what is copied there reads as what is here, and nothing is overwritten."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

import suite as crossbar_suite
from suite.results.cube import TakenUrl, Unreachable, open_tree, open_url, send
from tests import cubes
from tests.toys import context_of, refused, run_toy, suite, toy_study


@pytest.fixture(scope="module")
def bucket() -> Iterator[Any]:
    """`cubes`, on an object store on this machine."""
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    place = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ALLOW_HTTP": "true", "AWS_DEFAULT_REGION": "us-east-1"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**place, "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}.items():
            patch.setenv(name, value)
        found = boto3.resource("s3").Bucket("cubes")
        found.create()
        yield found
    server.stop()


@pytest.fixture
def cube(tmp_path: Path) -> Path:
    return cubes.filled_cube(tmp_path / "cube.zarr").path


@pytest.mark.parametrize("chunks", [None, {}])
def test_a_cube_that_was_sent_reads_as_the_one_here(bucket: Any, cube: Path, chunks: dict[str, int] | None) -> None:
    url = f"s3://cubes/read-{chunks}.zarr"
    assert send(cube, url) == sum(path.is_file() for path in cube.rglob("*"))
    assert open_url(url, chunks).load().identical(open_tree(cube))


def test_what_a_killed_writer_left_is_not_sent(bucket: Any, cube: Path) -> None:
    (cube / "mnist_mlp" / "status.0.partial").mkdir()
    (cube / "mnist_mlp" / "status.0.partial" / "zarr.json").touch()
    send(cube, "s3://cubes/left.zarr")
    assert not [found.key for found in bucket.objects.filter(Prefix="left.zarr/") if "partial" in found.key]


def test_half_a_cube_is_none_and_is_completed(bucket: Any, cube: Path) -> None:
    url = "s3://cubes/half.zarr/"
    send(cube, url)
    bucket.Object("half.zarr/zarr.json").delete()
    with pytest.raises(Unreachable, match="no cube is there; `suite export STUDY --to"):
        open_url(url)
    send(cube, url)
    assert open_url(url).identical(open_tree(cube))


def test_nothing_is_overwritten(bucket: Any, cube: Path) -> None:
    bucket.put_object(Key="mine/notes.txt", Body=b"mine")
    for url in ("s3://cubes/mine", "s3://cubes/mine/cube.zarr"):
        if url.endswith("cube.zarr"):
            send(cube, url)
        with pytest.raises(TakenUrl, match="something is there already"):
            send(cube, url)


def test_the_verb_and_open_meet(bucket: Any, tmp_path: Path) -> None:
    study, url = toy_study(tmp_path), "s3://cubes/toy.zarr"
    place = study, "--results", tmp_path / "results"
    assert "no cube yet" in refused("export", *place, "--to", url)
    assert "--csv FILE, or --to URL" in refused("export", *place)
    run_toy(study)
    assert f"files to {url}" in suite("export", *place, "--to", url).output
    assert crossbar_suite.open(url).identical(open_tree(context_of(study).cube))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("s3://cubes/nothing.zarr", "no cube is there"),
        ("s3://no-such-bucket/cube.zarr", "no-such-bucket"),
        ("nonsense://cubes/cube.zarr", "cannot be reached"),
    ],
)
def test_a_url_that_gives_nothing_is_told_with_what_may_be_wrong(bucket: Any, url: str, told: str) -> None:
    with pytest.raises(Unreachable) as caught:
        crossbar_suite.open(url)
    assert url in str(caught.value)
    assert told in str(caught.value)


def test_without_the_extra_its_pip_line_is_told() -> None:
    code = "import sys; sys.modules['obstore'] = None\nimport suite; suite.open('s3://cubes/cube.zarr')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'crossbar-suite[cloud]'" in done.stderr.splitlines()[-1]
