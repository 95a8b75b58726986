import sys
from pathlib import Path

from suite.study import load_study

STUDY = load_study(config["study"])
RESULTS = Path(config["results"])
FOLDER = RESULTS / STUDY.name
SUITE = f"{sys.executable} -m suite"
