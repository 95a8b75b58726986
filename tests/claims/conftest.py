"""Writes the receipt when `make claims` ends: one entry per claim that ran, the others stay as they are."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from suite.provenance import commit, hardware, versions, write_receipt
from tests.claims.receipts import RECEIPT, code_of, entries

_RESULTS: dict[str, list[pytest.TestReport]] = defaultdict(list)


@pytest.fixture
def measured(record_property: Any) -> Any:
    """measured(name, value) puts a number into the receipt."""
    return record_property


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or not report.passed:
        _RESULTS[report.location[0].rpartition("/")[2].removesuffix(".py")].append(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    made = {claim: _entry(claim, reports) for claim, reports in _RESULTS.items() if not _skipped(reports)}
    if made:
        write_receipt(RECEIPT, {**(entries() if RECEIPT.exists() else {}), **made})


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
