# Figures and reports of all studies in one command: to load what draws takes longer than to draw most figures.
rule report:
    message:
        "draw the figures of all studies and write their reports"
    input:
        expand(rules.run.output, study=SORTED),
    output:
        pages=expand(REPORT, study=SORTED),
        receipts=expand(RECEIPTS / "report.json", study=SORTED),
    params:
        command=suite_command("report", SORTED, "--figures"),
        code=PAGE_CODE,
    threads: min(workflow.cores, len(STUDIES))
    log:
        RESULTS / "report.log",
    shell:
        "{params.command} --cpus {threads} > {log} 2>&1 || {{ cat {log} >&2; exit 1; }}"
