import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';

/** A Redis server of a test's own: empty, on a free port of 127.0.0.1, without persistence. */
export interface RedisServer {
  readonly url: string;
  /** Removes every key, as an operator's slip would. */
  flushAll(): Promise<void>;
  /** Ends the server at once; what it held is lost. */
  kill(): Promise<void>;
  /** Starts it again on the same port after `kill`. */
  restart(): Promise<void>;
  /** Ends the server and removes its directory. */
  stop(): Promise<void>;
}

const MISSING =
  'redis-server is not on the PATH. Install it: apt-get install redis-server, or brew install redis';
const START_ATTEMPTS = 5;

const binary = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'redis-server'))
  .find(isExecutable);

/**
 * `describe` for suites that need Redis. Without a redis-server they are skipped with one line, but never in CI: there
 * they run, and fail by `startRedis`.
 */
export const describeWithRedis: jest.Describe =
  binary !== undefined || process.env.CI ? describe : sayAndSkip();

/**
 * Starts a Redis server; the caller stops it.
 *
 * @throws Error that says how to install Redis if there is none
 */
export async function startRedis(): Promise<RedisServer> {
  if (binary === undefined) throw new Error(MISSING);
  const folder = await mkdtemp(join(tmpdir(), 'letopis-redis-'));
  const { port, server: first } = await launchOnFreePort(binary, folder);
  let server = first;
  const url = `redis://127.0.0.1:${port}`;
  const kill = () => end(server);
  return {
    url,
    kill,
    restart: async () => {
      server = await launch(binary, folder, port);
    },
    flushAll: async () => {
      const client = new Redis(url);
      await client.flushall();
      client.disconnect();
    },
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Another process may take the port between the look and the start, so a failed start is tried on another port. */
async function launchOnFreePort(
  executable: string,
  folder: string,
): Promise<{ port: number; server: ChildProcess }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { port, server: await launch(executable, folder, port) };
    } catch (error) {
      if (attempt < START_ATTEMPTS) continue;
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }
}

function launch(executable: string, folder: string, port: number): Promise<ChildProcess> {
  const settings = { bind: '127.0.0.1', port: String(port), dir: folder, save: '', appendonly: 'no' };
  const server = spawn(
    executable,
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Ready to accept connections')) resolve(server);
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`redis-server did not start on port ${port}: ${output}`)));
  });
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await exited;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('no free port'));
      });
    });
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function sayAndSkip(): jest.Describe {
  process.stderr.write(`Suites with Redis are skipped: ${MISSING}\n`);
  return describe.skip;
}
