# The server as an image; docs/deploying.md says how to build and run it, and tests/unit/deploy holds it to what is tested.

# Debian or the like, with Python 3.11. To build the same again, give the digest: --build-arg BASE=python:…@sha256:…
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
# Two environments: one that builds, with pip in it, and one that is shipped, without.
RUN ["python3", "-m", "venv", "/tools"]
RUN ["python3", "-m", "venv", "--without-pip", "/opt/returns"]
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN ["/tools/bin/pip", "install", "--require-hashes", "--only-binary", ":all:", "-r", "requirements/build.txt"]
RUN ["/tools/bin/pip", "--python", "/opt/returns/bin/python3", "install", "--require-hashes", "--only-binary", ":all:", "-r", "requirements/runtime.txt"]
COPY pyproject.toml ./
COPY server server
COPY clients/python/pyproject.toml clients/python/README.md clients/python/
COPY clients/python/src clients/python/src
RUN ["/tools/bin/pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", "wheels", "./clients/python", "."]
# In shell form for its *, which is exactly the two.
RUN /tools/bin/pip --python /opt/returns/bin/python3 install --no-deps --no-index wheels/*.whl
RUN ["/opt/returns/bin/returns-server", "--version"]


FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
# Where the bill of materials is that `make sbom` wrote: a file published beside the image, or its URL.
ARG SBOM=returns-server-${VERSION}.cdx.json
LABEL org.opencontainers.image.title="returns-server" \
      org.opencontainers.image.description="Returns Service: a gRPC backend that automates product returns for shops." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.documentation="docs/deploying.md" \
      commerce.returns.sbom="${SBOM}"
RUN ["install", "-d", "-o", "10001", "-g", "10001", "-m", "0700", "/var/lib/returns"]
COPY --from=build /opt/returns /opt/returns
# Compiled above: with a read-only root there is no place to keep what would be compiled later.
ENV PATH=/opt/returns/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/var/lib/returns \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RETURNS_DATA_DIR=/var/lib/returns \
    RETURNS_LISTEN=0.0.0.0:50051
USER 10001:10001
WORKDIR /var/lib/returns
# All that is written to: the embedded database, and what SQLite sorts on the side.
VOLUME ["/var/lib/returns", "/tmp"]
EXPOSE 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=20s --start-period=30s --retries=3 CMD ["returns-server", "health"]
ENTRYPOINT ["returns-server"]
CMD ["serve"]
