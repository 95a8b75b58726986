"""Watching a run from outside: its page in a real browser, its charts in a real Prometheus."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from suite.cli.dashboard import dashboard_lines
from suite.cli.monitoring import PANELS
from suite.plan.context import Context
from suite.results.dashboard import Dashboard, noted
from tests.cluster.hosts import wait_for
from tests.toys import context_of, run_toy, toy_study

ray = pytest.importorskip("ray")

from suite.run.executors.ray import RayExecutor  # noqa: E402

pytestmark = [pytest.mark.cluster, pytest.mark.slow]
KINDS = {f"{kind} toy erm" for kind in ("trial", "fit", "sweep")}
UNITS = 2 + 2 + 4
# A page's text, with its tables of tasks and of actors unfolded.
OPENED = """
for (const title of document.querySelectorAll("h4")) {
    const folded = ["Task Table", "Actor Table"].includes(title.textContent.trim());
    if (folded && !title.opened) { title.opened = true; title.click(); }
}
document.body.innerText
"""


def needs(program: str) -> pytest.MarkDecorator:
    reason = f"{program}: not installed (apt-get install {program})"
    return pytest.mark.skipif(shutil.which(program) is None, reason=reason)


class Held(RayExecutor):
    """Keeps its workers, when all is done, until it is let go."""

    def __init__(self) -> None:
        super().__init__(2)
        self.done, self.let_go = threading.Event(), threading.Event()

    @contextmanager
    def started(self, context: Context) -> Iterator[None]:
        with super().started(context):
            yield
            self.done.set()
            # As a driver does that waits for its workers.
            while not self.let_go.wait(1):
                self._look()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """A local run that lasts."""
    study = toy_study(tmp_path_factory.mktemp("watched"))
    executor = Held()
    run = threading.Thread(target=run_toy, args=(study, executor))
    run.start()
    wait_for(lambda: executor.done.is_set() or not run.is_alive())
    assert executor.done.is_set(), "the run has failed"
    yield context_of(study)
    executor.let_go.set()
    run.join()


def of(context: Context) -> Dashboard:
    found = noted(context.folder)
    assert found is not None
    return found


# ------------------------------------------------------------------------------------------------ the browser


@contextmanager
def chromium(folder: Path) -> Iterator[str]:
    """A headless browser; gives where its one page is told what to do."""
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "about:blank")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    browser = subprocess.Popen(["chromium", f"--user-data-dir={folder}", *options], **quiet)
    try:
        told = folder / "DevToolsActivePort"
        wait_for(lambda: told.exists() and told.read_text().count("\n"))
        with urllib.request.urlopen(f"http://127.0.0.1:{told.read_text().split()[0]}/json/list") as answer:
            (page,) = (found for found in json.load(answer) if found["type"] == "page")
        yield page["webSocketDebuggerUrl"]
    finally:
        browser.terminate()
        browser.wait()


async def shown(page: str, url: str, token: str, wanted: set[str]) -> None:
    """Wait until all that is wanted is in the text of a page of the dashboard."""
    async with ClientSession() as session, session.ws_connect(page, max_msg_size=0) as socket:
        number = 0

        async def tell(method: str, **params: object) -> Any:
            nonlocal number
            number += 1
            await socket.send_json({"id": number, "method": method, "params": params})
            while (answer := await socket.receive_json()).get("id") != number:
                pass
            return answer["result"]

        await tell("Network.setCookie", name="ray-authentication-token", value=token, url=url)
        await tell("Page.navigate", url=url)
        text = ""
        while not all(name in text for name in wanted):
            await asyncio.sleep(0.5)
            answer = await tell("Runtime.evaluate", expression=OPENED)
            text = answer["result"].get("value", "")


@needs("chromium")
def test_a_browser_finds_tasks_by_kind_workload_and_method(lasting: Context, tmp_path: Path) -> None:
    found = of(lasting)
    job = ray.get_runtime_context().get_job_id()
    with chromium(tmp_path) as page:
        asyncio.run(shown(page, f"{found.url}/#/jobs/{job}", found.token, {*KINDS, "suite worker on"}))


# --------------------------------------------------------------------------------------------------- Prometheus


@contextmanager
def prometheus(config: Path, folder: Path) -> Iterator[str]:
    """A Prometheus of that configuration; gives where it is asked."""
    log = folder / "log"
    options = ("--web.listen-address=127.0.0.1:0", f"--storage.tsdb.path={folder / 'data'}")
    with log.open("w") as stream:
        server = subprocess.Popen(["prometheus", f"--config.file={config}", *options], stderr=stream)
    try:
        wait_for(lambda: _listening(log) or server.poll() is not None)
        assert server.poll() is None, log.read_text()
        yield f"http://{_listening(log)}"
    finally:
        server.terminate()
        server.wait()


def _listening(log: Path) -> str:
    found = re.search(r'"Listening on" address=(\S+)', log.read_text())
    return found[1] if found else ""


def asked(server: str, expr: str) -> list[dict[str, Any]]:
    url = f"{server}/api/v1/query?query={urllib.parse.quote(expr)}"
    with urllib.request.urlopen(url) as answer:
        found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
    return found


@needs("prometheus")
def test_every_chart_has_something_to_show(lasting: Context, tmp_path: Path) -> None:
    told = "\n".join(dashboard_lines(lasting))
    config, grafana = (lasting.folder / "monitoring" / name for name in ("prometheus.yml", "grafana.json"))
    assert f"--config.file={config}" in told and str(grafana) in told
    panels = json.loads(grafana.read_text())["panels"]
    assert [panel["title"] for panel in panels] == [panel.title for panel in PANELS]
    with prometheus(config, tmp_path) as server:
        for panel in panels:
            (target,) = panel["targets"]
            wait_for(lambda target=target: asked(server, target["expr"]))
        (ended,) = asked(server, "sum(ray_suite_units_total)")
        assert float(ended["value"][1]) == UNITS
        names = asked(server, panels[0]["targets"][0]["expr"])
        assert [series["metric"] for series in names] == [{"workload": "toy", "contestant": "erm", "status": "done"}]
