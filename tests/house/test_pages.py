"""Pages that show the house as it stands."""

from tests.house import study_reference
from tests.house.picture import CLOSE, OPEN, arrows, picture
from tests.house.sources import ROOT

PAGE = ROOT / "docs" / "architecture.md"


def test_the_picture_is_drawn_from_the_imports():
    shown = PAGE.read_text().partition(OPEN)[2].partition(CLOSE)[0]
    assert shown == picture(), "draw it anew: python -m tests.house.picture"


def test_the_fields_of_a_study_are_those_of_the_schema():
    page = (ROOT / "docs" / "study.md").read_text()
    shown = page.partition(study_reference.OPEN)[2].partition(study_reference.CLOSE)[0]
    assert shown == study_reference.reference(), "write it anew: python -m tests.house.study_reference"


def test_every_room_has_its_line():
    page = PAGE.read_text()
    assert [
        room
        for room in arrows()
        if not {f"`{room}`", f"`{room}/`"} & set(page.replace("|", " ").replace(",", " ").split())
    ] == []
