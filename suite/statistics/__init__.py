"""Intervals and comparisons. The unit of replication is the seed: realisations of one training are not independent."""
