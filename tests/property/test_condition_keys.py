"""A condition's key belongs to it alone, whatever texts its parts are, and does not know the order of its settings."""

from hypothesis import given
from hypothesis import strategies as st

from suite.contract import Condition

# What keys are made of, so that texts look like parts of them.
texts = st.text('ab1.,=()@"\\ ', max_size=6) | st.sampled_from(["True", "nan", "1e3", "specimen", "curve"])
values = texts | st.integers(-2, 2) | st.sampled_from([-1.0, 0.5, 1.0, 1e3]) | st.booleans()
parts = st.fixed_dictionaries(
    {
        "device": texts,
        "crossbar": texts,
        "specimen": texts,
        "settings": st.dictionaries(texts, values, max_size=3).map(lambda settings: tuple(settings.items())),
    }
)


def told_apart_by(found):
    """1, 1.0 and True are equal to Python, and three settings to us."""
    return {**found, "settings": sorted((name, type(value).__name__, value) for name, value in found["settings"])}


def key(found):
    return Condition.of(sigma_log=0.3, **found).key


@given(parts, parts, st.sampled_from(["device", "crossbar", "specimen", "settings"]))
def test_two_conditions_share_a_key_only_if_they_are_one(one, other, part):
    for changed in (other, {**one, part: other[part]}):
        assert (key(one) == key(changed)) == (told_apart_by(one) == told_apart_by(changed))


@given(parts, st.randoms())
def test_the_order_of_settings_does_not_matter(found, random):
    shuffled = tuple(random.sample(found["settings"], len(found["settings"])))
    assert key({**found, "settings": shuffled}) == key(found)
