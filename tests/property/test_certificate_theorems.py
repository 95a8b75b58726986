"""The theorems behind certificates, by exact enumeration: overlap, validity, tightness, and what happens one fault on.

Nets of six weights (2-2-1) have 3^6 = 729 masks, so that smoothed scores are sums, not samples.
"""

from itertools import product

import numpy as np
import pytest

from suite.certify.bounds import KINDS, NOTHING, Masks, needed, radii

ATOMS = np.array([0.0, 0.5, 1.0])
WEIGHTS = 6
GRID = np.array(list(product(range(3), repeat=WEIGHTS)))
NETS, BATCH = 20_000, 500
CASES, TIGHT = 2_000, 300


def random_law(random, low=0.3, high=0.95):
    return Masks(random.uniform(low, high), random.uniform(0.05, 1.0))


def mask_probabilities(laws):
    """(nets, 729) probabilities of the masks of GRID."""
    single = np.array([law.probabilities for law in laws])
    return np.prod(single[:, GRID], axis=2)


def nets(random, count):
    """(count, 6) weights, (count, 3) biases and (count, 2) inputs of 2-2-1 nets."""
    return random.normal(0, 2, (count, WEIGHTS)), random.normal(0, 0.5, (count, 3)), random.normal(0, 1, (count, 2))


def class_one(weights, biases, inputs):
    """(count, ...) whether 2-2-1 ReLU nets with weights (count, ..., 6) say class 1."""
    biases, inputs = (np.expand_dims(value, tuple(range(1, weights.ndim - 1))) for value in (biases, inputs))
    first = np.maximum(0, weights[..., 0] * inputs[..., 0] + weights[..., 1] * inputs[..., 1] + biases[..., 0])
    second = np.maximum(0, weights[..., 2] * inputs[..., 0] + weights[..., 3] * inputs[..., 1] + biases[..., 1])
    return weights[..., 4] * first + weights[..., 5] * second + biases[..., 2] > 0


def smoothed(net, probabilities, factors=1.0):
    """(count,) exact probability of class 1 under masks, with (count, 6) fault factors on the weights."""
    weights, biases, inputs = net
    return (class_one((weights * factors)[:, None, :] * ATOMS[GRID], biases, inputs) * probabilities).sum(1)


def random_faults(random, count):
    """(count, 6) factors of up to six cells with faults of one kind per net; (count,) names of the kinds."""
    kinds = random.choice(["any", "half_double", "dead"], count)
    values = {
        "any": random.normal(0, 8, (count, WEIGHTS)),
        "half_double": random.choice([0.5, 2.0], (count, WEIGHTS)),
        "dead": np.zeros((count, WEIGHTS)),
    }
    chosen = np.select([(kinds == kind)[:, None] for kind in values], list(values.values()))
    cells = random.integers(0, WEIGHTS + 1, count)
    where = random.random((count, WEIGHTS)).argsort(1) < cells[:, None]
    return np.where(where, chosen, 1.0), kinds, cells


def batches(seed):
    """Enumerated nets with faults: scores of class 1 without and with them, laws, kinds, numbers of faulty cells."""
    random = np.random.default_rng(seed)
    for _ in range(NETS // BATCH):
        laws = [random_law(random) for _ in range(BATCH)]
        net, probabilities = nets(random, BATCH), mask_probabilities(laws)
        factors, kinds, cells = random_faults(random, BATCH)
        yield smoothed(net, probabilities), smoothed(net, probabilities, factors), laws, kinds, cells


@pytest.fixture(scope="module")
def enumerated():
    """All nets as arrays; the score of the smoothed prediction, and of the same class under faults."""
    before, after, laws, kinds, cells = (np.concatenate(part) for part in zip(*batches(1), strict=True))
    one = before >= 0.5
    return np.where(one, before, 1 - before), np.where(one, after, 1 - after), laws, kinds, cells


def test_the_overlap_is_the_mass_that_a_cell_shares_with_itself_under_a_fault():
    random = np.random.default_rng(0)
    deltas = {
        "dead": lambda: 0.0,
        "half_double": lambda: random.choice([0.5, 2.0]),
        "any": lambda: random.normal(0, 2),
    }
    for kind, delta in product(deltas, range(CASES)):
        law, factor = random_law(random, 0.01, 0.99), deltas[kind]()
        mass = dict(zip(ATOMS, law.probabilities, strict=True))
        faulty = {}
        for value, share in mass.items():
            faulty[factor * value] = faulty.get(factor * value, 0.0) + share
        shared = sum(min(share, faulty.get(value, 0.0)) for value, share in mass.items())
        assert shared == pytest.approx(law.overlap(kind), abs=1e-12), (kind, delta, law)


def test_scores_move_no_further_than_theorem_a_says(enumerated):
    before, after, laws, kinds, cells = enumerated
    omega = np.array([law.overlap(kind) ** n for law, kind, n in zip(laws, kinds, cells, strict=True)])
    used = np.abs(after - before)[omega < 1] / (1 - omega[omega < 1])
    assert used.max() <= 1 + 1e-9
    # The bound is of the right size, so that a mistake in it would be seen.
    assert used.max() > 0.95


def test_what_is_certified_keeps_its_class(enumerated):
    before, after, laws, kinds, cells = enumerated
    certified = np.array(
        [radii(kind, score, law, WEIGHTS) >= n for kind, score, law, n in zip(kinds, before, laws, cells, strict=True)]
    )
    faulty, flipped = cells > 0, after <= 0.5
    for kind in KINDS:
        assert (certified & faulty & (kinds == kind)).sum() >= 1_000
        assert not (certified & flipped & (kinds == kind)).any()
        # Some of what is not certified does change its class: the faults are of a strength that can be seen.
        assert (flipped & (kinds == kind)).sum() >= 50


def test_dead_cells_leave_at_least_what_theorem_b_says(enumerated):
    before, after, laws, kinds, cells = enumerated
    dead = kinds == "dead"
    shared = np.array([law.rate**n for law, n in zip(laws, cells, strict=True)])
    assert (after >= (before - 1 + shared) / shared - 1e-9)[dead].all()


def worst_score(law, score, factor, cells):
    """What is left of a smoothed score over three cells, of which the first `cells` have a fault, for the worst f in
    [0, 1] with that score (Neyman and Pearson): mass is put where the fault takes most of it away."""
    single = np.array(law.probabilities)
    masks = np.array(list(product(range(3), repeat=3)))
    points, law_before = [tuple(ATOMS[mask]) for mask in masks], np.prod(single[masks], axis=1)
    law_after = {}
    for point, mass in zip(points, law_before, strict=True):
        moved = tuple(factor * value if cell < cells else value for cell, value in enumerate(point))
        law_after[moved] = law_after.get(moved, 0.0) + mass
    pairs = [(law_after.get(point, 0.0), mass) for point, mass in zip(points, law_before, strict=True)]
    pairs = sorted((pair for pair in pairs if pair[1] > 0), key=lambda pair: pair[0] / pair[1])
    # f is 1 on the masks whose mass the fault cuts most, and 0 where only the fault leads.
    left, found = score, 0.0
    for kept, mass in pairs:
        share = min(1.0, left / mass)
        found, left = found + share * kept, left - share * mass
    return found


@pytest.mark.parametrize("cells", [1, 2, 3])
def test_neither_theorem_can_be_improved_without_knowing_the_network(cells):
    random = np.random.default_rng(cells)
    for _ in range(TIGHT // 3):
        law, score = random_law(random, 0.3, 0.95), random.uniform(0.5, 1)
        shared = law.rate**cells
        generic = worst_score(law, score, random.uniform(2.1, 5), cells)
        assert generic == pytest.approx(max(0.0, score - (1 - shared)), abs=1e-9)
        dead = worst_score(law, score, 0.0, cells)
        assert dead == pytest.approx(max(0.0, (score - 1 + shared) / shared), abs=1e-9)


def test_the_worst_network_flips_one_fault_beyond_its_radius():
    random, flipped = np.random.default_rng(4), {"any": 0, "dead": 0}
    for kind, _ in product(flipped, range(TIGHT)):
        law, score = random_law(random, 0.5, 0.9), random.uniform(0.5, 1)
        factor = 0.0 if kind == "dead" else random.uniform(2.1, 5)
        radius = int(radii(kind, score, law, 10**6))
        if radius > 2:
            continue
        assert worst_score(law, score, factor, radius) > 0.5
        assert worst_score(law, score, factor, radius + 1) <= 0.5
        flipped[kind] += 1
    assert min(flipped.values()) >= 50


def test_the_printed_bound_certifies_what_does_not_hold():
    """One weight of 1, f = 1 where it reads above 3/4, p = (0.1, 0.1, 0.8): the bound as printed in arXiv:2412.02779,
    p1^r (1 - p2)^(n - r) >= 3/2 - F, in our decoding of it, would let delta = 1/2 pass with r = 0."""
    law = Masks(0.1, 0.1 / 0.9)
    probabilities = np.array(law.probabilities)
    np.testing.assert_allclose(probabilities, [0.1, 0.1, 0.8])
    score, under_fault = ((factor * ATOMS > 0.75) @ probabilities for factor in (1.0, 0.5))
    assert score == pytest.approx(0.8)
    assert law.rate**0 * (1 - probabilities[1]) ** 1 >= 1.5 - score
    assert under_fault == 0
    # Ours does not certify it: halving shares no more than p1 + min(p2, p3) = 0.2.
    assert score <= needed("half_double", 1, law)
    assert radii("half_double", score, law, 1) == 0


def test_the_printed_bound_says_nothing_about_networks_of_use():
    weights, p1, p2, score = 61_706, 0.5, 0.25, 0.99
    most = (np.log(1.5 - score) - weights * np.log(1 - p2)) / (np.log(p1) - np.log(1 - p2))
    assert most == pytest.approx(-43_779, abs=1)
    assert radii("dead", score, Masks(p1), weights) == 5


def test_nothing_is_certified_without_a_majority():
    assert (radii("dead", np.array([0.0, 0.3, 0.5]), Masks(0.9), 9) == NOTHING).all()
