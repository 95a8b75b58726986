"""What all tests share: one thread, as every worker has, and no time limits."""

import os

from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
