"""`suite check`: every check on a file that breaks it, and what is said of folders that cannot be checked."""

import pytest

from suite.checks.check import Violation
from suite.checks.kit import Kit
from suite.checks.outcomes import outcomes
from suite.checks.table import CHECKS
from suite.contract.registry import registry
from tests.toys import DEVICE, METHOD, NAN_OUTPUT, WORKLOAD, plugin, refused, suite

TEXTS = {"workload": WORKLOAD, "method": METHOD, "device": DEVICE}
MODEL = "return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))"
SCORES = 'return {"accuracy": accuracy(outputs, targets)}'


def given(more):
    """An edit of the workload: one more argument."""
    return 'floor=("accuracy", 0.8),', f'floor=("accuracy", 0.8),\n    {more},'


def method(space="return {}", attach="return []", more=""):
    """An edit of the method: functions of its own."""
    text = "from suite.contract import Method, NotApplicable, Range\n\n\n"
    text += f"def space(network, arrays, **options):\n    {space}\n\n\n"
    text += f"def attach(network, arrays, params, generator, **options):\n    {attach}\n\n\n"
    called = f'METHOD = Method(title="Plain", source="tests", space=space, attach=attach{more})'
    return METHOD[METHOD.index("from suite") :], text + called


def hook(factor, handles="[handle]"):
    """The body of an `attach` that puts one hook on the output."""
    body = "import random, torch\n    last = [*network.modules()][-1]\n    "
    return f"{body}handle = last.register_forward_hook(lambda m, i, o: o * ({factor}))\n    return {handles}"


COUNTED = [
    ("from suite.contract", "import itertools\n\nfrom suite.contract"),
    ("def scores", "CALLS = itertools.count()\n\n\ndef scores"),
    (SCORES, 'return {"accuracy": (next(CALLS) % 7) / 7}'),
]
SHIFTED = (
    MODEL,
    """class Shifted(nn.Sequential):
            def forward(self, x):
                return super().forward(x) + self.shift

        import torch
        found = Shifted(nn.Linear(2, 2))
        found.shift = float(torch.rand(()))
        return found""",
)
SPARE = (MODEL, f"import torch\n        {MODEL.replace('return', 'found =')}")
SPARE = (SPARE[0], f'{SPARE[1]}\n        found.register_buffer("spare", torch.ones(3))\n        return found')
MADE = (
    MODEL,
    """class Made(nn.Sequential):
            def forward(self, x):
                return super().forward(x) if self.made is None else x @ self.made.T

        found = Made(nn.Linear(2, 2))
        found.register_buffer("made", None)
        return found""",
)
NOISY = "lambda seen: {'x': torch.rand(2).numpy()}"
OBSERVED = [
    ("from suite.contract import Recipe", "import torch\nfrom suite.contract import Observation, Recipe"),
    given(f"observations={{'x': Observation('X', {{'x': ('sample',)}}, {NOISY})}}"),
]
DRIFTS = """def adapt(workload, chip, splits, recipe, generator):
    chip.network[2].bias.data.add_(random.random())"""
REFUSES = 'if options["kind"] == "b":\n        raise NotApplicable("own: no")\n    return {}'
# (check, kind, edits of a sound file, what is said)
BROKEN = [
    ("it_is_usable_and_its_name_is_plain", "method", [("import Method", "import Methode")], "it raises ImportError at"),
    (
        "its_title_tells_it_apart",
        "method",
        [('"Plain"', '"ERM"')],
        r"that no other method has; found 'ERM' in .*erm.py",
    ),
    ("its_title_tells_it_apart", "device", [('"Twice"', '"Twice "')], "without blanks around it; found 'Twice '"),
    ("it_names_its_source", "method", [('"tests"', '" "')], "expected a source; found ' '"),
    ("it_begins_with_a_docstring", "method", [("Plain training under another name", "Plain")], "found 'Plain.'; say"),
    (
        "of_the_suite_it_imports_the_contract_and_what_files_share_alone",
        "method",
        [("from suite", "import suite.contract.seeds\nfrom suite")],
        r"found \['suite.contract', 'suite.contract.seeds'\]",
    ),
    (
        "heavy_libraries_wait_inside_functions",
        "method",
        [("from suite", "import torch\nfrom suite")],
        "found torch; imp",
    ),
    ("measures_and_recipes_are_sound", "workload", [("epochs=20", "epochs=0")], r"recipe\('ci'\) above 0; found {'ep"),
    (
        "data_is_there_and_says_what_it_is",
        "workload",
        [('"toy:', '"synthetic:')],
        "standin=True where data are made up",
    ),
    (
        "data_of_one_seed_is_the_same_bytes",
        "workload",
        [(", generator=torch.Generator().manual_seed(number)", "")],
        "found others in test, train, validation",
    ),
    ("no_input_lies_in_two_splits", "workload", [("split(2)", "split(1)")], "{'train and validation': 30}"),
    (
        "augmentation_comes_from_its_generator_and_leaves_the_data",
        "workload",
        [
            (
                "def scores",
                "def varied(inputs, generator):\n    return inputs + inputs.new_empty(()).normal_()\n\n\ndef scores",
            ),
            ('"toy:half-planes")', '"toy:half-planes", augment=varied)'),
        ],
        "equal variations from equal generators; found others",
    ),
    (
        "frozen_parts_come_from_their_file_alone",
        "workload",
        [given("frozen=lambda network: {'0.bias': network[0].bias}")],
        "frozen parts that another generator leaves as they are; found others in 0.bias",
    ),
    ("a_network_comes_from_its_generator_alone", "workload", [("with seeded(generator)", "if True")], "global stream"),
    (
        "arrays_are_tensors_of_the_state",
        "workload",
        [given('arrays=lambda network: {"0.weight": network[0].weight * 1}')],
        "'0.weight' to be the tensor of that name; found another",
    ),
    (
        "arrays_are_tensors_of_the_state",
        "workload",
        [given('arrays=lambda network: {"first": network[0].weight}')],
        r"'first' to be a name of network.state_dict\(\); found \['0.bias'",
    ),
    (
        "every_array_is_read",
        "workload",
        [SPARE, given('arrays=lambda network: {"spare": network.spare}')],
        "other outputs with zeros in 'spare'; found the same",
    ),
    ("a_state_survives_the_store", "workload", [SHIFTED], "the outputs of the network that was stored; found others"),
    (
        "one_step_lowers_the_loss_of_its_batch",
        "workload",
        [given("loss=lambda outputs, targets: 0 * outputs.sum()")],
        "a loss below 0 after one step; found 0",
    ),
    (
        "the_ideal_condition_is_the_clean_score",
        "workload",
        COUNTED,
        "the sweep's scores to be {'accuracy': 0.7[0-9]*}; found {'accuracy': 0.0}",
    ),
    ("a_noisy_condition_is_the_score_of_a_copy_with_noisy_weights", "workload", COUNTED, "the sweep's scores to be {"),
    (
        "an_array_that_is_made_is_what_the_network_computes",
        "workload",
        [MADE, given('arrays=lambda network: {"made": -network[0].weight}')],
        r"the scores {'accuracy': 0.8[0-9]*} with its arrays in place; found {'accuracy': 0.1",
    ),
    (
        "constant_predictions_have_a_score",
        "workload",
        [(SCORES, 'return {"accuracy": accuracy(outputs, targets) if outputs.std(0).min() > 0 else float("nan")}')],
        "expected finite scores; found {'accuracy': nan}",
    ),
    (
        "training_reaches_the_floor",
        "workload",
        [('floor=("accuracy", 0.8)', 'floor=("accuracy", 0.5)')],
        "a floor better than chance; found acc",
    ),
    (
        "training_reaches_the_floor",
        "workload",
        [('floor=("accuracy", 0.8)', 'floor=("accuracy", 0.6)')],
        "a floor at least halfway from chance to",
    ),
    (
        "training_reaches_the_floor",
        "workload",
        [('floor=("accuracy", 0.8)', 'floor=("accuracy", 1.1)')],
        "training to reach the floor; found acc",
    ),
    (
        "outputs_that_are_not_finite_count_as_wrong",
        "workload",
        [(SCORES, 'return {"accuracy": float((outputs.argmax(1) == targets).float().mean())}')],
        "accuracy no better than its chance level 0.5; found 0.9",
    ),
    (
        "random_weights_do_not_reach_the_floor",
        "workload",
        [('floor=("accuracy", 0.8)', 'floor=("accuracy", 0.0)')],
        "less than the floor 0; found",
    ),
    ("an_observation_is_as_declared_and_the_same_bytes_every_time", "workload", OBSERVED, "the same x every time"),
    (
        "the_probe_lies_in_the_range",
        "method",
        [method('return {"rate": Range(0.0, 1.0, probe=2.0)}')],
        "'rate' with low <= probe <= high; found Range",
    ),
    (
        "noise_is_off_in_evaluation_and_leaves_no_trace",
        "method",
        [method(attach=hook("2.0"))],
        "the outputs of toy unchanged in evaluation; found others",
    ),
    (
        "noise_is_off_in_evaluation_and_leaves_no_trace",
        "method",
        [method(attach=hook("1 + m.training", "[]"))],
        r"no hook once the noise is off; found hooks on \['2'\]",
    ),
    (
        "equal_streams_train_to_equal_bytes",
        "method",
        [method(attach=hook("random.random() if m.training else 1"))],
        "equal trainings of toy from equal streams; found others",
    ),
    (
        "every_option_value_works_somewhere",
        "method",
        [method(REFUSES, more=', options={"kind": ("a", "b")}')],
        r"on one of toy; found none for \[\('kind', 'b'\)\]",
    ),
    (
        "a_draw_belongs_to_its_generator",
        "device",
        [("randn(shape, generator=generator)", "ones(shape)")],
        "found the same",
    ),
    (
        "what_a_device_calls_ideal_changes_nothing",
        "device",
        [("(2.0 *", "0.5 * (2.0 *"), ("settings=", "ideal=lambda condition: condition.sigma_log == 0.0, settings=")],
        r"weights unchanged in own\(sigma_log=0,strength=1.0\)@weights, as `ideal` says; found weights that differ by",
    ),
    (
        "programming_is_a_function_of_what_it_is_given",
        "device",
        [(" * targets", " * targets.mul_(2)")],
        "targets left as",
    ),
    ("programming_is_a_function_of_what_it_is_given", "device", [("(2.0 *", "(1e9 *")], "finite weights in own"),
    (
        "realisations_do_not_see_each_other",
        "device",
        [("* noise", "* (noise - noise.mean(0))")],
        "same weights one by one",
    ),
    (
        "cells_that_are_noisy_at_reading_say_so",
        "device",
        [(".exp() * targets)", ".exp() * targets, noise.abs())")],
        "conductances=True, since read_sd is in uS; found False; add it",
    ),
    (
        "every_level_matters",
        "device",
        [
            ("settings={", "levels={**SIGMA, 'seconds': Level('s', 60.0)}, settings={"),
            ("import Device", "import SIGMA, Device, Level"),
        ],
        r"other cells in own\(sigma_log=0.693147181,seconds=30\)@weights; found the same as at the example",
    ),
    (
        "an_adaptation_is_of_its_chip_and_the_same_bytes_every_time",
        "method",
        [
            ("from suite", "import random\n\nfrom suite"),
            ("METHOD =", f"{DRIFTS}\n\n\nMETHOD ="),
            ('source="tests"', 'source="tests", adapt=adapt'),
        ],
        "toy fitted twice to one chip alike; found other bytes; draw from the `generator`",
    ),
    (
        "settings_written_out_are_the_defaults",
        "device",
        [("(2.0 *", "(dict(condition.settings).get('strength', 2.0) *")],
        "the same weights with {'strength': 1.0}; found weights that differ by",
    ),
    (
        "it_fills_a_cube",
        "workload",
        [NAN_OUTPUT],
        "a run without failed units; found own erm, seed 0: .* are not finite",
    ),
]


def kit_of(folder, longest="ci"):
    return Kit((folder,), on=("toy",), small=("toy",), usual="toy", longest=longest)


@pytest.mark.parametrize(("name", "kind", "edits", "said"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_file_that_breaks_the_contract_is_told_what_was_expected_and_found(tmp_path, name, kind, edits, said):
    plugin(tmp_path, "workload", "toy", WORKLOAD)
    path = plugin(tmp_path, kind, "own", TEXTS[kind], *edits)
    kit = kit_of(tmp_path, "quick")
    (entry,) = (entry for entry in registry((tmp_path,)).entries(kind) if entry.name == "own")
    (check,) = (check for check in CHECKS if check.run.__name__ == name)
    with pytest.raises(Violation, match=said) as caught:
        for case in check.cases(kit, entry).values():
            check.hold(kit, entry, case)
    assert str(caught.value).startswith(f"{path}: expected ")
    assert len(str(caught.value).split("; ")) >= 3


def test_a_test_set_may_be_a_part_of_another(tmp_path):
    plugin(tmp_path, "workload", "toy", WORKLOAD, ('{"test": split(3)}', '{"test": split(3), "part": split(3)}'))
    result = suite("check", tmp_path)
    assert "ok       no input lies in two splits\n" in result.output


def test_there_is_a_file_that_breaks_every_check():
    assert {row[0] for row in BROKEN} == {check.run.__name__ for check in CHECKS}


def ends(folder, kind, name):
    """{check: (state, reason)} of one file."""
    (entry,) = (entry for entry in registry((folder,)).entries(kind) if entry.name == name)
    return {outcome.title: (outcome.state, outcome.reason) for outcome in outcomes(kit_of(folder), entry)}


def test_what_a_file_raises_is_told_with_its_line(tmp_path):
    path = plugin(tmp_path, "workload", "toy", WORKLOAD, (SCORES, "return {}[0]"))
    found = ends(tmp_path, "workload", "toy")
    line = path.read_text().splitlines().index("    return {}[0]") + 1
    assert found["the ideal condition is the clean score"] == ("FAILED", f"{path}:{line}: it raises KeyError: 0")
    assert found["constant predictions have a score"] == ("FAILED", "as above")
    assert found["one step lowers the loss of its batch"] == ("ok", "")


def test_options_that_cannot_be_tried_are_told(tmp_path):
    plugin(tmp_path, "workload", "toy", WORKLOAD)
    path = plugin(tmp_path, "method", "own", METHOD, ('"tests"', '"tests", options={"kind": 1}'))
    found = ends(tmp_path, "method", "own")
    assert found["the probe lies in the range"] == (
        "FAILED",
        f"{path}: it raises TypeError: 'int' object is not iterable",
    )


def test_a_workload_without_its_data_is_skipped_and_fails_nothing(tmp_path):
    missing = (
        "    import torch\n",
        "    from suite.contract import DataMissing\n    raise DataMissing('get it there')\n",
    )
    plugin(tmp_path, "workload", "toy", WORKLOAD, ("Two half planes.", f"{41 * 'x'}"), missing)
    result = suite("check", tmp_path, "--workload", "toy")
    assert result.exit_code == 0, result.output
    assert "skipped  data is there and says what it is: get it there\n" in result.output
    assert "skipped  every array is read: as above\n" in result.output
    assert "ok       a network comes from its generator alone\n" in result.output


def test_a_broken_file_is_told_with_its_import_error_and_the_others_are_held(tmp_path):
    path = plugin(tmp_path, "method", "bad", "import no_such_package")
    plugin(tmp_path, "device", "own", DEVICE, ("Log-normal noise", "Log-normal noise of cells"))
    result = suite("check", tmp_path)
    assert result.exit_code == 1
    reason = f"{path}: expected a file that can be used; found that it raises ModuleNotFoundError at import: No module"
    assert f"FAILED   it is usable and its name is plain: {reason}" in result.output
    assert "ok       realisations do not see each other\n" in result.output
    assert result.output.count("FAILED") == 2


def test_a_name_that_is_taken_is_told(tmp_path):
    plugin(tmp_path, "workload", "mnist_mlp", WORKLOAD)
    result = suite("check", tmp_path)
    assert result.exit_code == 1
    assert "mnist_mlp.py; rename the file; mend the file\n" in result.output


@pytest.mark.parametrize(
    ("inside", "given", "said"),
    [
        ((), ".", "no plug-in file in workloads, methods, devices below it; put each file into that of its kind"),
        (("own.py",), ".", "no plug-in file in workloads, methods, devices below it"),
        (("devices/own.py",), "devices", "no plug-in file in workloads, methods, devices below it; give {0} instead"),
        (("device/own.py",), ".", "{0}/device: files in it are not found; rename it devices"),
        (("devices/own.py", "Methods/mine.py"), ".", "{0}/Methods: files in it are not found; rename it methods"),
    ],
)
def test_a_folder_that_holds_no_plugins_or_misnames_them_is_refused(tmp_path, inside, given, said):
    for file in inside:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(DEVICE)
    assert said.format(tmp_path) in refused("check", tmp_path / given)


def test_a_workload_that_nobody_has_is_refused(tmp_path):
    plugin(tmp_path, "workload", "toy", WORKLOAD)
    assert "unknown workload 'toi', did you mean 'toy'?" in refused("check", tmp_path, "--workload", "toi")


def test_only_the_named_workloads_are_held_and_serve_methods(tmp_path):
    for name, title in (("toy", "Toy"), ("other", "Other")):
        plugin(tmp_path, "workload", name, WORKLOAD, ('"Toy"', f'"{title}"'))
    plugin(tmp_path, "method", "own", METHOD)
    found = suite("check", tmp_path, "--workload", "toy").output
    assert "workload other" not in found
    assert "ok       equal streams train to equal bytes (toy)\n" in found
