"""Every plug-in file, drop-ins included, fills a cube through `suite run` with no edit elsewhere."""

from suite.checks import runs
from suite.plan.context import Context
from suite.results.cube import Cube
from suite.studies.study import load_study
from tests.contract.plugins import DROPINS, held, hold

ABSENT = '''"""A workload that needs a package which nobody has."""

import no_such_package_of_ours
'''
NEEDY = '''"""A workload that needs a package which nobody has, and says so."""

from suite.contract import Recipe, Score, Workload


def data(scale, root, seed, settings):
    import no_such_package_of_ours

    return no_such_package_of_ours.splits(scale)


WORKLOAD = Workload(
    title="Needy",
    data=data,
    network=lambda generator, scale, settings: None,
    recipe=lambda scale: Recipe(1, 1, 1.0),
    measures={"accuracy": Score("Accuracy", 0.5)},
    scores=lambda outputs, targets: {"accuracy": 0.0},
    floor=("accuracy", 0.9),
    needs=("no_such_package_of_ours",),
)
'''


@held(runs)
def test_it_holds(check, entry, case):
    hold(check, entry, case)


def test_a_workload_whose_package_is_missing_is_skipped_and_breaks_no_other(tmp_path):
    (tmp_path / "own" / "workloads").mkdir(parents=True)
    (tmp_path / "own" / "workloads" / "needy.py").write_text(NEEDY)
    (tmp_path / "own" / "workloads" / "absent.py").write_text(ABSENT)
    folders = (DROPINS, tmp_path / "own")
    study = runs.write_study(tmp_path, folders, ["needy", "hopfield"], "erm", "lognormal")
    context = Context(load_study(study), tmp_path / "results")
    done, plan = runs.carry_out(context)
    assert done >= 2
    assert plan.skipped == {"needy": "needs no_such_package_of_ours: pip install no_such_package_of_ours"}
    assert list(Cube.open(context.cube).workloads) == ["hopfield"]
