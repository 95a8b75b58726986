rule draw_figures:
    message: "draw every figure that the cube of {params.study} can feed"
    input:
        rules.run_study.output,
    output:
        FOLDER / "receipts" / "figures.json",
    params:
        study=config["study"],
    shell:
        "{SUITE} figure all {params.study} --results {RESULTS} --receipt {output}"
