import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLetopisError } from '@letopis/kernel';
import { Client } from 'pg';
import { EmbeddedPostgres, reachableDirectory } from '../../libs/platform/src/embedded-postgres';

const isRoot = process.getuid?.() === 0;

/** Another Letopis process: starts the cluster, writes one line of what it found, and ends as its input says. */
const OWNER = `
  const { transformFileSync } = require('@swc/core');
  require.extensions['.ts'] = (module, file) => module._compile(transformFileSync(file).code, file);
  const { EmbeddedPostgres } = require('./libs/platform/src/embedded-postgres.ts');
  EmbeddedPostgres.start({ directory: process.argv[1] }).then(
    (postgres) => console.log(JSON.stringify({ url: postgres.url('postgres'), adopted: postgres.adopted })),
    (error) => console.log(JSON.stringify({ error: error.message })),
  );
  process.stdin.once('data', () => process.exit());
`;

let home: string;
let directory: string;
let started: EmbeddedPostgres[];
let owners: ChildProcess[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'letopis-postgres-'));
  await chmod(home, 0o711);
  directory = join(home, 'postgres');
  started = [];
  owners = [];
});

afterEach(async () => {
  const pids = await serverPid();
  await Promise.all(started.map((postgres) => postgres.stop()));
  for (const owner of owners) owner.kill('SIGKILL');
  for (const pid of pids) if (await isServer(pid)) await kill(pid, 'SIGQUIT');
  await rm(home, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  const postgres = await EmbeddedPostgres.start({ directory });
  started.push(postgres);
  return postgres;
}

interface OwnerReport {
  readonly url: string;
  readonly adopted: boolean;
  readonly error?: string;
}

async function startOwner(): Promise<OwnerReport & { process: ChildProcess }> {
  const child = spawn(process.execPath, ['-e', OWNER, directory], {
    cwd: join(__dirname, '..', '..'),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  owners.push(child);
  for await (const line of createInterface(child.stdout)) {
    const report: OwnerReport = JSON.parse(line);
    return { ...report, process: child };
  }
  throw new Error('the owner ended without a report');
}

async function query(url: string, ...statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query<Record<string, unknown>>(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/** The process of the server that the cluster's pid file names, if there is such a file. */
async function serverPid(): Promise<number[]> {
  const text = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '');
  return text === '' ? [] : [Number(text.split('\n')[0])];
}

/** Whether the process is still the cluster's server, so that a test never ends a stranger with its number. */
async function isServer(pid: number): Promise<boolean> {
  const found = (await serverPid()).includes(pid) && pid !== process.pid;
  return found && !(await isGone(pid));
}

async function isGone(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /^\d+ \(.*\) [ZX]/.test(status);
}

async function gone(pid: number): Promise<void> {
  while (!(await isGone(pid))) await sleep(10);
}

async function kill(pid: number, signal: NodeJS.Signals): Promise<void> {
  process.kill(pid, signal);
  await gone(pid);
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(isLetopisError(error, 'unavailable')).toBe(true);
  return error instanceof Error ? error.message : '';
}

const KEEP_A_FACT = ['CREATE TABLE fact (said text)', `INSERT INTO fact VALUES ('летопись')`];
const READ_FACTS = 'SELECT said FROM fact';
const THE_FACT = [{ said: 'летопись' }];

describe('a first start', () => {
  it('makes a durable UTF-8 cluster with C collation', async () => {
    const postgres = await start();

    const [settings] = await query(
      postgres.url('postgres'),
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
              pg_encoding_to_char(encoding) AS encoding, datcollate AS collation
       FROM pg_database WHERE datname = 'postgres'`,
    );
    expect(settings).toEqual({ fsync: 'on', commit: 'on', encoding: 'UTF8', collation: 'C' });
  });

  it('makes missing parent directories', async () => {
    directory = join(home, 'of', 'a', 'school');

    const postgres = await start();

    expect(await query(postgres.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('asks for a password that only its owner can read', async () => {
    const postgres = await start();

    const url = new URL(postgres.url('postgres'));
    url.password = 'guess';
    await expect(query(url.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect((await stat(join(directory, 'letopis.password'))).mode & 0o777).toBe(0o600);
  });

  it('listens on the loopback address only', async () => {
    const postgres = await start();

    expect(
      await query(
        postgres.url('postgres'),
        `SELECT name, setting FROM pg_settings WHERE name IN ('listen_addresses', 'unix_socket_directories')`,
      ),
    ).toEqual([
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'unix_socket_directories', setting: '' },
    ]);
  });

  it('clears away what a start left that was killed in the middle', async () => {
    const ended = spawn(process.execPath, ['-e', '']);
    await once(ended, 'exit');
    await mkdir(join(home, `postgres.initdb-${ended.pid}-abcdef`, 'cluster'), { recursive: true });

    await start();

    expect(await readdir(home)).toEqual(['postgres']);
  });
});

describe('a later start', () => {
  it('finds what was there before', async () => {
    const first = await start();
    await query(first.url('postgres'), ...KEEP_A_FACT);
    await first.stop();

    const second = await start();

    expect(second.adopted).toBe(false);
    expect(await query(second.url('postgres'), READ_FACTS)).toEqual(THE_FACT);
  });

  it('keeps committed rows through a kill of the server', async () => {
    const first = await start();
    await query(first.url('postgres'), ...KEEP_A_FACT);
    const [pid] = await serverPid();
    process.kill(pid!, 'SIGKILL');

    expect((await first.exited).message).toContain('PostgreSQL ended unexpectedly: SIGKILL');

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second.url('postgres'), READ_FACTS)).toEqual(THE_FACT);
  });

  it('keeps committed rows through a kill of the server and its owner together', async () => {
    const owner = await startOwner();
    await query(owner.url, ...KEEP_A_FACT);
    const [pid] = await serverPid();
    owner.process.kill('SIGKILL');
    await kill(pid!, 'SIGKILL');

    const postgres = await start();

    expect(await query(postgres.url('postgres'), READ_FACTS)).toEqual(THE_FACT);
  });

  it('is not stopped by a pid file whose number passed to another process', async () => {
    await (await start()).stop();
    const lines = [process.pid, directory, 1, 5432, '', '127.0.0.1', '', 'ready', ''];
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    owners.push(bystander);
    await writeFile(join(directory, 'postmaster.pid'), [bystander.pid, ...lines.slice(1)].join('\n'));

    const postgres = await start();

    expect(postgres.adopted).toBe(false);
  });
});

describe('a server whose owner was killed', () => {
  it('is adopted with its data', async () => {
    const owner = await startOwner();
    await query(owner.url, ...KEEP_A_FACT);
    const [pid] = await serverPid();
    owner.process.kill('SIGKILL');

    const postgres = await start();

    expect(postgres.adopted).toBe(true);
    expect(await serverPid()).toEqual([pid]);
    expect(await query(postgres.url('postgres'), READ_FACTS)).toEqual(THE_FACT);
  });

  it('is ended by the one who adopted it', async () => {
    const owner = await startOwner();
    const [pid] = await serverPid();
    owner.process.kill('SIGKILL');
    const postgres = await start();

    await postgres.stop();

    expect(await isGone(pid!)).toBe(true);
    expect(await serverPid()).toEqual([]);
  });

  it('tells the one who adopted it that it ended', async () => {
    const owner = await startOwner();
    const [pid] = await serverPid();
    owner.process.kill('SIGKILL');
    const postgres = await start();

    await kill(pid!, 'SIGKILL');

    expect((await postgres.exited).code).toBe('unavailable');
  });
});

describe('a directory in use', () => {
  it('is refused to a second process', async () => {
    const first = await start();

    const second = await startOwner();

    expect(second.error).toContain(`${directory} is in use by another Letopis process`);
    expect(await query(first.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('is refused to a second process after the server dropped all connections', async () => {
    const first = await start();
    await query(
      first.url('postgres'),
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
    await sleep(500);

    expect(await refusal(start())).toContain('is in use by another Letopis process');
  });

  it('goes to one of two processes that start together', async () => {
    const reports = await Promise.all([startOwner(), startOwner()]);

    const refused = reports.filter(({ error }) => error !== undefined);
    expect(refused).toHaveLength(1);
    expect(refused[0]!.error).toContain('is in use by another Letopis process');
  });
});

describe('the end', () => {
  it('leaves no server and no pid file, however often it is asked for', async () => {
    const postgres = await start();
    const [pid] = await serverPid();

    await Promise.all([postgres.stop(), postgres.stop()]);

    expect(await isGone(pid!)).toBe(true);
    expect(await serverPid()).toEqual([]);
  });

  it('comes for the server when its owner exits without stopping it', async () => {
    const owner = await startOwner();
    const [pid] = await serverPid();

    owner.process.stdin!.write('exit\n');
    await once(owner.process, 'exit');

    await gone(pid!);
    expect(await serverPid()).toEqual([]);
  });
});

describe('the place of the cluster', () => {
  it('is the directory asked for where the user of the server can enter its parents', async () => {
    expect(await reachableDirectory(directory)).toBe(directory);
  });

  (isRoot ? it : it.skip)(
    'is elsewhere, and stays there, where a parent is closed to that user',
    async () => {
      const locked = join(home, 'root');
      await mkdir(locked, { mode: 0o700 });
      directory = join(locked, 'data', 'postgres');

      const place = await reachableDirectory(directory);

      expect(place).toMatch(/^\/var\/lib\/letopis\/data-[0-9a-f]{12}\/postgres$/);
      expect(await readFile(`${directory}.location`, 'utf8')).toBe(`${place}\n`);
      expect(await reachableDirectory(directory)).toBe(place);
    },
  );
});

describe('a directory that cannot be used', () => {
  (isRoot ? it : it.skip)('is refused where the user of the server cannot enter a parent', async () => {
    const locked = join(home, 'root');
    await mkdir(locked, { mode: 0o700 });
    directory = join(locked, 'data', 'postgres');

    const message = await refusal(start());

    expect(message).toContain(`cannot enter ${locked},`);
    expect(message).toContain('LETOPIS_DATA_DIR');
  });

  (isRoot ? it.skip : it)('is refused where it cannot be written', async () => {
    const locked = join(home, 'locked');
    await mkdir(locked, { mode: 0o500 });
    directory = join(locked, 'data', 'postgres');

    const message = await refusal(start());

    expect(message).toContain(join(locked, 'data'));
    expect(message).toContain('LETOPIS_DATA_DIR');
  });

  it('is refused where it is a file', async () => {
    await writeFile(directory, '');

    expect(await refusal(start())).toContain(`${directory} is a file`);
  });

  it('is refused where a parent is a file', async () => {
    await writeFile(join(home, 'data'), '');
    directory = join(home, 'data', 'postgres');

    expect(await refusal(start())).toContain(join(home, 'data'));
  });

  it('is refused where it holds something else', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'thesis.docx'), '');

    expect(await refusal(start())).toContain('holds other files');
  });

  it('is refused where another major version made it', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'PG_VERSION'), '17\n');

    expect(await refusal(start())).toContain(`${directory} was made by PostgreSQL 17`);
  });
});
