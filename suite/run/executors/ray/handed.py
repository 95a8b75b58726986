"""What the driver puts into Ray's object store for units: each thing once, whatever the number of workers."""

from __future__ import annotations

from typing import Any

import ray

from suite.plan.context import Context
from suite.plan.units import DataKey, Unit
from suite.results import store
from suite.run.executors.sharing import shared

# More than the workers of a large cluster read at a time; Ray frees the others once no unit needs them.
MOST_STATES = 4096


class Handed:
    """Data and trained states."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._data: dict[DataKey, Any] = {}
        # The last used last.
        self._states: dict[str, Any] = {}

    def data(self, unit: Unit) -> Any:
        """The data of a unit: a copy per node."""
        key = self._context.data_key(*unit.data)
        if key not in self._data:
            self._data[key] = ray.put(shared(self._context.splits(*key)))
        return self._data[key]

    def states(self, unit: Unit) -> dict[str, Any]:
        """The stored states that a unit reads, as the files have them."""
        found = {key: self._states.pop(key, None) or self._put(key) for key in unit.states}
        self._states |= found
        for key in list(self._states)[:-MOST_STATES]:
            del self._states[key]
        return found

    def _put(self, key: str) -> Any:
        return ray.put(store.file_of(self._context.store, key).read_bytes())
