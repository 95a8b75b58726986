"""The result cube: `results/STUDY/cube.zarr`, the only durable truth. Only this package knows zarr and xarray."""

from suite.cube.adoption import adopt
from suite.cube.arrays import CorruptCube, NoSuchArray, UnalignedWrite
from suite.cube.axes import BadLayout
from suite.cube.compaction import compact
from suite.cube.digest import digest
from suite.cube.ingestion import Ingested, ingest
from suite.cube.layout import Block, Layout, chunk_shape
from suite.cube.ledger import Status
from suite.cube.observations import (
    Place,
    UnsoundObservation,
    clear_unfinished,
    complete,
    expect,
    load_register,
    write_observation,
)
from suite.cube.read import export_csv, open_tree, read_scores, to_frame
from suite.cube.study_cube import Cube, ForeignCube, ForeignSource
from suite.cube.units import CorruptUnit, UndefinedScore, UnitFolder, save_unit_npz, unit_file
from suite.cube.verification import Finding, verify
from suite.cube.write import hash_number, write_block

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
    "UnalignedWrite",
    "UndefinedScore",
    "UnitFolder",
    "UnsoundObservation",
    "adopt",
    "chunk_shape",
    "clear_unfinished",
    "compact",
    "complete",
    "digest",
    "expect",
    "export_csv",
    "hash_number",
    "ingest",
    "load_register",
    "open_tree",
    "read_scores",
    "save_unit_npz",
    "to_frame",
    "unit_file",
    "verify",
    "write_block",
    "write_observation",
]
