"""The result cube: `results/STUDY/cube.zarr`, the only durable truth. Only this package knows zarr and xarray."""

from suite.results.cube.adoption import adopt
from suite.results.cube.arrays import CorruptCube, NoSuchArray, UnalignedWrite
from suite.results.cube.axes import BadLayout
from suite.results.cube.digest import digest
from suite.results.cube.ingestion import Ingested, ingest
from suite.results.cube.layout import Block, Layout, chunk_shape
from suite.results.cube.ledger import Status
from suite.results.cube.observations import (
    Place,
    UnsoundObservation,
    clear_unfinished,
    complete,
    expect,
    load_register,
    write_observation,
)
from suite.results.cube.read import export_csv, open_tree, read_scores, to_frame
from suite.results.cube.remote import TakenUrl, Unreachable, open_url, send
from suite.results.cube.study_cube import Cube, ForeignCube, ForeignSource
from suite.results.cube.units import CorruptUnit, UndefinedScore, UnitFolder, unit_file, unit_npz
from suite.results.cube.verification import Finding, verify
from suite.results.cube.write import Writer, hash_number, write_block

__all__ = [
    "BadLayout",
    "Block",
    "CorruptCube",
    "CorruptUnit",
    "Cube",
    "Finding",
    "ForeignCube",
    "ForeignSource",
    "Ingested",
    "Layout",
    "NoSuchArray",
    "Place",
    "Status",
    "TakenUrl",
    "UnalignedWrite",
    "UndefinedScore",
    "UnitFolder",
    "Unreachable",
    "UnsoundObservation",
    "Writer",
    "adopt",
    "chunk_shape",
    "clear_unfinished",
    "complete",
    "digest",
    "expect",
    "export_csv",
    "hash_number",
    "ingest",
    "load_register",
    "open_tree",
    "open_url",
    "read_scores",
    "send",
    "to_frame",
    "unit_file",
    "unit_npz",
    "verify",
    "write_block",
    "write_observation",
]
