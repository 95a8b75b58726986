"""The page of a study: complete, of one file, and asking nothing of any network."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import xarray

from suite.contract.digests import file_hash
from suite.report.facts import _energies
from suite.report.page import CITATION
from tests.toys import refused, run_toy, suite, toy_study

HOUSE = Path(__file__).parents[3]
CONTEST = HOUSE / "results/reference/tables/contest"
MEGABYTE = 2**20
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# What makes a browser fetch: anything but the address of a link.
FETCHED = re.compile(
    r"""<(?:script|img|iframe|link|source|object|embed)\b[^>]*\b(?:src|href|data)\s*=|@import|url\(\s*['"]?http"""
)


@pytest.fixture(scope="module")
def contest(tmp_path_factory):
    """The page of published tables."""
    path = tmp_path_factory.mktemp("report") / "contest.html"
    assert suite("report", "contest", "--tables", CONTEST, "--out", path).exit_code == 0
    return path


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The page of a study that has run here, one of whose workloads could not."""
    folder = tmp_path_factory.mktemp("toy")
    path = toy_study(folder)
    run_toy(path)
    result = suite("report", path, "--results", folder / "results")
    assert result.exit_code == 0, result.output
    assert result.output == f"{folder / 'results/toy/report.html'}\n"
    return folder / "results/toy/report.html"


def own_part(page: Path) -> str:
    """The page without the library's code."""
    return re.sub(r"<script.*?</script>", "", page.read_text(), flags=re.DOTALL)


def test_the_page_tells_what_was_run_and_what_came_of_it(toy):
    text = own_part(toy)
    for part in ("Study toy", "toy:half-planes", "sigma 0.", "What can be said", "How to cite", "in all, s"):
        assert part in text
    assert "commit" in text or "no commit is known" in text


def test_figures_and_page_are_one_command_with_one_receipt(toy):
    study, place = toy.parents[2] / "toy.yaml", ("--results", toy.parents[1])
    result = suite("report", study, *place, "--figures")
    *drawn, page = result.output.splitlines()
    assert [line.split(":")[0] for line in drawn] == ["fig_box", "fig_curves"] and page == str(toy)
    told = json.loads((toy.parent / "receipts/report.json").read_text())
    assert told["hashes"]["report.html"] == file_hash(toy) and "fig_curves.png" in told["hashes"]
    assert told["missing"] == [] and told["cpu_s"] > 0
    assert "leave one of them out" in refused("report", study, *place, "--figures", "--tables", CONTEST)


def test_several_studies_are_reported_at_once_and_one_that_cannot_be_stops_no_other(toy, tmp_path):
    study, results = toy.parents[2] / "toy.yaml", toy.parents[1]
    lacking = study.with_name("lacking.yaml")
    lacking.write_text(study.read_text().replace("name: toy", "name: lacking"))
    before = toy.stat().st_mtime_ns
    message = refused("report", lacking, study, "--results", results)
    assert "no cube yet; run `suite run" in message and f"{toy}\n" in message
    assert toy.stat().st_mtime_ns > before
    assert "two studies are called toy" in refused("report", study, study, "--results", results)
    for option in ("--out", "--tables"):
        assert "give it for one at a time" in refused("report", lacking, study, option, tmp_path / "x")


def test_published_tables_make_a_page_too(contest):
    text = own_part(contest)
    assert "<b>bayesmulti, accuracy:</b> ahead of erm at " in text
    assert "lognormal_weight" in text and "mnist:official" in text
    items = json.loads(re.search(r'id="items">(.*?)</script>', contest.read_text(), re.DOTALL)[1])
    assert len(items) == text.count("<figcaption>") == 8


@pytest.mark.parametrize("page", ["toy", "contest"])
def test_nothing_is_fetched_and_the_page_forbids_it(page, request):
    path = request.getfixturevalue(page)
    assert path.stat().st_size < 8 * MEGABYTE
    assert FETCHED.findall(own_part(path)) == []
    assert not re.findall(r"<script[^>]+src", path.read_text())
    assert "Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline';" in path.read_text()


def test_a_label_cannot_end_a_script(contest, monkeypatch):
    from suite.report.page import _script_safe

    assert "</script>" not in _script_safe({"label": "</script><b>"})
    assert json.loads(_script_safe({"label": "</script><b>"})) == {"label": "</script><b>"}


@pytest.mark.skipif(BROWSER is None, reason="no Chromium: the page is not opened")
@pytest.mark.parametrize("width", [390, 1440])
def test_a_browser_draws_all_curves_without_a_request_and_without_scrolling_sideways(contest, tmp_path, width):
    probe = (
        "<script>window.addEventListener('load', () => setTimeout(() => {"
        "const drawn = [...document.querySelectorAll('figure div[id]')].filter(place => place.firstElementChild);"
        "document.querySelector('#side th:nth-child(5) button').click();"
        "const first = document.querySelector('#side tbody tr td').textContent;"
        "document.title = [drawn.length, document.documentElement.scrollWidth, innerWidth, first].join(' ');"
        "}, 2000))</script></body>"
    )
    page = tmp_path / "page.html"
    page.write_text(contest.read_text().replace("</body>", probe))
    flags = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        "--virtual-time-budget=30000",
    ]
    flags += [f"--window-size={width},900", f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run([BROWSER, *flags, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=True)
    complaints = [
        line for line in done.stderr.splitlines() if "CONSOLE" in line and re.search("Refused|Uncaught", line)
    ]
    assert complaints == []
    drawn, wide, window, first = re.search(r"<title>(\d+) (\d+) (\d+) (\w+)</title>", done.stdout).groups()
    assert (int(drawn), first) == (8, "glycan_kingdom")
    assert int(wide) <= int(window)


def test_where_there_is_nothing_to_report_the_way_to_it_is_told(tmp_path):
    path = toy_study(tmp_path)
    assert "no cube yet; run `suite run" in refused("report", path, "--results", tmp_path / "results")
    message = refused("report", "contest", "--tables", CONTEST, "--baseline", "emr")
    assert "--baseline emr: no such method, did you mean 'erm'?" in message


def test_how_to_cite_is_what_the_citation_file_says():
    cited = (HOUSE / "CITATION.cff").read_text()
    for part in ("Synergistic Development of Perovskite Memristors and Algorithms", "arXiv:2412.02779"):
        assert part in cited and part in CITATION


def test_levels_of_any_device_are_an_axis_and_a_contestant_alone_is_reported_too(tmp_path):
    conditions = [{"usability": [1.0, 0.5]}, {"device": "signed_noise", "noise": [0.1, 0.5, 20.0]}]
    path = toy_study(tmp_path, conditions=conditions, methods={"mine": {"method": "erm", "tuning": "none"}})
    run_toy(path)
    result = suite("report", path, "--results", tmp_path / "results")
    assert result.exit_code == 0, result.output
    page = tmp_path / "results/toy/report.html"
    text = own_part(page)
    assert "signed_noise, noise 0.5" in text and "Only mine was scored: nothing to compare." in text
    items = re.search(r'id="items">(.*?)</script>', page.read_text(), re.DOTALL)[1]
    assert '"axis_label": "noise"' in items and '"axis_label": "usability"' in items


def test_the_energy_of_a_chip_is_that_of_all_its_arrays(monkeypatch, tmp_path):
    labels = {"contestant": "erm", "device": "rram40", "crossbar": "chip"}
    per_array = xarray.Dataset({"low_J": ("reads", [1.0, 2.0]), "high_J": ("reads", [10.0, 20.0])}, attrs=labels)
    one_array = xarray.Dataset({"low_J": ((), 5.0), "high_J": ((), 50.0)}, attrs=labels | {"crossbar": "small"})
    monkeypatch.setattr("suite.results.cube.open_tree", lambda cube, chunks: None)
    monkeypatch.setattr("suite.figures.held", lambda tree: ["digits"])
    monkeypatch.setattr("suite.figures.observed.observed", lambda tree, workload, what: [per_array, one_array])
    found = dict(_energies(tmp_path))
    assert found["digits", "erm", "rram40", "chip"] == (3.0, 30.0)
    assert found["digits", "erm", "rram40", "small"] == (5.0, 50.0)
