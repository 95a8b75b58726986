# All rules, where to begin, and what is said at the end; the Snakefile of a checkout includes this file, whoever has
# installed the suite finds it as `suite.WORKFLOW`.
from pathlib import Path

import suite


configfile: str(Path(suite.WORKFLOW).with_name("defaults.yaml"))


include: "common.smk"
include: "run.smk"
include: "report.smk"


rule all:
    default_target: True
    input:
        rules.report.output.pages,


onsuccess:
    tell_outcome()
