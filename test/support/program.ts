import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '../../libs/platform/src/embedded-postgres';

const LETOPIS = join(__dirname, '..', '..', 'bin', 'letopis.mjs');
/** First starts on a busy machine: initdb, migrations, the demonstration school. */
const START_MS = 90_000;
const STOP_MS = 30_000;

/** A data directory of a test's own, which the account that PostgreSQL runs as can reach. */
export interface DataDirectory {
  readonly path: string;
  /** Ends the PostgreSQL that a killed program left, if it did, and removes the directory. */
  remove(): Promise<void>;
}

/** How a program ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly dataDirectory: string;
  /** A free one unless it is given. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** `npm start` as a process of its own. Whoever starts it ends it, by `stop` or `kill`. */
export interface Program {
  readonly pid: number;
  readonly url: string;
  /** What stands in the curl that it prints: a director of the demonstration school. Absent where there is none. */
  readonly token?: string;
  readonly organizationId?: string;
  /** Everything that it has written to stdout. */
  readonly greeting: string;
  /** Resolves when the process has ended, however it did. */
  readonly ended: Promise<Ended>;
  /** Ctrl-C: an orderly end, of PostgreSQL too. A program that does not end in 30 s is killed and the promise rejects. */
  stop(): Promise<Ended>;
  /** kill -9. PostgreSQL stays behind, for the next start on the directory to adopt, or for `DataDirectory.remove`. */
  kill(): Promise<Ended>;
}

export async function createDataDirectory(): Promise<DataDirectory> {
  const home = await mkdtemp(join(tmpdir(), 'letopis-program-'));
  // Where the tests run as root, PostgreSQL does not, and has to get through.
  await chmod(home, 0o711);
  const path = join(home, 'data');
  return {
    path,
    remove: async () => {
      await endOrphan(join(path, 'postgres'));
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Starting on the cluster adopts a server that was left; stopping ends it. */
async function endOrphan(directory: string): Promise<void> {
  if (!existsSync(join(directory, 'postmaster.pid'))) return;
  const postgres = await EmbeddedPostgres.start({ directory });
  await postgres.stop();
}

/** Starts the program and waits until it is ready. @throws Error with what it said, where it ended before */
export async function startProgram({ dataDirectory, port = 0, env }: ProgramOptions): Promise<Program> {
  const child = launch(['start'], { ...env, LETOPIS_DATA_DIR: dataDirectory, PORT: String(port) });
  const ended = endOf(child);
  const greeting = await ready(child, ended);
  const [, url] = /^Letopis is ready: (\S+)$/m.exec(greeting) ?? [];
  const [, token, organizationId] =
    /Bearer ([\w.-]+)' '[^']*\/organizations\/([0-9a-f-]{36})\//.exec(greeting) ?? [];
  if (url === undefined || child.pid === undefined)
    throw new Error(`The program did not greet:\n${greeting}`);
  return {
    pid: child.pid,
    url,
    ...(token !== undefined && { token }),
    ...(organizationId !== undefined && { organizationId }),
    greeting,
    ended,
    stop: () => end(child, ended, 'SIGINT'),
    kill: () => end(child, ended, 'SIGKILL'),
  };
}

/** Runs one command of the command line to its end: `runLetopis(['token', '--role', 'operator'], …)`. */
export function runLetopis(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return endOf(launch(args, env));
}

function launch(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [LETOPIS, ...args], {
    // In a group of its own: a Ctrl-C in the tests' terminal is the tests' to pass on.
    detached: true,
    env: { ...ownEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The tests' environment without what would steer the program. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const steering = /^(LETOPIS_|PG|PORT$|HOST$|NODE_OPTIONS$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !steering.test(name)));
}

function endOf(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Not 'close': a PostgreSQL that stays behind holds on to the pipes.
    child.once('exit', (code) => setImmediate(() => resolve({ code, stdout, stderr })));
  });
}

function ready(child: ChildProcess, ended: Promise<Ended>): Promise<string> {
  let greeting = '';
  const greeted = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The program was not ready in ${START_MS / 1_000} s:\n${greeting}`));
    }, START_MS);
    child.once('exit', () => clearTimeout(timer));
    child.stdout?.on('data', (text: string) => {
      greeting += text;
      // It greets in one write, whose last line ends it.
      if (!greeting.includes('Letopis is ready: ') || !greeting.endsWith('\n')) return;
      clearTimeout(timer);
      resolve(greeting);
    });
  });
  const failed = ended.then(({ code, stdout, stderr }): never => {
    throw new Error(`The program ended with ${code} before it was ready:\n${stdout}${stderr}`);
  });
  failed.catch(() => undefined);
  return Promise.race([greeted, failed]);
}

async function end(child: ChildProcess, ended: Promise<Ended>, signal: NodeJS.Signals): Promise<Ended> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, STOP_MS);
  child.kill(signal);
  const end = await ended;
  clearTimeout(timer);
  if (late) throw new Error(`The program did not stop in ${STOP_MS / 1_000} s:\n${end.stderr}`);
  return end;
}
