"""Tables as CSV files fit to be committed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from suite.results.files import write_bytes, writing

if TYPE_CHECKING:
    from pandas import DataFrame


def write_tables(folder: Path, tables: Mapping[str, DataFrame]) -> list[Path]:
    """Write {name: table} into a folder; gives the files. Raises ResultsNotWritable.

    Of a table without rows, which has no columns either, there is no file: one of an earlier time goes.
    """
    paths = []
    for name, table in tables.items():
        if table.empty:
            with writing(folder / name):
                (folder / name).unlink(missing_ok=True)
            continue
        write_bytes(folder / name, table.to_csv(index=False, lineterminator="\n", float_format="%.6g").encode())
        paths.append(folder / name)
    return paths
