# syntax=docker/dockerfile:1
FROM python:3.11-slim AS packages
COPY requirements.txt /tmp/requirements.txt
# pip stays in this stage: the environment that goes on has none. Wheels alone: nothing is compiled, no setup.py is run.
RUN python -m venv --without-pip /opt/parley/venv \
    && python -m pip --python /opt/parley/venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --require-hashes --no-deps --only-binary :all: --requirement /tmp/requirements.txt

FROM python:3.11-slim
COPY --from=packages /opt/parley/venv /opt/parley/venv
COPY core /opt/parley/core
COPY adapters /opt/parley/adapters
COPY bots /opt/parley/bots
COPY migrations /opt/parley/migrations
# Compiled here, since the running file system is read-only. The folder of the data is the one place to write to.
RUN /opt/parley/venv/bin/python -m compileall -q /opt/parley/core /opt/parley/adapters /opt/parley/bots /opt/parley/migrations \
    && groupadd --gid 10001 parley \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin parley \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
ENV PATH=/opt/parley/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite+aiosqlite:////data/parley.db \
    PARLEY_METRICS_PORT=9464 \
    LOG_FORMAT=json
WORKDIR /opt/parley
USER 10001:10001
VOLUME /data
EXPOSE 3000
# By Parley's own /live: it fails where a restart helps, and not when a platform is away.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PARLEY_METRICS_PORT\"]}/live', timeout=4)"]
ENTRYPOINT ["python", "-m", "bots.cli"]
CMD ["run"]
