# One image for API, worker and command line; the command says which (docker-compose.yml).

FROM node:20-bookworm-slim AS build
WORKDIR /letopis
# bin/ is needed by the install: it links the libraries of the embedded PostgreSQL.
COPY package.json package-lock.json ./
COPY bin ./bin
RUN npm ci --no-audit --no-fund
COPY nest-cli.json tsconfig.json .swcrc ./
COPY apps ./apps
COPY libs ./libs
RUN npm run build

FROM node:20-bookworm-slim AS production-modules
WORKDIR /letopis
COPY package.json package-lock.json ./
COPY bin ./bin
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:20-bookworm-slim
# Most of what a command makes is garbage soon after: room for it to die young (docs/performance.md).
ENV NODE_ENV=production LETOPIS_MODE=production NODE_OPTIONS=--max-semi-space-size=64
WORKDIR /letopis
COPY package.json LICENSE ./
COPY bin ./bin
COPY --from=production-modules /letopis/node_modules ./node_modules
COPY --from=build /letopis/dist ./dist
USER node
EXPOSE 3000
CMD ["node", "dist/apps/api/src/main.js"]
