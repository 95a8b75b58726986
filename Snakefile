# The whole benchmark on one screen: tune, train and sweep, then draw figures and write the report.
#   snakemake --cores all                       the study `quick`
#   snakemake --cores all --config study=ci     another built-in study, or the path of a study file; several with commas
include: "suite/run/rules/study.smk"

# Rules of an included file are no default target of themselves.
workflow.default_target = "all"
