# On a fresh machine: `make figures`, `make test` and `make check`. All build .venv first if it is not there.
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed
CORES ?= all

.PHONY: figures shares test slurm claims check clean

# The longest study first, beside which the others have their turns.
figures: $(STAMP)
	$(VENV)/bin/snakemake --cores $(CORES) --config study=quick_kitti,quick_neurram,quick_vlm,quick \
	  --prioritize results/quick/receipts/snakemake.json --quiet host progress reason rules

# After `make figures` on a clean checkout: what it took of each core, share by share; fails where one takes too much.
shares: $(STAMP)
	$(VENV)/bin/python -m tests.bench.shares

test: $(STAMP)
	$(VENV)/bin/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --ignore tests/house \
		--ignore tests/cluster/test_slurm.py

# The launcher and the profile on a real Slurm, in minutes; needs root and Slurm's packages, else it skips.
slurm: $(STAMP)
	$(VENV)/bin/python -m pytest tests/cluster/test_slurm.py

# The long bars, an hour; their receipt is tests/claims/receipt.json. One alone: make claims CLAIM=claim_coverage
CLAIM ?= claim_
claims: $(STAMP)
	$(VENV)/bin/python -m pytest -o 'python_files=claim_*.py' tests/claims -k '$(CLAIM)'

# Linter, formatter, types, the rules of the house, and the documentation, strictly.
check: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/python -m pytest -q tests/house
	$(VENV)/bin/mkdocs build --quiet --strict -f .mkdocs.yml -d $(VENV)/site

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet -c constraints.txt torch==2.13.0
	$(VENV)/bin/pip install --quiet -c constraints.txt -e ".[all,vlm,dev]"
	touch $@

clean:
	rm -rf $(VENV)
