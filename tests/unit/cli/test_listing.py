"""What `suite list` shows."""

from suite.cli.listing import lines
from tests.toys import WORKLOAD, plugin


def test_a_heading_per_kind_and_a_line_per_file(tmp_path):
    plugin(tmp_path, "workload", "mine", WORKLOAD)
    needs = ('floor=("accuracy", 0.8),', 'floor=("accuracy", 0.8),\n    needs=("no_such_package",),')
    plugin(tmp_path, "workload", "needy", WORKLOAD, needs)
    broken = plugin(tmp_path, "device", "bad", "DEVICE = 1")
    shown = list(lines([tmp_path]))
    headings = [line for line in shown if not line.startswith(" ")]
    assert headings == ["workloads", "methods", "devices", "figures", "studies"]
    assert "  mine                   Toy" in shown
    assert "  needy                  Toy (needs: pip install no_such_package)" in shown
    assert f"  bad                    BROKEN: {broken}: DEVICE is a int, not a suite.contract.Device" in shown
    assert any(line.split()[0] == "fig2a" for line in shown)
    assert any(line.split()[0] == "quick" and len(line.split()) > 3 for line in shown)


def test_what_comes_with_the_suite_fits_a_terminal_of_80_columns():
    assert [line for entry in lines() for line in entry.splitlines() if len(line) > 80] == []
