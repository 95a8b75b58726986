rule train:
    message:
        "tune and train what study {STUDY.name} lacks"
    output:
        RECEIPTS / "train.json",
    params:
        command=suite_command("run", "--stage", "train", *HOW),
        code=HASHES["train"],
    threads: workflow.cores
    log:
        RECEIPTS / "train.log",
    shell:
        "{params.command} --cpus {threads} --receipt {output} 2>&1 | tee {log}"


rule sweep:
    message:
        "sweep what study {STUDY.name} lacks"
    input:
        rules.train.output,
    output:
        RECEIPTS / "sweep.json",
    params:
        command=suite_command("run", *HOW),
        code=HASHES["sweep"],
    threads: workflow.cores
    log:
        RECEIPTS / "sweep.log",
    shell:
        "{params.command} --cpus {threads} --receipt {output} 2>&1 | tee {log}"
