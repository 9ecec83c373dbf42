# The storefront, the proxy, and every other `endcap` command of the serving side: no torch, no compiler, no root.
#
# The base may be given with its digest, so that the same image is built again; .github/workflows/release.yml does:
#   docker build --build-arg BASE=python:3.13-slim@sha256:... .
ARG BASE=python:3.13-slim
FROM ${BASE} AS build

# Where packages come from, if not from where pip finds them by itself; these stay in this stage and are in no image that is kept.
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_TRUSTED_HOST
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore

WORKDIR /src
RUN python -m venv --without-pip /opt/endcap
# The libraries first: they change seldom, and a change of the code then leaves their layer as it is.
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
        >/tmp/libraries.txt \
    && python -m pip --python /opt/endcap install -q -c constraints.txt -r /tmp/libraries.txt
COPY . .
RUN python -m pip --python /opt/endcap install -q --no-deps .


FROM ${BASE}

# A user of a fixed number, so that a volume's files belong to the same one after the image is built again.
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/endcap --shell /usr/sbin/nologin endcap \
    && install -d -o endcap -g endcap /var/lib/endcap
COPY --from=build /opt/endcap /opt/endcap
COPY docker/load.py docker/health.py /opt/endcap/

ENV PATH=/opt/endcap/bin:$PATH \
    ENDCAP_HOME=/var/lib/endcap \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER endcap
WORKDIR /var/lib/endcap
VOLUME /var/lib/endcap
# The storefront; `endcap serve`, its health and metrics; `endcap api` and its own.
EXPOSE 8080 9200 9290 9300 9390
HEALTHCHECK --interval=5s --timeout=5s --start-period=180s --retries=6 CMD ["python", "/opt/endcap/health.py"]
ENTRYPOINT ["endcap"]
CMD ["storefront", "--host", "0.0.0.0"]
