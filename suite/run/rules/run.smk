# One job of tuning, training and sweeps: units that are done are told by their hashes, and Ray starts once.
rule run:
    message:
        "run what study {wildcards.study} lacks"
    output:
        # A name of its own: `suite run` leaves run.json whether or not all was done.
        RECEIPTS / "snakemake.json",
    params:
        command=lambda wildcards: suite_command("run", [wildcards.study], *HOW),
        code=lambda wildcards: HASHES[wildcards.study],
    # Of several studies two at a time: one computes while the other starts and ends. A GPU is not shared.
    threads: max(1, workflow.cores // (2 if len(STUDIES) > 1 and config["device"] == "cpu" else 1))
    log:
        RECEIPTS / "run.log",
    shell:
        "{params.command} --cpus {threads} --receipt {output} 2>&1 | tee {log}"
