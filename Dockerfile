# Tallymark counts on port 8080 into /data, as a plain user. docs/hosting.md says how to run it.

FROM node:26-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# better-sqlite3 brings SQLite built; its C sources, and its builds for other systems, only take room. So do the
# logos as one module: they are read from their files.
RUN npm ci --omit=dev \
  && cd node_modules/better-sqlite3 \
  && rm -rf deps src prebuilds/darwin-* prebuilds/linuxmusl-* prebuilds/win32-* \
  && rm ../simple-icons/index*

FROM node:26-slim
WORKDIR /app
# Fonts for PNGs with letters that the built-in ones lack, such as FONTS=fonts-noto-cjk.
ARG FONTS=""
RUN if [ -n "$FONTS" ]; then \
    apt-get update && apt-get install -y --no-install-recommends $FONTS && rm -rf /var/lib/apt/lists/*; \
  fi
RUN install -d -o node -g node -m 700 /data
COPY --from=packages /app/node_modules node_modules
COPY package.json config.ts LICENSE ./
COPY public public
COPY bin bin
COPY src src
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8080 \
    DATABASE_FILE_PATH=/data/tallymark.db
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1, so that it gets the signal to stop.
CMD ["node", "bin/tallymark"]
