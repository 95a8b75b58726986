"""The study files that come with the suite, and the schema that editors read, are in step with the code."""

from __future__ import annotations

from suite.contract.registry import registry
from suite.plan.checks import check_names
from suite.studies.study import BUILT_IN, json_schema, load_study

BUILT_IN_STUDIES = sorted(path.stem for path in BUILT_IN.glob("*.yaml"))


def test_the_schema_is_the_models():
    expected = (BUILT_IN / "schema.json").read_text()
    assert expected == json_schema(), "write it anew with suite.studies.study.json_schema()"


def test_there_is_a_study_for_every_scale():
    assert {"ci", "quick", "reference", "paper"} <= set(BUILT_IN_STUDIES)


def test_built_in_studies_load_and_name_what_exists():
    for name in BUILT_IN_STUDIES:
        study = load_study(name)
        assert study.name == name
        assert (BUILT_IN / f"{name}.yaml").read_text().startswith("# "), name
        check_names(study, registry())
