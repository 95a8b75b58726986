"""All checks, with the kinds of files that each holds for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from suite.checks import adaptations, devices, files, methods, observations, runs, scores, workloads
from suite.checks.check import Cases, Check, once
from suite.checks.kit import Kit
from suite.contract.registry import Entry, Kind

KINDS: tuple[Kind, ...] = ("workload", "method", "device")


def _checks(
    kinds: tuple[Kind, ...], *functions: Callable[..., None], cases: Callable[[Kit, Entry], Cases] = once
) -> tuple[Check, ...]:
    return tuple(Check(function, kinds, cases) for function in functions)


CHECKS = (
    *_checks(
        KINDS,
        files.it_is_usable_and_its_name_is_plain,
        files.its_title_tells_it_apart,
        files.it_begins_with_a_docstring,
        files.of_the_suite_it_imports_the_contract_and_what_files_share_alone,
        files.heavy_libraries_wait_inside_functions,
    ),
    *_checks(("method", "device"), files.it_names_its_source),
    *_checks(
        ("workload",),
        workloads.measures_and_recipes_are_sound,
        workloads.data_is_there_and_says_what_it_is,
        workloads.data_of_one_seed_is_the_same_bytes,
        workloads.no_input_lies_in_two_splits,
        workloads.augmentation_comes_from_its_generator_and_leaves_the_data,
        workloads.a_network_comes_from_its_generator_alone,
        workloads.frozen_parts_come_from_their_file_alone,
        workloads.arrays_are_tensors_of_the_state,
        workloads.every_array_is_read,
        workloads.a_state_survives_the_store,
        workloads.one_step_lowers_the_loss_of_its_batch,
        scores.the_ideal_condition_is_the_clean_score,
        scores.a_noisy_condition_is_the_score_of_a_copy_with_noisy_weights,
        scores.an_array_that_is_made_is_what_the_network_computes,
        scores.constant_predictions_have_a_score,
        scores.training_reaches_the_floor,
    ),
    *_checks(("workload",), scores.outputs_that_are_not_finite_count_as_wrong, cases=scores.damages),
    *_checks(("workload",), scores.random_weights_do_not_reach_the_floor, cases=scores.seeds),
    *_checks(
        ("workload",),
        observations.an_observation_is_as_declared_and_the_same_bytes_every_time,
        cases=observations.declared,
    ),
    *_checks(
        ("method",),
        methods.the_probe_lies_in_the_range,
        methods.noise_is_off_in_evaluation_and_leaves_no_trace,
        methods.equal_streams_train_to_equal_bytes,
        cases=methods.trainings,
    ),
    *_checks(("method",), methods.every_option_value_works_somewhere),
    *_checks(
        ("method",),
        adaptations.an_adaptation_is_of_its_chip_and_the_same_bytes_every_time,
        cases=adaptations.chips,
    ),
    *_checks(
        ("device",),
        devices.a_draw_belongs_to_its_generator,
        devices.what_a_device_calls_ideal_changes_nothing,
        devices.programming_is_a_function_of_what_it_is_given,
        devices.cells_that_are_noisy_at_reading_say_so,
        cases=devices.shapes,
    ),
    *_checks(
        ("device",),
        devices.realisations_do_not_see_each_other,
        devices.every_level_matters,
        devices.settings_written_out_are_the_defaults,
    ),
    *_checks(KINDS, runs.it_fills_a_cube),
)


def checks_of(entry: Entry) -> Sequence[Check]:
    """The checks that hold for a file; for one that cannot be used, the first alone, which says why."""
    found = [check for check in CHECKS if entry.kind in check.kinds]
    return found[:1] if entry.value is None else found
