"""Any glycan: its tree has parents first, and no order of branches changes it."""

from hypothesis import given
from hypothesis import strategies as st

from suite.data.sources._glycans import tree

SUGARS, BONDS = st.sampled_from(["Gal", "GlcNAc", "Man", "Fuc"]), st.sampled_from(["a1-2", "b1-4", "?1-?"])
# A sugar with what hangs on it: (sugar, [(bond, glycan), ...]).
GLYCANS = st.recursive(
    st.tuples(SUGARS, st.just([])),
    lambda glycan: st.tuples(SUGARS, st.lists(st.tuples(BONDS, glycan), min_size=1, max_size=3)),
    max_leaves=12,
)


def written(glycan, order):
    """IUPAC-condensed: the last branch in line, the ones before it in brackets; order sorts branches."""
    sugar, branches = glycan
    texts = [f"{written(inner, order)}({bond})" for bond, inner in order(branches)]
    return "".join([*texts[-1:], *(f"[{text}]" for text in texts[:-1]), sugar])


@given(GLYCANS, st.randoms(use_true_random=False))
def test_the_order_of_branches_does_not_matter(glycan, random):
    found = tree(written(glycan, list))
    assert tree(written(glycan, lambda branches: random.sample(branches, len(branches)))) == found
    assert found.labels[0] == glycan[0]
    assert found.parents[0] == -1
    assert all(0 <= above < child for child, above in enumerate(found.parents) if child)
