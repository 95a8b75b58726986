"""A user's folder with a recurrent workload, a method and a device that is never ideal passes `suite check`."""

import re
from pathlib import Path

from tests.toys import suite

OWN = Path(__file__).parent / "own"


def test_a_sound_folder_passes_file_by_file():
    result = suite("check", OWN)
    assert result.exit_code == 0, result.output
    files = ["workloads/gru.py", "methods/clipped.py", "devices/half.py"]
    heads = [f"{OWN / file}" for file in files]
    assert re.findall(r"^\w+ \w+ \((.*)\)$", result.output, re.MULTILINE) == heads
    assert "ok       equal streams train to equal bytes (mnist_mlp, mnist_lenet, gru)\n" in result.output
    assert result.output.count("ok       it fills a cube\n") == 3
    not_here = "n/a      what a device calls ideal changes nothing (5, 4x3, 6x2x3x3): it calls no condition ideal\n"
    assert not_here in result.output
    assert re.search(r"\n\d+ ok, \d n/a\n$", result.output)
