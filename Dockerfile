# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
#
# Needs the network to build, never to run.
FROM debian:trixie-slim AS packages
ENV UV_VERSION=0.13.9 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
 && python3 -m venv /opt/uv \
 && /opt/uv/bin/pip install --no-cache-dir "uv==$UV_VERSION"
WORKDIR /opt/postweiche
# Packages change seldom, the code often: two layers.
COPY pyproject.toml uv.lock README.md ./
COPY LICENSES LICENSES
RUN /opt/uv/bin/uv sync --locked --no-dev --no-install-project --no-cache --python /usr/bin/python3
COPY router router
COPY training training
COPY register_entry register_entry
RUN /opt/uv/bin/uv sync --locked --no-dev --no-editable --no-cache --python /usr/bin/python3

FROM debian:trixie-slim
# The package's own cluster is left out: the service runs a private one, or uses an external server.
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-common \
 && sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
 && apt-get install -y --no-install-recommends ca-certificates python3 postgresql \
    tesseract-ocr tesseract-ocr-deu tesseract-ocr-eng tesseract-ocr-osd \
    fonts-dejavu-core fonts-liberation libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/postweiche --shell /usr/sbin/nologin postweiche \
 && install -d -o postweiche -g postweiche -m 0700 /var/lib/postweiche/data /var/lib/postweiche/models \
 && install -d /etc/postweiche/office
COPY --from=packages /opt/postweiche/.venv /opt/postweiche/.venv
ENV PATH=/opt/postweiche/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    POSTWEICHE_DATA=/var/lib/postweiche/data \
    POSTWEICHE_MODELS=/var/lib/postweiche/models \
    POSTWEICHE_OFFICE=/etc/postweiche/office \
    POSTWEICHE_HOST=0.0.0.0
USER postweiche
WORKDIR /var/lib/postweiche
VOLUME ["/var/lib/postweiche/data", "/var/lib/postweiche/models"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
CMD ["postweiche", "serve"]
