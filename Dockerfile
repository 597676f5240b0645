# One image for all processes: `command` names the program. Not built where it was written, for lack of Docker there; its steps were
# run by hand. Its container needs no place to write but DEV_KEYS, and that in development only.

FROM node:22.20.0-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --no-audit --no-fund && node node_modules/typescript-7/bin/tsc -b apps/api apps/control apps/projector apps/cli
# What runs, without what builds and tests it.
RUN npm ci --no-audit --no-fund --omit=dev --ignore-scripts \
    -w apps/api -w apps/control -w apps/projector -w apps/cli \
    && rm -rf tools apps/*/src libs/*/src libs/*/*/src

FROM node:22.20.0-bookworm-slim
WORKDIR /app
RUN mkdir /var/lib/cartage && chown node:node /var/lib/cartage
COPY --from=build /app ./
USER node
STOPSIGNAL SIGTERM
ENTRYPOINT ["node"]
CMD ["apps/api/dist/main.js"]
