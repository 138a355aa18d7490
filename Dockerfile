# One image for every process of gigafloor; the command says which one it is. docs/compose.md tells more.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
RUN python3 -m venv /opt/gigafloor
# The wheelhouse is optional: the pattern may match nothing. With it nothing is fetched from anywhere.
COPY requirements/run.txt buil[d]/wheel[s] /inputs/
RUN set -- ; \
    if ls /inputs/*.whl >/dev/null 2>&1; then set -- --no-index --find-links /inputs; fi; \
    /opt/gigafloor/bin/pip install --quiet "$@" --require-hashes -r /inputs/run.txt
COPY . /src/
RUN /opt/gigafloor/bin/pip install --quiet --no-index --no-deps --no-build-isolation /src

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/gigafloor /opt/gigafloor
COPY deploy/jobs /opt/gigafloor/jobs
# Each process runs as a user of its own and has a volume of its own here.
RUN install -d -m 1777 /var/lib/gigafloor
ENV PATH=/opt/gigafloor/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1
WORKDIR /var/lib/gigafloor
USER 10001:10001
ENTRYPOINT ["gigafloor"]
CMD ["--help"]
