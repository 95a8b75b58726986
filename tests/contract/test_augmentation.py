"""Samples that are augmented before they are collated: what is drawn around them moves along."""

from dataclasses import replace

import pytest

from suite.checks import plainly
from tests.contract.plugins import KIT

NAME = "turned_rods"


def found(augment):
    """The score on clouds from all around of a network that was trained on clouds from one side, varied like this."""
    workload, splits = KIT.workload(NAME), KIT.splits(NAME)
    network = KIT.train(NAME, "erm", replace(splits, augment=augment(splits.augment)), workload.recipe("ci"))
    return plainly.score(workload, network, splits.tests["test"])


def clouds_alone(turned):
    def augment(samples, generator):
        return [(cloud, box) for (cloud, _), (_, box) in zip(turned(samples, generator), samples, strict=True)]

    return augment


def test_rods_from_all_around_are_found_where_boxes_turn_with_their_clouds():
    assert found(lambda turned: turned) > KIT.workload(NAME).floor[1]


@pytest.mark.parametrize("augment", [lambda turned: None, clouds_alone])
def test_and_not_otherwise(augment):
    assert found(augment) < KIT.workload(NAME).floor[1] / 2
