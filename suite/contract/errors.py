"""What goes wrong in a way that a user can mend."""

from __future__ import annotations


class SuiteError(Exception):
    """An error a user can mend; its message names the file, the field and the fix."""


class DataMissing(SuiteError):
    """Data of a workload is not on this machine; the message says how to get it."""


class DataCorrupt(SuiteError):
    """A data file is present but not what it should be."""


class NotApplicable(SuiteError):
    """A method or one of its options has no meaning for this network; the message says why."""
