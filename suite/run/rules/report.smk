# Figures and reports of all studies in one command: to load what draws takes longer than to draw most figures.
rule report:
    message:
        "draw the figures of all studies and write their reports"
    input:
        expand(rules.run.output, study=STUDIES),
    output:
        pages=expand(REPORT, study=STUDIES),
        receipts=expand(RECEIPTS / "report.json", study=STUDIES),
    params:
        command=suite_command("report", STUDIES, "--figures"),
        code=PAGE_CODE,
    threads: min(workflow.cores, len(STUDIES))
    log:
        RESULTS / "report.log",
    shell:
        "{params.command} > {log} 2>&1 || {{ cat {log} >&2; exit 1; }}"
