"""Study files: short forms, defaults, and messages that name the file, the field and the fix."""

import json
from typing import get_args

import pytest
import yaml
from jsonschema import Draft202012Validator

from suite.contract import Scale
from suite.studies.study import BUILT_IN, Study, StudyError, json_schema, load_study
from tests.toys import toy_study


def message(path):
    with pytest.raises(StudyError) as caught:
        load_study(path)
    return str(caught.value)


def written(folder, text):
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("change", "field", "rest"),
    [
        ({"realisation": 3}, "realisation", "unknown key, did you mean 'realisations'? (known: conditions, "),
        ({"tuning": {"trails": 3}}, "tuning.trails", "unknown key, did you mean 'trials'?"),
        ({"methods": {"erm": {"tunning": "gp"}}}, "methods.erm.tunning", "unknown key, did you mean 'tuning'?"),
        ({"conditions": [{"usabilty": [0.9]}]}, "conditions.0.usabilty", "unknown key, did you mean 'usability'?"),
        (
            {"crossbars": {"weights": {"cell": "weights"}}},
            "crossbars.weights.cell",
            "unknown key, did you mean 'cells'",
        ),
        ({"conditions": [{"usability": [0]}]}, "conditions.0.usability.0", "usability = exp(-sigma) lies in (0, 1]"),
        ({"conditions": [{"usability": [0.9, 1.2]}]}, "conditions.0.usability.1", "lies in (0, 1], got 1.2; give a"),
        ({"conditions": [{"usability": [float("nan")]}]}, "conditions.0.usability.0", "lies in (0, 1], got nan"),
        ({"conditions": [{"sigma_log": [-0.1]}]}, "conditions.0.sigma_log.0", "must be finite and >= 0, got -0.1"),
        ({"conditions": [{"sigma_log": [float("inf")]}]}, "conditions.0.sigma_log.0", "must be finite"),
        ({"conditions": [{"usability": [0.9, 0.9]}]}, "conditions", "given twice: lognormal(sigma_log=0.105360516)@w"),
        (
            {"conditions": [{"usability": [1.0]}, {"sigma_log": [0.0]}]},
            "conditions",
            "given twice: lognormal(sigma_log=0)",
        ),
        ({"conditions": [{"grid": "paper", "sigma_log": [0.3]}]}, "conditions", "remove the repetition"),
        (
            {"conditions": [{"device": "lognormal"}]},
            "conditions",
            "no level given for toy; add usability, sigma_log or grid",
        ),
        ({"conditions": []}, "conditions", "at least 1 item"),
        ({"workloads": {"toy": {"methods": ["ermm"]}}}, "workloads.toy.methods", "'ermm' is not among ['"),
        (
            {"conditions": [{"usability": [0.9], "crossbar": "circuit"}]},
            "conditions",
            "'circuit' is not among ['weights']",
        ),
        ({"seeds": [0, 1, 0]}, "seeds", "each only once, got [0, 1, 0]"),
        ({"seeds": []}, "seeds", "give at least one"),
        ({"seeds": [1_000_000]}, "seeds", "kept for tuning"),
        ({"seeds": -1}, "seeds", "give at least one"),
        ({"workloads": []}, "workloads", "at least 1 item"),
        ({"workloads": ["toy", "toy"]}, "workloads", "each only once"),
        ({"workloads": None}, "workloads", "Field required"),
        ({"methods": []}, "methods", "at least 1 item"),
        ({"methods": ["erm", "erm"]}, "methods", "a list has names, each only once"),
        ({"methods": ["erm", {"bayesmulti": {}}]}, "methods", "with options, write a mapping"),
        ({"methods": {"on weights": {"method": "erm"}}}, "methods", "label 'on weights': use letters, digits, '-' and"),
        ({"methods": {"../erm": {"method": "erm"}}}, "methods", "label '../erm': use letters"),
        ({"methods": ["/erm"]}, "methods", "label '/erm': use letters"),
        ({"methods": {"erm/": {"method": "erm"}}}, "methods", "label 'erm/': use letters"),
        ({"methods": {"": {"method": "erm"}}}, "methods", "label '': use letters"),
        ({"realisations": 0}, "realisations", "greater than or equal to 1"),
        (
            {"precision": {"half_width": 0.01, "most_realisation": 20}},
            "precision.most_realisation",
            "unknown key, did you mean 'most_realisations'",
        ),
        ({"precision": {"half_width": 0}}, "precision.half_width", "greater than 0"),
        ({"precision": {"half_width": 0.01}, "seeds": 1}, "seeds", "precision takes a pilot of at least two"),
        ({"precision": {"half_width": 0.01}, "realisations": 1}, "realisations", "a pilot of at least two"),
        (
            {"precision": {"half_width": 0.01, "most_realisations": 4}, "realisations": 5},
            "precision.most_realisations",
            "4 is below the pilot's realisations (5); raise it",
        ),
        ({"scale": "huge"}, "scale", "'ci', 'quick', 'reference' or 'paper'"),
        ({"name": "a/b"}, "name", "use letters, digits, '-' and '_' only"),
        ({"plugins": ["nowhere"]}, "plugins", "nowhere; create it or correct the path"),
    ],
)
def test_a_bad_field_is_named_with_its_file_and_the_fix(tmp_path, change, field, rest):
    path = toy_study(tmp_path, **change)
    assert message(path).startswith(f"{path}: field {field}: ")
    assert rest in message(path)


def test_every_mistake_is_told_at_once(tmp_path):
    lines = message(toy_study(tmp_path, scale="huge", realisations=0, colour="red")).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["field scale", "field realisations", "field colour"]


@pytest.mark.parametrize(
    ("text", "rest"),
    [("name: [toy\nscale: ci", "not a YAML file: "), ("- toy", "a study is a mapping of fields"), ("", "found None")],
)
def test_what_is_no_yaml_mapping_is_refused(tmp_path, text, rest):
    path = written(tmp_path, text)
    assert message(path).startswith(f"{path}: ")
    assert rest in message(path)


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xff\xfe\x00\x81")
    assert "not a YAML file" in message(path)


def test_a_file_that_is_not_there(tmp_path):
    assert (
        message(tmp_path / "no.yaml")
        == f"{tmp_path}/no.yaml: no such study file; `suite list` shows the built-in studies"
    )


def test_the_closest_built_in_study_is_offered():
    assert message("quik").startswith("no study 'quik', did you mean 'quick'? (known: ablations, ci, ")


@pytest.mark.parametrize("path", sorted(BUILT_IN.glob("*.yaml")), ids=lambda path: path.stem)
def test_built_in_studies_are_sound_and_fit_the_schema(path):
    study = load_study(path.stem)
    assert study.name == path.stem
    assert study.scale == path.stem or path.stem not in get_args(Scale)
    assert study.reference == path.stem
    assert path.read_text().startswith("# ")
    Draft202012Validator(json.loads(json_schema())).validate(yaml.safe_load(path.read_text()))


def test_the_committed_schema_is_that_of_the_code():
    """Written by: python -c "from suite.studies.study import json_schema; print(json_schema(), end='')"."""
    assert (BUILT_IN / "schema.json").read_text() == json_schema()


def test_short_forms(tmp_path):
    study = load_study(toy_study(tmp_path, seeds=3, methods=["erm", "bayesmulti"]))
    assert study.seeds == (0, 1, 2)
    assert {label: entry.method for label, entry in study.methods.items()} == {"erm": "erm", "bayesmulti": "bayesmulti"}


def test_a_label_may_name_another_method_file(tmp_path):
    entry = {"method": "bayesmulti", "options": {"target": "weight"}}
    study = load_study(toy_study(tmp_path, methods={"bayesmulti": None, "bayesmulti/on-weights_2": entry}))
    assert [entry.method for entry in study.methods.values()] == ["bayesmulti", "bayesmulti"]
    assert study.methods["bayesmulti/on-weights_2"].options == {"target": "weight"}


def test_the_papers_grid_is_the_default(tmp_path):
    study = load_study(toy_study(tmp_path, conditions=None))
    conditions = study.conditions_of(next(iter(study.workloads)))
    assert len(conditions) == 27
    usabilities = {round(condition.usability, 9) for condition in conditions}
    assert {1.0, 0.05, 0.74, 0.69, 0.57} <= usabilities
    assert {0.3, 0.5, 0.8, 1.2} <= {condition.sigma_log for condition in conditions}


def test_conditions_may_be_of_some_workloads_alone(tmp_path):
    own = {"usability": [0.3], "workloads": ["mnist_mlp"]}
    study = load_study(toy_study(tmp_path, workloads=["toy", "mnist_mlp"], conditions=[{"usability": [1.0]}, own]))
    assert [condition.usability for condition in study.conditions_of("toy")] == [1.0]
    assert [condition.usability for condition in study.conditions_of("mnist_mlp")] == [1.0, 0.3]


def test_conditions_of_a_workload_that_is_not_swept_are_refused(tmp_path):
    with pytest.raises(StudyError, match=r"conditions: workloads: 'mnist_mlp' is not among \['toy'\]"):
        load_study(toy_study(tmp_path, conditions=[{"usability": [1.0], "workloads": ["mnist_mlp"]}]))
    with pytest.raises(StudyError, match="no level given for toy"):
        load_study(
            toy_study(
                tmp_path,
                workloads=["toy", "mnist_mlp"],
                conditions=[{"usability": [1.0], "workloads": ["mnist_mlp"]}],
            )
        )


def test_minus_zero_is_zero(tmp_path):
    study = load_study(toy_study(tmp_path, conditions=[{"sigma_log": [-0.0]}]))
    (condition,) = study.conditions_of(next(iter(study.workloads)))
    assert condition.key == "lognormal(sigma_log=0)@weights"


@pytest.mark.parametrize("named", ["toy.yaml", "../mine/toy.yaml"])
def test_every_path_is_read_from_where_the_study_lies(tmp_path, monkeypatch, named):
    monkeypatch.setattr("suite.studies.levels.specimens", lambda *named: ())
    toy_study(
        tmp_path / "mine",
        scale="quick",
        methods={"mine": {"method": "external", "state": "states/{workload}-{seed}.pt"}},
        conditions=[{"usability": [0.5], "fits": ["fit.json"]}],
        tuning={"warm_start": "../cheap.yaml"},
    )
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / ("mine" if named == "toy.yaml" else "elsewhere"))
    study = load_study(named)
    assert study.plugins == (tmp_path / "mine" / "own",)
    assert study.conditions[0].fits == (tmp_path / "mine" / "fit.json",)
    assert study.methods["mine"].state == str(tmp_path / "mine" / "states" / "{workload}-{seed}.pt")
    assert study.tuning.warm_start == str(tmp_path / "cheap.yaml")


def test_absolute_paths_and_those_of_a_home_stay(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for given, found in (
        (tmp_path / "{seed}.pt", tmp_path / "{seed}.pt"),
        ("~/{seed}.pt", tmp_path / "home/{seed}.pt"),
    ):
        study = load_study(toy_study(tmp_path, methods={"mine": {"method": "external", "state": str(given)}}))
        assert study.methods["mine"].state == str(found)


def test_a_warm_start_by_name_is_no_path(tmp_path):
    assert load_study(toy_study(tmp_path, tuning={"warm_start": "ci"})).tuning.warm_start == "ci"


def test_a_study_says_how_it_is_called_and_where_its_fields_are(tmp_path):
    path = toy_study(tmp_path)
    assert load_study(path).reference == str(path)
    assert load_study(path).at("seeds") == f"{path}: field seeds"
    made = Study(name="mine", scale="ci", workloads=("toy",), methods=["erm"])
    assert (made.reference, made.at("seeds")) == ("mine", "study mine: field seeds")
