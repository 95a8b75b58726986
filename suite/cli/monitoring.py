"""What Prometheus and Grafana need to show a run: where its metrics are, and a dashboard of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from suite.results.files import write_bytes

# Short runs as well: by default Prometheus looks for new nodes every five minutes, and at each once a minute.
EVERY = "10s"


@dataclass(frozen=True)
class Panel:
    """One chart: what Prometheus is asked, and how a line of the answer is called."""

    title: str
    expr: str
    legend: str
    unit: str


# Every worker counts for itself.
PANELS = (
    Panel(
        "Units ended",
        "sum by (workload, contestant, status) (ray_suite_units_total)",
        "{{workload}} {{contestant}} {{status}}",
        "short",
    ),
    Panel(
        "Units a second",
        "sum by (workload, contestant) (rate(ray_suite_units_total[1m]))",
        "{{workload}} {{contestant}}",
        "ops",
    ),
    Panel("Units that are known and not finished", "max(ray_suite_units_pending)", "pending", "short"),
    Panel(
        "Seconds of a unit",
        "sum by (workload, kind) (rate(ray_suite_unit_seconds_sum[5m]))"
        " / sum by (workload, kind) (rate(ray_suite_unit_seconds_count[5m]))",
        "{{kind}} {{workload}}",
        "s",
    ),
    Panel("Processors in use", "ray_node_cpu_utilization", "{{instance}}", "percent"),
    Panel("Memory in use", "ray_node_mem_used", "{{instance}}", "bytes"),
)


def write_monitoring(folder: Path, discovery: str) -> tuple[Path, Path]:
    """prometheus.yml and grafana.json; discovery: the file of the run that says where its nodes tell their metrics.

    Raises ResultsNotWritable.
    """
    prometheus, grafana = folder / "prometheus.yml", folder / "grafana.json"
    write_bytes(prometheus, yaml.safe_dump(_scraping(discovery), sort_keys=False).encode())
    write_bytes(grafana, (json.dumps(_dashboard(), indent=1) + "\n").encode())
    return prometheus, grafana


def _scraping(discovery: str) -> dict[str, Any]:
    found = {"files": [discovery], "refresh_interval": EVERY}
    return {
        "global": {"scrape_interval": EVERY},
        "scrape_configs": [{"job_name": "suite", "file_sd_configs": [found]}],
    }


def _dashboard() -> dict[str, Any]:
    """In Grafana's form; which Prometheus it asks is chosen at import."""
    return {
        "title": "crossbar-suite",
        "uid": "crossbar-suite",
        "schemaVersion": 39,
        "refresh": EVERY,
        "time": {"from": "now-30m", "to": "now"},
        "templating": {"list": [{"name": "source", "type": "datasource", "query": "prometheus"}]},
        "panels": [_panel(number, panel) for number, panel in enumerate(PANELS)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    down, right = divmod(number, 2)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "gridPos": {"x": 12 * right, "y": 8 * down, "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [{"refId": "A", "expr": panel.expr, "legendFormat": panel.legend}],
    }
