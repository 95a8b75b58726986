rule train:
    message:
        "tune and train what study {STUDY.name} lacks"
    output:
        RECEIPTS / "train.json",
    params:
        study=config["study"],
        results=config["results"],
        executor=config["executor"],
        code=HASHES["train"],
        sources=SOURCES,
    threads: workflow.cores
    log:
        RECEIPTS / "train.log",
    shell:
        "{SUITE} run {params.study} --stage train --results {params.results} --executor {params.executor}"
        " --cpus {threads} --receipt {output} 2>&1 | tee {log}"


rule sweep:
    message:
        "sweep what study {STUDY.name} lacks"
    input:
        rules.train.output,
    output:
        RECEIPTS / "sweep.json",
    params:
        study=config["study"],
        results=config["results"],
        executor=config["executor"],
        code=HASHES["sweep"],
        sources=SOURCES,
    threads: workflow.cores
    log:
        RECEIPTS / "sweep.log",
    shell:
        "{SUITE} run {params.study} --results {params.results} --executor {params.executor}"
        " --cpus {threads} --receipt {output} 2>&1 | tee {log}"
