"""What `suite dashboard` tells of a run that lasts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from suite.cli.monitoring import write_monitoring
from suite.contract import SuiteError
from suite.contract.commands import words
from suite.plan.context import Context
from suite.results.dashboard import noted


def dashboard_lines(context: Context) -> Iterator[str]:
    """Address, the tunnel to it, the token that its first page asks for, and files for who wants charts.

    Raises SuiteError where no run lasts, ResultsNotWritable.
    """
    found = noted(context.folder)
    if found is None:
        raise SuiteError(f"{context.folder}: no run with a dashboard; it is there while `suite run` with Ray lasts")
    address = urlsplit(found.url).netloc
    yield f"dashboard: {found.url} on {found.host}"
    yield f"from elsewhere: {words('ssh', '-L', f'8265:{address}', found.host)}, then http://localhost:8265"
    yield f"token: {found.token or 'none is asked for'}"
    prometheus, grafana = write_monitoring(context.folder.resolve() / "monitoring", found.discovery)
    yield f"charts: {words('prometheus', f'--config.file={prometheus}')} on {found.host}; into Grafana goes {grafana}"
