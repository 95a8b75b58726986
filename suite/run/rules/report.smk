# Figures and report of a study in one process: to start one takes longer than to draw most figures.
rule report:
    message:
        "draw the figures of study {wildcards.study} and write its report"
    input:
        rules.run.output,
    output:
        page=REPORT,
        receipt=RECEIPTS / "report.json",
    params:
        command=suite_command("report", "--figures"),
        code=of_job(PAGE_CODE),
    threads: 1
    log:
        RECEIPTS / "report.log",
    shell:
        "{params.command} --out {output.page} --receipt {output.receipt} > {log} 2>&1 || {{ cat {log} >&2; exit 1; }}"
