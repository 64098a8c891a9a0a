# The main job on the five pages of seeds/, or with a folder of your own in their place:
#   docker build -t cleaner . && docker run --rm cleaner
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/data" cleaner run crawl -o out
FROM python:3.12-slim

COPY pyproject.toml README.md LICENSE /src/
COPY cleaner /src/cleaner
COPY configs /src/configs
RUN pip install --no-cache-dir /src && rm -r /src && useradd cleaner

WORKDIR /data
COPY seeds seeds
RUN chown cleaner:cleaner /data

USER cleaner
ENTRYPOINT ["cleaner"]
CMD ["run", "seeds", "-o", "out"]
