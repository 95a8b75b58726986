rule run_study:
    message: "run what is missing of study {params.study}"
    output:
        FOLDER / "receipts" / "run.json",
    params:
        study=config["study"],
        content=STUDY.model_dump_json(),
    threads: workflow.cores
    shell:
        "{SUITE} run {params.study} --results {RESULTS}"
