rule draw:
    message:
        "draw {wildcards.figure} from the cube of study {STUDY.name}"
    input:
        rules.sweep.output,
    output:
        RECEIPTS / "figures" / "{figure}.json",
    params:
        command=lambda wildcards: suite_command("figure", wildcards.figure),
        code=figure_code,
    threads: 1
    log:
        RECEIPTS / "figures" / "{figure}.log",
    shell:
        "{params.command} --receipt {output} > {log} 2>&1 || {{ cat {log} >&2; exit 1; }}"


rule report:
    message:
        "write the report of study {STUDY.name}"
    input:
        rules.sweep.output,
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
