"""The Zarr arrays of a cube: making, opening, reading and writing them in whole chunks. Only this module knows zarr."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from suite.contract import SuiteError
from suite.results.files import sync, sync_names, write_files, writing

if TYPE_CHECKING:
    import zarr

DIMENSIONS = ("contestant", "seed", "condition", "realisation")
NONFINITE, UNIT_HASH = "n_nonfinite", "unit_hash"
# Type and fill value of what is no score. A fill that no finished unit can hold tells "never written" from "written".
VARIABLES: Mapping[str, tuple[str, int]] = {
    NONFINITE: ("int32", -1),
    UNIT_HASH: ("uint64", 0),
    "status": ("int8", 0),
    "done_hash": ("uint64", 0),
}
SCORE = ("float64", np.nan)


class NoSuchArray(SuiteError):
    """A cube lacks a workload or a score that it is asked for."""


class CorruptCube(SuiteError):
    """A file of a cube cannot be decoded."""


class UnalignedWrite(SuiteError):
    """A write whose bounds are not chunk edges: beside other writers it would lose their data."""


def kind(name: str) -> tuple[str, float]:
    """(dtype, fill value) of the variable `name`."""
    return VARIABLES.get(name, SCORE)


def create(
    path: Path,
    workload: str,
    name: str,
    shape: Sequence[int],
    chunks: Sequence[int],
    dimensions: Sequence[str],
    variable: str | None = None,
) -> None:
    """Makes the array `workload/name`, in place of what is there; of the type of `variable` if that is not its name."""
    dtype, fill = kind(variable or name)
    with writing(path / workload / name):
        _make(path, f"{workload}/{name}", shape, chunks, dtype, fill, dimensions)
        _sync_metadata(path / workload / name)


def _make(
    path: Path,
    name: str,
    shape: Sequence[int],
    chunks: Sequence[int],
    dtype: str,
    fill: float,
    dimensions: Sequence[str],
) -> zarr.Array[Any]:
    import zarr
    from zarr.codecs import Crc32cCodec, ZstdCodec

    return zarr.create_array(
        store=path,
        name=name,
        shape=tuple(shape),
        chunks=tuple(chunks),
        dtype=dtype,
        fill_value=fill,
        # zstd alone does not notice a flipped bit.
        compressors=[ZstdCodec(level=0), Crc32cCodec()],
        dimension_names=tuple(dimensions),
        overwrite=True,
        # Without it a chunk of fill values is not stored, and looks as if it had never been written.
        config={"write_empty_chunks": True},
    )


def store(group: Path, name: str, values: np.ndarray[Any, Any], dimensions: Sequence[str]) -> None:
    """Writes an array of the group as it is, in one chunk, in place of what is there. Raises ResultsNotWritable."""
    chunk = [max(1, size) for size in values.shape]
    with writing(group / name):
        _make(group, name, values.shape, chunk, values.dtype.str, 0, dimensions)[...] = values


def resize(path: Path, workload: str, name: str, shape: Sequence[int]) -> None:
    """Gives the array `workload/name` a larger shape; its chunks stay."""
    array = opened(path, workload, name, "r+")
    with writing(path / workload / name):
        array.resize(tuple(shape))
        _sync_metadata(path / workload / name)


def opened(path: Path, workload: str, name: str, mode: str = "r") -> zarr.Array[Any]:
    """The array `workload/name` of the cube at `path`; raises NoSuchArray or CorruptCube."""
    import zarr

    try:
        # Without write_empty_chunks a chunk of fill values is not stored, and looks as if it had never been written.
        return zarr.open_array(store=path, path=f"{workload}/{name}", mode=mode, config={"write_empty_chunks": True})
    except FileNotFoundError as error:
        raise NoSuchArray(
            f"{path}: no variable {name!r} in workload {workload!r}; `suite run` makes it from the study"
        ) from error
    except (ValueError, KeyError) as error:
        raise corrupt(path / workload / name / "zarr.json", error) from error


def exists(path: Path, workload: str, name: str) -> bool:
    """Whether the cube has the array `workload/name`."""
    return (path / workload / name / "zarr.json").exists()


def read(array: zarr.Array[Any], region: Any) -> np.ndarray[Any, Any]:
    """The values of `region`; raises CorruptCube where a chunk cannot be decoded."""
    try:
        return np.asarray(array[region])
    except (ValueError, RuntimeError) as error:
        raise corrupt(folder(array), error) from error


def dimensions(array: zarr.Array[Any]) -> tuple[str, ...]:
    """The names of the array's dimensions."""
    return tuple(array.metadata.to_dict().get("dimension_names") or ())  # type: ignore[arg-type]


def chunk_file(array: zarr.Array[Any], grid: Sequence[int]) -> Path:
    """Where the chunk at indices `grid` lies, stored or not."""
    return folder(array) / array.metadata.encode_chunk_key(tuple(grid))


def folder(array: zarr.Array[Any]) -> Path:
    """Where the array lies."""
    return Path(str(array.store_path).removeprefix("file://"))


def corrupt(file: Path, error: Exception) -> CorruptCube:
    """The error that names `file` and the fix."""
    return CorruptCube(f"{file}: cannot be decoded ({error}); `suite verify STUDY` finds and resets torn units")


def write_region(array: zarr.Array[Any], region: tuple[slice, ...], values: np.ndarray[Any, Any]) -> None:
    """Writes `values` to `region`, which must be whole chunks of `array`.

    Every chunk is old or new, and is new on disk when this returns: Zarr itself leaves that to the system. Raises
    UnalignedWrite or ResultsNotWritable.
    """
    write_files(region_files(array, region, values))


def region_files(array: zarr.Array[Any], region: tuple[slice, ...], values: np.ndarray[Any, Any]) -> dict[Path, bytes]:
    """The chunks that hold `values` in `region`, which must be whole chunks of `array`.

    Several processes may write at once if each writes other chunks (Zarr, "Parallel computing"): a chunk shared by
    two writers loses data without an error, so every bound is checked. Raises UnalignedWrite.
    """
    for axis, (bounds, size, chunk) in enumerate(zip(region, array.shape, array.chunks, strict=True)):
        whole = bounds.start is not None and bounds.stop is not None and bounds.step in (None, 1)
        if not whole or bounds.start % chunk or bounds.stop % chunk or not 0 <= bounds.start < bounds.stop <= size:
            raise UnalignedWrite(
                f"{array.store_path}: {bounds} on axis {axis} (size {size}) is not made of whole chunks of {chunk}; "
                "write the region of a Block of this cube's own layout"
            )
    axes, files = list(zip(region, array.chunks, strict=True)), {}
    for corner in product(*(range(0, bounds.stop - bounds.start, chunk) for bounds, chunk in axes)):
        part = tuple(slice(at, at + chunk) for at, (_, chunk) in zip(corner, axes, strict=True))
        grid = [(bounds.start + at) // chunk for at, (bounds, chunk) in zip(corner, axes, strict=True)]
        files[chunk_file(array, grid)] = _packed(values[part].astype(array.dtype))
    return files


def _packed(chunk: np.ndarray[Any, Any]) -> bytes:
    """The bytes that `_make` asks Zarr for."""
    zstd, crc = _codecs()
    return bytes(crc.encode(zstd.encode(np.ascontiguousarray(chunk))))


@cache
def _codecs() -> tuple[Any, Any]:
    from numcodecs.checksum32 import CRC32C
    from numcodecs.zstd import Zstd

    return Zstd(level=0), CRC32C(location="end")


def attributes(path: Path, workload: str = "") -> dict[str, Any]:
    """The attributes of the cube (workload "") or of one workload's group; raises NoSuchArray or CorruptCube."""
    import zarr

    try:
        group = zarr.open_group(store=path, path=workload, mode="r", use_consolidated=False)
    except FileNotFoundError as error:
        raise NoSuchArray(f"{path}: no group {workload!r}; `suite run` makes it from the study") from error
    except (ValueError, KeyError) as error:
        raise corrupt(path / workload / "zarr.json", error) from error
    return group.attrs.asdict()


def set_attributes(path: Path, workload: str, values: Mapping[str, Any]) -> None:
    """Makes the group if it is missing and replaces its attributes, in one atomic write of its zarr.json."""
    import zarr

    with writing(path / workload):
        zarr.open_group(store=path, path=workload, mode="a", zarr_format=3, use_consolidated=False).attrs.put(
            dict(values)
        )
        _sync_metadata(path / workload)


def _sync_metadata(group: Path) -> None:
    sync(group / "zarr.json")
    sync_names(group)


def workloads(path: Path) -> list[str]:
    """The workloads of the cube, sorted: the groups whose labels have been written. One called `a/b` lies within `a`,
    which is no workload then."""
    return sorted(_workloads(path, ""))


def _workloads(path: Path, above: str) -> Iterator[str]:
    for file in (path / above).glob("*/zarr.json"):
        name = str(file.parent.relative_to(path))
        if _is_group(file):
            yield from [name] if "layout" in attributes(path, name) else _workloads(path, name)


def _is_group(file: Path) -> bool:
    """A file that cannot be read is asked for its attributes, which tells so."""
    try:
        return bool(json.loads(file.read_bytes())["node_type"] == "group")
    except (ValueError, KeyError):
        return True
