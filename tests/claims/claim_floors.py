"""A training at the scale `quick` reaches the floor of its workload, and that lies at least halfway from chance to what
is reached: every workload file, drop-ins included. `make test` holds what the scale `ci` shows of it."""

from dataclasses import replace

import pytest

from suite.checks import plainly
from suite.checks.check import Lacking
from suite.checks.scores import training_reaches_the_floor
from tests.claims.receipts import HOUSE
from tests.contract.plugins import ALL, KIT

FILES = (
    "suite/methods/erm.py",
    "tests/contract/dropins/workloads/blob_detector.py",
    "tests/contract/dropins/workloads/elman.py",
    "tests/contract/dropins/workloads/hopfield.py",
    "tests/contract/dropins/workloads/prompted.py",
    "tests/contract/dropins/workloads/state_machine.py",
    "tests/contract/dropins/workloads/turned_rods.py",
    "workloads/cifar_alexnet.py",
    "workloads/cifar_mobilenet.py",
    "workloads/cifar_resnet.py",
    "workloads/cifar_resnext.py",
    "workloads/cov_neutralisation.py",
    "workloads/cov_neutralisation_leaky.py",
    "workloads/crossbar_10x10.py",
    "workloads/digits_logistic.py",
    "workloads/glycan_kingdom.py",
    "workloads/glycan_species.py",
    "workloads/hiv_neutralisation.py",
    "workloads/kitti_pointpillars.py",
    "workloads/mason_her2.py",
    "workloads/mnist_lenet.py",
    "workloads/mnist_mlp.py",
    "workloads/neurram_cifar.py",
    "workloads/neurram_mnist.py",
    "workloads/neurram_rbm.py",
    "workloads/neurram_speech.py",
    "workloads/vlm_small.py",
    "workloads/vlm_smollm2_cifar.py",
    "workloads/vlm_smollm2_coco.py",
    "workloads/vsa_fsm.py",
    "workloads/vsa_fsm_sparse.py",
    "workloads/vsa_fsm_spiking.py",
)
# Of a language model that few have; what else is lacking leaves the claim without a receipt.
MAY_LACK = ("vlm_smollm2_cifar", "vlm_smollm2_coco")
QUICK = replace(KIT, longest="quick")


@pytest.mark.parametrize("entry", ALL.entries("workload"), ids=lambda entry: entry.name)
def test_training_reaches_the_floor(entry, measured):
    assert str(entry.path.relative_to(HOUSE)) in FILES
    try:
        training_reaches_the_floor(QUICK, entry)
    except Lacking as reason:
        if entry.name not in MAY_LACK:
            pytest.skip(f"{entry.name}: {reason}")
        measured(entry.name, "not held: its model is not here")
        return
    workload, tests = QUICK.workload(entry.name), QUICK.splits(entry.name, "quick").tests
    reached = plainly.score(workload, QUICK.trained(entry.name, "quick"), next(iter(tests.values())))
    measured(f"{entry.name}, {workload.floor[0]} at quick", round(plainly.sign(workload) * reached, 4))
