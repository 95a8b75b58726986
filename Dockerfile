# The suite with all that it needs, for Kubernetes and other places that run containers:
#   docker build -t crossbar-suite . && docker run -v "$PWD/results:/results" crossbar-suite suite run quick --results /results
FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends procps && rm -rf /var/lib/apt/lists/*
WORKDIR /suite
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY suite suite
COPY workloads workloads
RUN pip install --no-cache-dir -c constraints.txt torch==2.13.0 && pip install --no-cache-dir -c constraints.txt ".[all]"
# One thread per worker; Ray writes below HOME.
ENV OMP_NUM_THREADS=1 RAY_USAGE_STATS_ENABLED=0 HOME=/results
RUN mkdir /results && chown 1000 /results
USER 1000
VOLUME /results
CMD ["suite", "--help"]
