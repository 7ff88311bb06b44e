import { randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { request as httpRequest } from 'node:http';
import pino from 'pino';
import { letopis, startServer } from '@letopis/api';
import { type Clock, type Role, systemClock } from '@letopis/kernel';
import {
  type CommandReply,
  type Core,
  EmbeddedIssuer,
  type Installation,
  migrateInstallation,
  openCore,
  type Problem,
} from '@letopis/platform';
import { MasterKey } from '@letopis/privacy';
import { startWorker } from '@letopis/worker';
import { Client as Postgres } from 'pg';
import { createTestDatabase } from './postgres';

/** An answer whose body was JSON, or text where it was not. */
export interface Reply<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

export interface CommandOptions {
  /** Idempotency-Key. */
  readonly key?: string;
  readonly occurredAt?: string;
  /** If-Match: a revision, or `none`. */
  readonly ifMatch?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One line of a batch. */
export interface BatchLine {
  readonly command: string;
  readonly payload: object;
  readonly occurredAt?: string;
  readonly idempotencyKey?: string;
}

/** The answer to one line of a batch. */
export interface LineAnswer extends Partial<Omit<CommandReply, 'repeated'>> {
  readonly line: number;
  readonly status: number;
  readonly problem?: Problem;
}

/** What a reply to a command holds: the one where it was carried out, the other where it was not. */
export type CommandBody = Omit<CommandReply, 'repeated'> & Partial<Problem>;

/** A caller over HTTP. Paths are within the organisation, or absolute where they begin with `/`. */
export interface Client {
  readonly organizationId: string;
  readonly personId: string;
  readonly token: string;
  command(name: string, payload: object, options?: CommandOptions): Promise<Reply<CommandBody>>;
  /** Carries the command out, and fails the test where it is refused. */
  must(name: string, payload: object, options?: CommandOptions): Promise<CommandBody>;
  batch(lines: readonly (BatchLine | string)[]): Promise<readonly LineAnswer[]>;
  get<Body = Partial<Problem>>(path: string): Promise<Reply<Body>>;
  post<Body = Partial<Problem>>(path: string, body: object): Promise<Reply<Body>>;
  send<Body = Partial<Problem>>(
    method: string,
    path: string,
    request?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer },
  ): Promise<Reply<Body>>;
}

export interface Identity {
  readonly organizationId: string;
  readonly personId: string;
}

export interface TestApplication {
  readonly url: string;
  readonly core: Core;
  readonly issuer: EmbeddedIssuer;
  /** Private key of the issuer (PEM), for tokens that it would not issue. */
  readonly issuerKey: string;
  /** A caller in one role; a fresh person in a fresh organisation unless they are given. */
  as(role: Role, identity?: Partial<Identity>): Promise<Client>;
  /** A caller with this header, or with none. */
  withAuthorization(header: string | undefined, organizationId?: string): Client;
  /** A fresh school, created over HTTP; its id. */
  createSchool(timeZone?: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * The whole application in this process, as `npm start` puts it together: a database of its own, migrations, worker,
 * HTTP on a free port. Whoever starts it stops it.
 */
export async function startApplication({
  clock = systemClock,
  requestsPerMinute = 0,
  services = {},
  worker = true,
}: {
  readonly clock?: Clock;
  readonly requestsPerMinute?: number;
  /** What stands in production instead of PostgreSQL, how messages may leave, and further years of the calendar. */
  readonly services?: Pick<Installation, 'redisUrl' | 'kurrentdbUrl' | 'outbound' | 'daysOff'>;
  /** Whether work is done behind the API: views, policies, and what time brings about by `clock`. */
  readonly worker?: boolean;
} = {}): Promise<TestApplication> {
  const log = pino({ level: process.env.LETOPIS_LOG ?? 'silent' });
  const issuerKey = EmbeddedIssuer.generate();
  const issuer = new EmbeddedIssuer(issuerKey);
  const installation = { ...(await createInstallation(issuer)), ...services };
  const closing: (() => Promise<void>)[] = [() => installation.close()];
  const stop = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    await migrateInstallation(installation, letopis);
    const core = await openCore(installation, letopis, { clock, log });
    closing.push(() => core.close());
    if (worker) await startWorker(core);
    const config = { host: '127.0.0.1', port: 0, requestsPerMinute };
    const server = await startServer(core, installation.tokens, config);
    closing.push(() => server.close());
    const { url } = server;
    const as: TestApplication['as'] = async (role, identity = {}) => {
      const { organizationId = randomUUID(), personId = randomUUID() } = identity;
      const many = role === 'operator' ? '*' : organizationId;
      const token = await issuer.issue({ id: personId, roles: [role], organizationId: many }, 3_600);
      return clientOf(url, { organizationId, personId }, `Bearer ${token}`);
    };
    return {
      url,
      core,
      issuer,
      issuerKey,
      as,
      withAuthorization: (header, organizationId = randomUUID()) =>
        clientOf(url, { organizationId, personId: '' }, header),
      createSchool: async (timeZone = 'Europe/Moscow') => {
        const operator = await as('operator');
        const { status, text, body } = await operator.post<{ organizationId: string }>('/v1/organizations', {
          name: 'МБОУ «Школа № 5»',
          timeZone,
        });
        if (status !== 201) throw new Error(`The school was not created: ${text}`);
        return body.organizationId;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** An installation on a fresh database, with a role of its own, since roles belong to the whole server. */
export async function createInstallation(issuer: EmbeddedIssuer): Promise<Installation> {
  const database = await createTestDatabase();
  const app = { role: `test_${randomBytes(8).toString('hex')}`, password: randomBytes(8).toString('hex') };
  const url = new URL(database.url);
  url.username = app.role;
  url.password = app.password;
  return {
    databaseUrl: url.href,
    admin: { url: database.url, app },
    masterKey: new MasterKey(MasterKey.generate()),
    tokens: issuer.verifier,
    issuer,
    close: async () => {
      await database.drop();
      await dropRole(app.role);
    },
  };
}

async function dropRole(role: string): Promise<void> {
  const client = new Postgres({ connectionString: process.env.LETOPIS_TEST_POSTGRES_URL });
  await client.connect();
  try {
    await client.query(`DROP ROLE IF EXISTS ${role}`);
  } finally {
    await client.end();
  }
}

function clientOf(
  url: string,
  { organizationId, personId }: Identity,
  authorization: string | undefined,
): Client {
  const base = `/v1/organizations/${organizationId}`;
  const send: Client['send'] = async <Body>(
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Readonly<Record<string, string>>; body?: string | Buffer } = {},
  ) => {
    const response = await fetch(`${url}${path.startsWith('/') ? path : `${base}/${path}`}`, {
      method,
      headers: { ...(authorization !== undefined && { authorization }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    });
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
    const content: Body = isJson ? JSON.parse(text) : text;
    return { status: response.status, headers: response.headers, text, body: content };
  };
  const post: Client['post'] = (path, body) =>
    send('POST', path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const command: Client['command'] = (name, payload, { key, occurredAt, ifMatch, headers } = {}) =>
    send('POST', `commands/${name}`, {
      headers: {
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
        ...headers,
      },
      body: JSON.stringify({ payload, occurredAt }),
    });
  return {
    organizationId,
    personId,
    token: (authorization ?? '').replace('Bearer ', ''),
    command,
    must: async (name, payload, options) => {
      const { status, text, body } = await command(name, payload, options);
      if (status !== 201 && status !== 200) throw new Error(`${name} was refused: ${text}`);
      return body;
    },
    batch: async (lines) => {
      const { text } = await send('POST', 'command-batches', {
        headers: { 'content-type': 'application/x-ndjson' },
        body: lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
      });
      return linesOf<LineAnswer>(text);
    },
    get: (path) => send('GET', path),
    post,
    send,
  };
}

/** The values of an NDJSON text. */
export function linesOf<Value>(text: string): readonly Value[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Value => {
      const value: Value = JSON.parse(line);
      return value;
    });
}

/** A batch that is sent piece by piece, without saying how long it will be. */
export interface OpenBatch {
  /** Resolves when the text is on its way, or the server has hung up. */
  write(text: string | Buffer): Promise<void>;
  /** Resolves with all that has been answered when that is `count` lines. */
  answered(count: number): Promise<readonly LineAnswer[]>;
  /** Ends the request; resolves with the whole answer. */
  end(): Promise<readonly LineAnswer[]>;
}

export function openBatch(url: string, { organizationId, token }: Client): OpenBatch {
  const request = httpRequest(`${url}/v1/organizations/${organizationId}/command-batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` },
  });
  let text = '';
  let open = true;
  // The server may hang up on a batch that is too large: what it has answered counts.
  request.on('error', () => (open = false));
  const progress = new EventEmitter();
  const finished = new Promise<void>((resolve) => {
    request.on('response', (response) => {
      response.setEncoding('utf8').on('data', (data: string) => {
        text += data;
        progress.emit('data');
      });
      response.on('close', resolve).on('error', () => undefined);
    });
    request.on('close', resolve);
  });
  const answers = (): readonly LineAnswer[] => linesOf(text.slice(0, text.lastIndexOf('\n') + 1));
  return {
    write: (piece) =>
      new Promise((resolve) => {
        if (open) request.write(piece, () => resolve());
        else resolve();
      }),
    answered: async (count) => {
      while (answers().length < count) await once(progress, 'data');
      return answers();
    },
    end: async () => {
      if (open) request.end();
      await finished;
      return answers();
    },
  };
}
