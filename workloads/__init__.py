"""Workloads: one file each, `NAME.py` with `WORKLOAD = Workload(...)`."""
