"""Keys of conditions taken apart again, and as people read them."""

from dataclasses import replace

import pytest

from suite.contract import Condition
from suite.contract.condition_words import in_words, parts

PLAIN = Condition.of(usability=0.74)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (PLAIN, "sigma 0.30 (u 0.74)"),
        (Condition.of(usability=1.0), "sigma 0.00 (u 1.00)"),
        (Condition.of(sigma_log=0.00266), "sigma 0.0027 (u 0.997)"),
        (Condition.of(sigma_log=0.09999), "sigma 0.10 (u 0.90)"),
        (replace(PLAIN, crossbar="chip"), "sigma 0.30 (u 0.74) on chip"),
        (replace(PLAIN, device="oxide"), "oxide, sigma 0.30 (u 0.74)"),
        (Condition.of(device="drifting", levels={"seconds": 86400.0}), "drifting, seconds 86400"),
        (replace(PLAIN, settings=(("mean_preserving", True),)), "sigma 0.30 (u 0.74), mean_preserving True"),
        (replace(PLAIN, specimen="MAPI 3", level_ratio=(1.0, 0.5)), "sigma 0.30 (u 0.74), MAPI 3"),
    ],
)
def test_a_condition_in_words(condition, words):
    assert in_words(condition.key) == words


@pytest.mark.parametrize("value", [1, 1.5, "1", "a,b=(c)@d", "True", True, (1, 2), {"a": [1, 2]}, 'say "so"'])
def test_a_key_is_taken_apart_as_it_was_made(value):
    told = parts(replace(PLAIN, device="a(b", crossbar="chip", settings=(("given", value), ("last", 2))).key)
    assert (told.device, told.crossbar) == ("a(b", "chip")
    assert told.numbers["sigma_log"] == pytest.approx(PLAIN.sigma_log, abs=1e-9)
    assert told.numbers["last"] == 2
    number = isinstance(value, int | float) and not isinstance(value, bool)
    assert (told.numbers if number else told.texts)["given"] == (value if number else str(value))


def test_what_is_no_key_is_refused():
    with pytest.raises(ValueError, match="'half' is no key of a condition"):
        parts("half")
