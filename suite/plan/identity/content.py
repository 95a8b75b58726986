"""The data of a workload with a digest of what they are, part of every unit's hash: no score outlives its data.

The digest is what the workload states (`Splits.digest`); else the content of the files that `data` reads, in the order
in which they are opened and whatever they are called. Data sets that do not hold their samples in memory are read once,
sample by sample, to see their files: where that takes too long, state a digest. Samples themselves are hashed where no
file is seen, unless the source is called "synthetic..." (code, scale and seed then say it all), and where a plug-in
imports libraries that may open files unseen; not elsewhere, as computed numbers may differ between processors.
What a network of the user reads while it is built counts as well, and so do the values of its frozen parts: they come
from a file, which may have been opened unseen or kept by its reader.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from ast import walk
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from suite.contract import DataCorrupt, DataMissing, Scale, Splits, Workload, nothing_frozen
from suite.contract.digests import digest
from suite.contract.opened import opened_by
from suite.contract.seeds import torch_generator
from suite.contract.sources import all_sources
from suite.plan.identity.code_text import tree
from suite.plan.identity.fingerprint import closure
from suite.plan.identity.import_targets import is_house, libraries

# Libraries that open files through Python, so that they are seen, and functions of theirs that do not.
SEEN = {"PIL", "matplotlib", "mlxtend", "numpy", "openpyxl", "pandas", "pytorchcv", "scipy", "sklearn", "torch"}
SEEN |= {"glycowork", "joblib", "networkx", "statsmodels", "torchvision", "tqdm", "yaml"}
UNSEEN = {"HDFStore", "decode_image", "read_file", "read_hdf", "read_image", "read_video", "safetensors"}


@dataclass(frozen=True)
class Data:
    """The splits, with their digest; files: what that rests on, None where it rests on samples or on a statement."""

    splits: Splits
    files: tuple[Path, ...] | None


def read(workload: Workload, file: Path, scale: Scale, root: Path | None, seed: int) -> Data:
    """The data of a workload that is defined in `file`. Raises DataMissing and DataCorrupt."""
    code = closure([file])
    splits, files = _splits(workload, code, scale, root, seed)
    house = all(map(is_house, code))
    network, frozen = _network(workload, house)
    content: dict[str, Any] = {"network": [] if house else list(network.values())}
    if frozen:
        content["frozen"] = frozen
    if splits.digest:
        return Data(replace(splits, digest=digest(content | {"stated": splits.digest})), None)
    content["files"] = list(files.values())
    told = files or all(source.startswith("synthetic") for source in all_sources(splits.source))
    sampled = not told or _may_read_unseen([path for path in code if not is_house(path)])
    if sampled:
        content["samples"] = _samples_digest(splits)
    unseen = sampled or (frozen and not network)
    return Data(replace(splits, digest=digest(content)), None if unseen else (*files, *network))


def _splits(
    workload: Workload, code: list[Path], scale: Scale, root: Path | None, seed: int
) -> tuple[Splits, dict[Path, str]]:
    """The splits and the files that were read for them: what is kept from call to call is read anew."""

    def load() -> Splits:
        _forget(code)
        splits = workload.data(scale, root, seed)
        if not splits.digest:
            for dataset in filter(_is_lazy, _parts(splits)):
                for _ in _samples(dataset):
                    pass
        return splits

    splits, opened = opened_by(load)
    if opened.rewritten:
        splits, opened = opened_by(load)
    return splits, opened.files


def _forget(code: list[Path]) -> None:
    """Empties what functions of the user keep by `functools.cache`: the second of two workloads that share a reader
    would else be seen to read nothing."""
    own = {path.name for path in code if not is_house(path)}
    files = ((module, getattr(module, "__file__", None) or "") for module in list(sys.modules.values()))
    for module in [module for module, file in files if os.path.basename(file) in own and Path(file).resolve() in code]:
        for value in vars(module).values():
            if callable(forget := getattr(value, "cache_clear", None)):
                forget()


def _network(workload: Workload, house: bool) -> tuple[dict[Path, str], str]:
    """What a network reads, and a digest of its frozen parts ("" where there are none), which are all that those of the
    house read. One that cannot be built fails where it is trained, with its cause.

    Raises DataMissing and DataCorrupt.
    """
    if house and workload.frozen is nothing_frozen:
        return {}, ""
    try:
        network, opened = opened_by(lambda: workload.network(torch_generator(0, "files")))
        frozen = workload.frozen(network)
    except (DataMissing, DataCorrupt):
        raise
    except Exception:
        return {}, ""
    found = hashlib.sha256()
    _update(found, frozen)
    return opened.files, found.hexdigest() if frozen else ""


def _may_read_unseen(own: list[Path]) -> bool:
    """Whether files may be opened by libraries in a way that no audit event tells."""
    names = {getattr(node, "attr", getattr(node, "id", "")) for path in own for node in walk(tree(path))}
    return bool(libraries(own) - SEEN or names & UNSEEN)


def _parts(splits: Splits) -> Iterator[Any]:
    yield from (splits.train, splits.validation, *(splits.tests[name] for name in sorted(splits.tests)))


def _is_lazy(dataset: Any) -> bool:
    """Whether samples may be read when they are asked for."""
    from torch.utils.data import ConcatDataset, Subset, TensorDataset

    if isinstance(dataset, Subset):
        return _is_lazy(dataset.dataset)
    if isinstance(dataset, ConcatDataset):
        return any(map(_is_lazy, dataset.datasets))
    return not isinstance(dataset, TensorDataset | list | tuple)


def _samples(dataset: Any) -> Iterator[Any]:
    return (dataset[index] for index in range(len(dataset)))


def _samples_digest(splits: Splits) -> str:
    from torch.utils.data import TensorDataset

    found = hashlib.sha256()
    for dataset in _parts(splits):
        whole = [dataset.tensors] if isinstance(dataset, TensorDataset) else _samples(dataset)
        for sample in whole:
            _update(found, sample)
        found.update(b"end of a data set")
    return found.hexdigest()


def _update(found: Any, value: Any) -> None:
    """Take in a sample: arrays by type, shape and bytes."""
    import numpy as np
    import torch

    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().contiguous()
        found.update(f"{value.dtype} {tuple(value.shape)}".encode())
        found.update(value.reshape(-1).view(torch.uint8).numpy().tobytes())
    elif isinstance(value, np.ndarray):
        found.update(f"{value.dtype} {value.shape}".encode())
        found.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, Mapping):
        for key in sorted(value, key=repr):
            found.update(repr(key).encode())
            _update(found, value[key])
    elif isinstance(value, list | tuple):
        found.update(f"{len(value)} items".encode())
        for item in value:
            _update(found, item)
    else:
        found.update(pickle.dumps(value))
