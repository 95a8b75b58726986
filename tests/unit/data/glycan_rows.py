"""Rows of a table of glycans made by hand."""

from itertools import islice, product

from suite.data.sources.glycowork import Row

SUGARS = ("Gal", "Glc", "Man", "Fuc", "Xyl")


def rows(count):
    """Distinct chains of three sugars, every second one from an animal, the others from a plant."""
    chains = islice(product(SUGARS, ("a1-3", "b1-4"), SUGARS, ("a1-2", "b1-6"), SUGARS), count)
    places = (("Homo_sapiens", "Animalia"), ("Zea_mays", "Plantae"))
    return [
        Row(f"{one}({bond}){two}({other}){three}", *places[number % 2])
        for number, (one, bond, two, other, three) in enumerate(chains)
    ]
