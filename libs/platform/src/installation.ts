import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { type JsonObject, LetopisError } from '@letopis/kernel';
import { MasterKey } from '@letopis/privacy';
import { type Config, type OutboundConfig } from './config';
import { EmbeddedPostgres, reachableDirectory } from './embedded-postgres';
import { EmbeddedIssuer, remoteTokenVerifier, type TokenVerifier } from './tokens';

/** What an installation is reached by: its databases and its secrets. */
export interface Installation {
  readonly databaseUrl: string;
  /** Absent where this process may not migrate. */
  readonly admin?: {
    readonly url: string;
    readonly app: { readonly role: string; readonly password: string };
  };
  readonly redisUrl?: string;
  readonly kurrentdbUrl?: string;
  readonly masterKey: MasterKey;
  /** How messages may leave; by no way where it is absent. */
  readonly outbound?: OutboundConfig;
  /** Further years of the calendar, as its file holds them. */
  readonly daysOff?: JsonObject;
  readonly tokens: TokenVerifier;
  /** Only in embedded mode. */
  readonly issuer?: EmbeddedIssuer;
  /** Resolves if the embedded database ends by itself. */
  readonly lost?: Promise<LetopisError>;
  close(): Promise<void>;
}

const DATABASE = 'letopis';
const APP_ROLE = 'letopis_app';

/** What the embedded mode keeps beside its database: one JSON file a secret would be one file too many. */
interface Secrets {
  readonly masterKey: string;
  readonly issuerKey: string;
  readonly databasePassword: string;
}

/** Starts what is embedded, or connects to what is configured. */
export async function openInstallation(config: Config, log: (line: string) => void): Promise<Installation> {
  const { production, outbound, daysOff } = config;
  const installation =
    production === undefined ? await openEmbedded(config, log) : openProduction(production);
  return { ...installation, outbound, daysOff };
}

function openProduction(production: NonNullable<Config['production']>): Installation {
  const { databaseUrl, databaseAdminUrl, redisUrl, kurrentdbUrl, masterKey, tokens } = production;
  const app = new URL(databaseUrl);
  return {
    databaseUrl,
    redisUrl,
    ...(kurrentdbUrl !== undefined && { kurrentdbUrl }),
    ...(databaseAdminUrl !== undefined && {
      admin: {
        url: databaseAdminUrl,
        app: { role: decodeURIComponent(app.username), password: decodeURIComponent(app.password) },
      },
    }),
    masterKey: new MasterKey(masterKey),
    tokens: remoteTokenVerifier(tokens),
    close: () => Promise.resolve(),
  };
}

async function openEmbedded(config: Config, log: (line: string) => void): Promise<Installation> {
  await ensureDirectory(config.dataDirectory);
  const directory = await clusterDirectory(config);
  if (!directory.startsWith(config.dataDirectory)) {
    process.stderr.write(
      `PostgreSQL does not run as root, and its user cannot enter ${config.dataDirectory}: the database is in ${directory}. ` +
        'Set LETOPIS_DATA_DIR to choose another place.\n',
    );
  }
  const postgres = await EmbeddedPostgres.start({ directory, log });
  try {
    const secrets = await ensureDatabase(postgres.url('postgres'), config.dataDirectory);
    return embedded(postgres.url(DATABASE), secrets, {
      lost: postgres.exited,
      close: () => postgres.stop(),
    });
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

function clusterDirectory({ dataDirectory, dataDirectoryChosen }: Config): Promise<string> {
  const directory = join(dataDirectory, 'postgres');
  return dataDirectoryChosen ? Promise.resolve(directory) : reachableDirectory(directory);
}

function embedded(
  adminUrl: string,
  secrets: Secrets,
  life: Pick<Installation, 'lost' | 'close'>,
): Installation {
  const url = new URL(adminUrl);
  url.username = APP_ROLE;
  url.password = secrets.databasePassword;
  const issuer = new EmbeddedIssuer(secrets.issuerKey);
  return {
    databaseUrl: url.toString(),
    admin: { url: adminUrl, app: { role: APP_ROLE, password: secrets.databasePassword } },
    masterKey: new MasterKey(Buffer.from(secrets.masterKey, 'base64')),
    tokens: issuer.verifier,
    issuer,
    ...life,
  };
}

/**
 * The embedded installation of a data directory while another process runs it: for the command line.
 *
 * @throws LetopisError `not-found` where nothing is installed or nothing runs there
 */
export async function joinEmbedded(config: Config): Promise<Installation> {
  const cluster = await clusterDirectory(config);
  const secrets = await readSecrets(config.dataDirectory);
  const [pidFile, password] = await Promise.all([
    readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined),
    readFile(join(cluster, 'letopis.password'), 'utf8').catch(() => undefined),
  ]);
  const port = pidFile?.split('\n')[3];
  if (port === undefined || password === undefined) {
    throw new LetopisError('not-found', `Nothing runs on ${config.dataDirectory}: start it with "npm start"`);
  }
  const url = `postgres://postgres:${encodeURIComponent(password.trim())}@127.0.0.1:${port.trim()}/${DATABASE}`;
  const { outbound, daysOff } = config;
  return { ...embedded(url, secrets, { close: () => Promise.resolve() }), outbound, daysOff };
}

/** The embedded issuer of a data directory, whether Letopis runs on it or not. @throws LetopisError `not-found` */
export async function embeddedIssuer(config: Config): Promise<EmbeddedIssuer> {
  return new EmbeddedIssuer((await readSecrets(config.dataDirectory)).issuerKey);
}

async function ensureDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, '.writable'), '');
  } catch (error) {
    throw new LetopisError(
      'unavailable',
      `The data directory ${directory} cannot be written: set LETOPIS_DATA_DIR to one that can`,
      { cause: error },
    );
  }
}

/** Secrets come first: a database without them would hold personal data that nobody can ever read. */
async function ensureDatabase(url: string, directory: string): Promise<Secrets> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount !== 0) return await readSecrets(directory);
    const secrets = await ensureSecrets(directory);
    await client.query(`CREATE DATABASE ${DATABASE}`);
    return secrets;
  } finally {
    await client.end();
  }
}

function secretsFile(directory: string): string {
  return join(directory, 'secrets.json');
}

async function readSecrets(directory: string): Promise<Secrets> {
  const text = await readFile(secretsFile(directory), 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new LetopisError(
      'not-found',
      `${secretsFile(directory)} is missing: start Letopis with "npm start", or put the file back where there is a database already`,
    );
  }
  const value: unknown = JSON.parse(text);
  if (!isSecrets(value)) throw new LetopisError('integrity-broken', `${secretsFile(directory)} is damaged`);
  return value;
}

function isSecrets(value: unknown): value is Secrets {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['masterKey', 'issuerKey', 'databasePassword'].every(
      (name) => typeof Reflect.get(value, name) === 'string',
    )
  );
}

/** Made once, whole or not at all: without the master key every personal field of the record would be lost. */
async function ensureSecrets(directory: string): Promise<Secrets> {
  const file = secretsFile(directory);
  if (existsSync(file)) return readSecrets(directory);
  const secrets: Secrets = {
    masterKey: MasterKey.generate().toString('base64'),
    issuerKey: EmbeddedIssuer.generate(),
    databasePassword: randomBytes(24).toString('base64url'),
  };
  const draft = await open(`${file}.new`, 'w', 0o600);
  try {
    await draft.writeFile(JSON.stringify(secrets, null, 2));
    await draft.sync();
  } finally {
    await draft.close();
  }
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
  return secrets;
}
