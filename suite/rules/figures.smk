rule draw:
    message:
        "draw {wildcards.figure} from the cube of study {STUDY.name}"
    input:
        rules.sweep.output,
    output:
        RECEIPTS / "figures" / "{figure}.json",
    params:
        study=config["study"],
        results=config["results"],
        code=figure_code,
    threads: 1
    log:
        RECEIPTS / "figures" / "{figure}.log",
    shell:
        "{SUITE} figure {wildcards.figure} {params.study} --results {params.results}"
        " --receipt {output} 2>&1 | tee {log}"
