# The whole benchmark on one screen: a study's workloads are run, then every figure that its cube can feed is drawn.
#   snakemake --cores all                       the study `quick`
#   snakemake --cores all --config study=ci     another built-in study, or the path of a study file
configfile: "suite/rules/defaults.yaml"


include: "suite/rules/common.smk"
include: "suite/rules/run.smk"
include: "suite/rules/figures.smk"


rule all:
    default_target: True
    input:
        FOLDER / "receipts" / "figures.json",
