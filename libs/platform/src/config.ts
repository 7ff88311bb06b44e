import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { type FieldProblem, type Json, type JsonObject, LetopisError, parseJson } from '@letopis/kernel';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How tokens are checked: against the embedded issuer's key, or against the published keys of an issuer. */
export type TokenConfig =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'jwks'; readonly jwksUrl: string; readonly issuer: string; readonly audience: string };

export interface ProductionConfig {
  /** PostgreSQL as the application's role. */
  readonly databaseUrl: string;
  /** PostgreSQL as a role that may migrate; only `letopis migrate` uses it. */
  readonly databaseAdminUrl?: string;
  readonly redisUrl: string;
  /** KurrentDB; without it events live in PostgreSQL. */
  readonly kurrentdbUrl?: string;
  readonly masterKey: Buffer;
  readonly tokens: Extract<TokenConfig, { kind: 'jwks' }>;
}

/** The mail server that messages leave by. */
export interface MailConfig {
  /** `smtp://` or `smtps://`, with its credentials. */
  readonly smtpUrl: string;
  /** The sender: an address, or `Name <address>`. */
  readonly from: string;
}

/** How messages may leave. Whether any do is for each organisation to say. */
export interface OutboundConfig {
  /** Without it no e-mail leaves. */
  readonly mail?: MailConfig;
  /** Webhooks may go to this very machine, over plain HTTP too: for trying them out. */
  readonly localWebhooks: boolean;
}

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDirectory: string;
  /** Whether somebody chose the data directory: then the database is kept nowhere else. */
  readonly dataDirectoryChosen: boolean;
  readonly logLevel: LogLevel;
  /** Requests a minute that one caller may make; 0 for no limit. */
  readonly requestsPerMinute: number;
  /** Where the API is reached from outside, `https://` and without a stroke at its end; absent where nobody said. */
  readonly publicUrl?: string;
  /** Whether an empty embedded installation gets the demonstration school. */
  readonly demo: boolean;
  readonly outbound: OutboundConfig;
  /** What LETOPIS_CALENDAR_FILE holds; what it means, the rooms above know. */
  readonly daysOff: JsonObject;
  /** Absent in embedded mode. */
  readonly production?: ProductionConfig;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Collects every problem of the environment, so that all are told at once. */
class Reader {
  readonly problems: FieldProblem[] = [];

  constructor(private readonly environment: Environment) {}

  text(name: string, otherwise: string): string {
    return this.optional(name) ?? otherwise;
  }

  optional(name: string): string | undefined {
    const value = this.environment[name];
    return value === '' ? undefined : value;
  }

  required(name: string, what: string): string {
    const value = this.optional(name);
    if (value === undefined) this.problem(name, `is missing: ${what}`);
    return value ?? '';
  }

  url(name: string, what: string, protocols: readonly string[]): string {
    const value = this.required(name, what);
    if (value !== '' && !protocols.some((protocol) => value.startsWith(`${protocol}://`))) {
      this.problem(name, `must begin with ${protocols.map((p) => `${p}://`).join(' or ')}`);
    }
    return value;
  }

  /** An address that paths can be put behind, or undefined. */
  address(name: string): string | undefined {
    const text = this.optional(name);
    if (text === undefined) return undefined;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol === 'https:' && `${url.username}${url.password}${url.search}${url.hash}` === '') {
      return url.href.replace(/\/+$/, '');
    }
    this.problem(
      name,
      'must be an address such as https://letopis.school7.example, without user, "?" and "#"',
    );
    return undefined;
  }

  integer(name: string, otherwise: number, min: number, max: number): number {
    const text = this.optional(name);
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      this.problem(name, `must be a whole number from ${min} to ${max}, not "${text}"`);
    }
    return value;
  }

  oneOf<const Values extends readonly string[]>(
    name: string,
    values: Values,
    otherwise: Values[number],
  ): Values[number] {
    const text = this.optional(name) ?? otherwise;
    const value = values.find((candidate) => candidate === text);
    if (value === undefined) this.problem(name, `must be one of ${values.join(', ')}, not "${text}"`);
    return value ?? otherwise;
  }

  /** The JSON object that the file holds; an empty one where no file is named. */
  json(name: string): JsonObject {
    const file = this.optional(name);
    if (file === undefined) return {};
    try {
      const value: Json = parseJson(readFileSync(file, 'utf8'));
      if (isObject(value)) return value;
      this.problem(name, `${file} must hold a JSON object`);
    } catch (error) {
      const reason = error instanceof SyntaxError ? `holds no JSON: ${error.message}` : 'cannot be read';
      this.problem(name, `${file} ${reason}`);
    }
    return {};
  }

  masterKey(name: string): Buffer {
    const file = this.required(name, 'a file with 32 random bytes in base64 (openssl rand -base64 32)');
    if (file === '') return Buffer.alloc(0);
    try {
      const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
      if (key.length !== 32)
        this.problem(name, `${file} must hold 32 bytes in base64, it holds ${key.length}`);
      return key;
    } catch {
      this.problem(name, `${file} cannot be read`);
      return Buffer.alloc(0);
    }
  }

  problem(path: string, message: string): void {
    this.problems.push({ path, message });
  }
}

/**
 * The configuration that the environment gives.
 *
 * @throws LetopisError `invalid` with every variable that is missing or wrong
 */
export function readConfig(environment: Environment): Config {
  const read = new Reader(environment);
  const mode = read.oneOf('LETOPIS_MODE', ['embedded', 'production'], 'embedded');
  const directory = read.text('LETOPIS_DATA_DIR', '.data');
  const publicUrl = read.address('LETOPIS_PUBLIC_URL');
  const config: Config = {
    host: read.text('HOST', mode === 'embedded' ? '127.0.0.1' : '0.0.0.0'),
    port: read.integer('PORT', 3000, 0, 65_535),
    dataDirectory: isAbsolute(directory) ? directory : resolve(directory),
    dataDirectoryChosen: read.optional('LETOPIS_DATA_DIR') !== undefined,
    logLevel: read.oneOf('LETOPIS_LOG', LOG_LEVELS, mode === 'embedded' ? 'warn' : 'info'),
    requestsPerMinute: read.integer('LETOPIS_REQUESTS_PER_MINUTE', 6_000, 0, 10_000_000),
    ...(publicUrl !== undefined && { publicUrl }),
    demo: read.oneOf('LETOPIS_DEMO', ['yes', 'no'], 'yes') === 'yes',
    outbound: readOutbound(read),
    daysOff: read.json('LETOPIS_CALENDAR_FILE'),
    ...(mode === 'production' && { production: readProduction(read) }),
  };
  if (read.problems.length > 0) {
    throw new LetopisError(
      'invalid',
      `The configuration is not valid:\n${read.problems.map(({ path, message }) => `  ${path} ${message}`).join('\n')}`,
      { fields: read.problems },
    );
  }
  return config;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SENDER = /^(?:[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;

function readOutbound(read: Reader): OutboundConfig {
  const localWebhooks = read.oneOf('LETOPIS_WEBHOOK_ALLOW_LOCAL', ['yes', 'no'], 'no') === 'yes';
  if (read.optional('LETOPIS_SMTP_URL') === undefined && read.optional('LETOPIS_MAIL_FROM') === undefined) {
    return { localWebhooks };
  }
  const smtpUrl = read.url('LETOPIS_SMTP_URL', 'the mail server for LETOPIS_MAIL_FROM', ['smtp', 'smtps']);
  if (smtpUrl !== '' && (!URL.canParse(smtpUrl) || new URL(smtpUrl).hostname === '')) {
    read.problem('LETOPIS_SMTP_URL', 'must name a server: smtps://user:password@mail.school7.example');
  }
  const from = read.required('LETOPIS_MAIL_FROM', 'the sender of what goes out by LETOPIS_SMTP_URL');
  if (from !== '' && !SENDER.test(from)) {
    read.problem('LETOPIS_MAIL_FROM', 'must be an address or "Name <address>"');
  }
  return { mail: { smtpUrl, from }, localWebhooks };
}

function readProduction(read: Reader): ProductionConfig {
  const kurrentdbUrl = read.optional('LETOPIS_KURRENTDB_URL');
  const databaseAdminUrl = read.optional('LETOPIS_DATABASE_ADMIN_URL');
  return {
    databaseUrl: read.url('LETOPIS_DATABASE_URL', 'PostgreSQL as the application’s role', [
      'postgres',
      'postgresql',
    ]),
    redisUrl: read.url('LETOPIS_REDIS_URL', 'Redis for jobs', ['redis', 'rediss']),
    masterKey: read.masterKey('LETOPIS_MASTER_KEY_FILE'),
    tokens: {
      kind: 'jwks',
      jwksUrl: read.url('LETOPIS_JWKS_URL', 'the published keys of your OpenID Connect issuer', [
        'https',
        'http',
      ]),
      issuer: read.required('LETOPIS_TOKEN_ISSUER', 'the "iss" of its tokens'),
      audience: read.required('LETOPIS_TOKEN_AUDIENCE', 'the "aud" of its tokens'),
    },
    ...(kurrentdbUrl !== undefined && { kurrentdbUrl }),
    ...(databaseAdminUrl !== undefined && { databaseAdminUrl }),
  };
}
