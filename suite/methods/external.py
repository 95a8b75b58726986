"""Trained elsewhere: a study gives the states (`state: PATH` with {workload} and {seed}); nothing is trained."""

from suite.contract import Method

METHOD = Method(title="External", source="states given by the study")
