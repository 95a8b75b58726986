"""What the results say of the two definitions of sigma is what the packaged table says."""

from pathlib import Path

import pytest

from suite.lab.characterise.definitions import CLOSE, OPEN, devices, lines, rank_correlation
from suite.lab.characterise.mapping import LEVELS

RESULTS = Path(__file__).parents[3] / "results" / "reference"


@pytest.fixture(scope="module")
def rows():
    """Of the 37 devices of which a sigma is stored."""
    found = devices()
    return found[found["stored"]]


def said(words):
    page = (RESULTS / "README.md").read_text()
    return words in " ".join(page[page.index("## What usability is of") :].split())


def test_the_page_of_devices_is_what_the_command_prints():
    assert OPEN + lines() + CLOSE in (RESULTS / "devices.md").read_text()


def test_the_figure_is_drawn_from_the_table():
    import pandas

    shown = pandas.read_csv(RESULTS / "tables" / "definitions" / "fig_definitions.csv")
    assert shown["sigma_whole"].tolist() == pytest.approx(devices()["sigma_whole"].tolist(), rel=1e-3)
    assert len(shown) == 43


def test_where_the_windows_lie(rows):
    limited, good = rows["at_limit_authors"] >= 0.5, rows["usability_authors"] > 0.9
    returning = (rows["sweep_authors"] == "return").sum()
    assert said(f"lies on the return sweep in {returning} devices, and in {limited.sum()} at least half of its samples")
    assert said(f"Of the {good.sum()} devices with a usability above 0.9, {(good & limited).sum()} are among them")


def test_how_far_the_sigmas_differ(rows):
    ratio = rows["sigma_whole"] / rows["sigma_authors"]
    good = (rows["usability_whole"] > 0.9).sum()
    held = ((rows["low"] <= rows["sigma_authors"]) & (rows["sigma_authors"] <= rows["high"])).sum()
    assert said(f"by a factor of {ratio.median():.1f} in the median, by more than ten in {(ratio > 10).sum()} devices")
    assert said(f"{good} have a usability above 0.9, and the stored σ lies within our 95 % interval in {held}")
    limited, wide = (rows["at_limit_whole"] >= 0.5).sum(), (rows["high"] > 10 * rows["low"]).sum()
    assert said(f"in {limited} devices at least half of the window of the whole loop sits on the limit, and for {wide}")


def test_what_becomes_of_the_ranking(rows):
    limited = rows["at_limit_whole"] >= 0.5
    all_of_them, on, off = (rank_correlation(some) for some in (rows, rows[limited], rows[~limited]))
    assert said(
        f"is {all_of_them:.2f}; {on:.2f} among the {limited.sum()} devices on the limit, {off:.2f} among the other"
    )
    for best, words in ((5, "None of the five best"), (10, "5 of the ten best are in both")):
        both = (rows["rank_authors"] <= best) & (rows["rank_whole"] <= best)
        assert said(words) and both.sum() == {5: 0, 10: 5}[best]
    assert rows.loc[rows["sigma_authors"].idxmin(), "rank_whole"] == 7
    (moved,) = rows.loc[rows["sigma_authors"].round(3) == 0.604, "rank_whole"]
    assert moved == 2 and said("comes seventh; the one of 0.604 comes second")


def test_how_many_are_short_of_levels(rows):
    short, still = rows["mono_len_authors"] < LEVELS, rows["mono_len_whole"] < LEVELS
    assert said(f"{short.sum()} devices are short of {LEVELS} levels by the paper's definition, {still.sum()} over the")
    assert said(f"the monotone length of {(short & ~still).sum()} is that of the cut")
    assert not (still & ~short).any()
