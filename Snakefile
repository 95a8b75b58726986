# The whole benchmark on one screen: tune and train, sweep, then draw figures and write the report.
#   snakemake --cores all                       the study `quick`
#   snakemake --cores all --config study=ci     another built-in study, or the path of a study file
configfile: "suite/run/rules/defaults.yaml"


include: "suite/run/rules/common.smk"
include: "suite/run/rules/run.smk"
include: "suite/run/rules/figures.smk"


rule all:
    default_target: True
    input:
        expand(RECEIPTS / "figures" / "{figure}.json", figure=FIGURES),
        REPORT,


onsuccess:
    tell_outcome()
