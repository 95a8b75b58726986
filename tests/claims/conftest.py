"""Writes the receipt of `make claims` as each claim ends: an entry for it, the others stay as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator
from typing import Any

import pytest

from suite.results.provenance import commit, hardware, versions, write_receipt
from tests.claims.receipts import RECEIPT, code_of, entries

_RESULTS: dict[str, list[pytest.TestReport]] = defaultdict(list)


@pytest.fixture
def measured(record_property: Any) -> Any:
    """measured(name, value) puts a number into the receipt."""
    return record_property


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or not report.passed:
        _RESULTS[report.location[0].rpartition("/")[2].removesuffix(".py")].append(report)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    ended = yield
    if nextitem is None or nextitem.path != item.path:
        _record(item.path.stem)
    return ended


def _record(claim: str) -> None:
    reports = _RESULTS.get(claim, [])
    if reports and not _skipped(reports):
        write_receipt(RECEIPT, {**(entries() if RECEIPT.exists() else {}), claim: _entry(claim, reports)})


def _skipped(reports: list[pytest.TestReport]) -> bool:
    return any(report.skipped for report in reports)


def _entry(claim: str, reports: list[pytest.TestReport]) -> dict[str, Any]:
    numbers = {name: value for report in reports for name, value in report.user_properties}
    return {
        "passed": all(report.passed for report in reports),
        "measured": numbers,
        "seconds": round(sum(report.duration for report in reports)),
        "code": code_of(claim),
        "commit": commit(),
        "versions": versions(),
        "hardware": hardware(),
    }
