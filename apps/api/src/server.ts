import rateLimit from '@fastify/rate-limit';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyInstance } from 'fastify';
import helmet from 'helmet';
import { hash } from 'node:crypto';
import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type Logger } from 'pino';
import { LetopisError } from '@letopis/kernel';
import { type Config, type Core, knownCaller, type TokenVerifier } from '@letopis/platform';
import { ApiModule } from './api.module';
import { MAX_BATCH_BYTES } from './batches.controller';
import { IMPORT_MEDIA_TYPES } from './imports.controller';
import { nestLogger } from './nest-logger';
import { describeApi } from './openapi';

const MAX_BODY_BYTES = 1024 * 1024;

export interface RunningServer {
  readonly url: string;
  /** Takes no new request; resolves when those under way are answered. */
  close(): Promise<void>;
}

/**
 * Serves the API.
 *
 * @throws LetopisError `unavailable` where the port is taken or may not be used
 */
export async function startServer(
  core: Core,
  tokens: TokenVerifier,
  config: Pick<Config, 'host' | 'port' | 'requestsPerMinute' | 'publicUrl'>,
): Promise<RunningServer> {
  const app = await createApplication(core, tokens, config);
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close();
    throw listenError(error, config);
  }
  return {
    url: (await app.getUrl()).replace('[::1]', '127.0.0.1'),
    close: () => app.close(),
  };
}

/** The application, not listening yet. */
export async function createApplication(
  core: Core,
  tokens: TokenVerifier,
  { requestsPerMinute, publicUrl }: Pick<Config, 'requestsPerMinute' | 'publicUrl'>,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    // A client that stops sending must not hold a connection for ever.
    requestTimeout: 300_000,
    forceCloseConnections: 'idle',
    trustProxy: false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.with(core, tokens, publicUrl),
    adapter,
    {
      logger: nestLogger(core.log),
      bodyParser: false,
      abortOnError: false,
    },
  );
  const fastify = adapter.getInstance<FastifyInstance>();
  readBodies(fastify, core.log);
  const headers = securityHeaders();
  fastify.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
  if (requestsPerMinute > 0) {
    await app.register(rateLimit, {
      max: requestsPerMinute,
      timeWindow: 60_000,
      // By token where there is one, so that the people of one school behind one address do not stand in each other's way.
      keyGenerator: ({ headers, ip }) =>
        headers.authorization === undefined ? ip : hash('sha256', headers.authorization, 'base64'),
      errorResponseBuilder: (_request, { ttl }) =>
        Object.assign(
          new LetopisError('throttled', 'Too many requests', { retryAfterSeconds: Math.ceil(ttl / 1_000) }),
          {
            statusCode: 429,
          },
        ),
    });
  }
  describeApi(app, core.domain);
  await app.init();
  return app;
}

/** What helmet tells browsers, worked out once: it is the same for every answer, and helmet would do it for each. */
function securityHeaders(): OutgoingHttpHeaders {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet({
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
      },
    },
  })(request, response, (cause) => {
    if (cause !== undefined) throw new Error('helmet made no headers', { cause });
  });
  return response.getHeaders();
}

/** JSON bodies are parsed; NDJSON and files are streamed; the webhook's body stays as it was sent, for its digest. */
function readBodies(fastify: FastifyInstance, log: Logger): void {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    ['application/json', 'application/problem+json'],
    { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
    (request, body, done) => {
      if (request.routeOptions.url?.endsWith('/webhook') === true) {
        done(null, body);
        return;
      }
      try {
        const value: unknown = JSON.parse(utf8.decode(typeof body === 'string' ? Buffer.from(body) : body));
        done(null, value);
      } catch {
        const fields = [{ path: '', message: 'must be JSON in UTF-8' }];
        done(new LetopisError('invalid', 'The body is no JSON', { fields }), undefined);
      }
    },
  );
  fastify.addContentTypeParser(
    'application/x-ndjson',
    { bodyLimit: MAX_BATCH_BYTES },
    (_request, payload, done) => done(null, payload),
  );
  // Read by the controller, so that nobody who may not import can fill this process with files.
  fastify.addContentTypeParser([...IMPORT_MEDIA_TYPES], (_request, payload, done) => done(null, payload));
  fastify.addHook('onResponse', (request, reply, done) => {
    log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        caller: knownCaller(request)?.id,
        organizationId: organizationOf(request.params),
        requestId: request.id,
      },
      'request',
    );
    done();
  });
}

function organizationOf(params: unknown): unknown {
  return typeof params === 'object' && params !== null && 'organizationId' in params
    ? params.organizationId
    : undefined;
}

function listenError(error: unknown, { host, port }: Pick<Config, 'host' | 'port'>): Error {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new LetopisError(
      'unavailable',
      `Port ${port} is taken: set PORT to a free one, e.g. PORT=3001 npm start`,
    );
  }
  if (code === 'EACCES') {
    return new LetopisError(
      'unavailable',
      `Port ${port} may not be used by this account: set PORT above 1023`,
    );
  }
  if (code === 'EADDRNOTAVAIL')
    return new LetopisError('unavailable', `This machine has no address ${host}: set HOST`);
  return error instanceof Error ? error : new Error(String(error));
}
