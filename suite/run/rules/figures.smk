# All figures in one process: to start one takes longer than to draw most of them.
rule draw:
    message:
        "draw the figures of study {wildcards.study}"
    input:
        rules.run.output,
    output:
        RECEIPTS / "figures.json",
    params:
        command=suite_command("figure", "all"),
        code=of_job(FIGURE_CODE),
    threads: 1
    log:
        RECEIPTS / "figures.log",
    shell:
        "{params.command} --receipt {output} > {log} 2>&1 || {{ cat {log} >&2; exit 1; }}"


rule report:
    message:
        "write the report of study {wildcards.study}"
    input:
        rules.run.output,
    output:
        page=REPORT,
        receipt=RECEIPTS / "report.json",
    params:
        command=suite_command("report"),
        code=REPORT_CODE,
    threads: 1
    log:
        RECEIPTS / "report.log",
    shell:
        "{params.command} --out {output.page} --receipt {output.receipt} > {log} 2>&1 || {{ cat {log} >&2; exit 1; }}"
