import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { declaredControls } from '@letopis/compliance';
import { schoolScenario } from '../../apps/cli/src/scenario';
import { linesOf } from '../support/application';
import {
  createDataDirectory,
  type DataDirectory,
  type Ended,
  type Program,
  runLetopis,
  startProgram,
} from '../support/program';

const isRoot = process.getuid?.() === 0;

interface Overview {
  readonly controls: readonly { readonly id: string; readonly status: string }[];
}

interface Organizations {
  readonly items: readonly { readonly organizationId: string }[];
}

async function get<Body>(url: string, token: string): Promise<{ status: number; body: Body }> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const body: Body = JSON.parse(await response.text());
  return { status: response.status, body };
}

/** Whether the process runs. One that has ended and that nobody has reaped does not. */
async function lives(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/^\d+ \(.*\) [ZX]/.test(status);
}

describe('the program', () => {
  let data: DataDirectory;

  beforeAll(async () => {
    data = await createDataDirectory();
  });

  afterAll(() => data.remove());

  const letopis = (...args: readonly string[]): Promise<Ended> =>
    runLetopis(args, { LETOPIS_DATA_DIR: data.path });

  describe('started for the first time', () => {
    let program: Program;

    beforeAll(async () => {
      program = await startProgram({ dataDirectory: data.path });
    }, 120_000);

    afterAll(() => program.stop());

    it('then it greets with its address, its documentation, and a curl with a token that works', async () => {
      const [command = ''] = /^curl .*$/m.exec(program.greeting) ?? [];
      const [, token = '', url = ''] = /Bearer ([\w.-]+)' '([^']+)'/.exec(command) ?? [];

      const { status, body } = await get<Overview>(url, token);

      expect(program.greeting).toMatch(/^Letopis is ready: http:\/\/127\.0\.0\.1:\d+$/m);
      expect(program.greeting).toContain(`${program.url}/docs`);
      expect(status).toBe(200);
      expect(body.controls.map(({ id }) => id)).toEqual(declaredControls.map(({ id }) => id));
      expect((await fetch(`${program.url}/docs`)).status).toBe(200);
    });

    it('then the command line gives tokens that open it, and lists its schools while it runs', async () => {
      const [token, list] = await Promise.all([
        letopis('token', '--role', 'operator'),
        letopis('organizations', '--json'),
      ]);

      const { body } = await get<Organizations>(`${program.url}/v1/organizations`, token.stdout.trim());

      expect([token.code, list.code, list.stderr]).toEqual([0, 0, '']);
      expect(body.items.map(({ organizationId }) => organizationId)).toEqual([program.organizationId]);
      expect(JSON.parse(list.stdout)).toMatchObject(body.items);
    });

    it('then schools that are simulated beside it appear in it', async () => {
      const { code, stdout } = await letopis('simulate', '--schools', '2', '--seed', '5');

      const ids = stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]);
      expect([code, ids.length]).toEqual([0, 2]);
      const { stdout: token } = await letopis('token', '--role', 'director', '--organization', ids[1] ?? '');
      const { status, body } = await get<Overview>(
        `${program.url}/v1/organizations/${ids[1]}/compliance`,
        token.trim(),
      );
      expect(status).toBe(200);
      expect(body.controls.find(({ id }) => id === 'C23')?.status).toBe('compliant');
    });

    it('then its views are rebuilt beside it to the same digest', async () => {
      const { code, stdout, stderr } = await letopis('rebuild');

      expect([code, stderr]).toEqual([0, '']);
      expect(linesOf<{ projection?: string }>(stdout).length).toBeGreaterThanOrEqual(4);
    });

    it('then a second program on its data is told that it runs', async () => {
      const { code, stderr } = await runLetopis(['start'], { LETOPIS_DATA_DIR: data.path, PORT: '0' });

      expect(code).toBe(1);
      expect(stderr).toMatch(/in use|already|another/i);
      expect(stderr).not.toMatch(/^\s+at /m);
    });
  });

  describe('started again on the same data', () => {
    it('after Ctrl-C or kill -9, then it goes on with the same schools, and on Ctrl-C leaves no process', async () => {
      const before = await letopis('organizations', '--json');
      const killed = await startProgram({ dataDirectory: data.path });
      await killed.kill();

      const program = await startProgram({ dataDirectory: data.path });
      const after = await letopis('organizations', '--json');
      const server = await postgresOf(data.path);
      const { code, stderr } = await program.stop();

      expect(JSON.parse(before.stdout)).toHaveLength(3);
      expect(after.stdout).toBe(before.stdout);
      expect(program.organizationId).toBe(killed.organizationId);
      expect([code, stderr]).toEqual([0, '']);
      expect([await lives(program.pid), await lives(server)]).toEqual([false, false]);
    }, 60_000);
  });

  describe('not running', () => {
    it('then the command line works by itself, changes nothing by a known seed, and leaves no process', async () => {
      const before = await letopis('organizations', '--json');
      const migrated = await letopis('migrate');
      const simulated = await letopis('simulate', '--schools', '2', '--seed', '5');
      const after = await letopis('organizations', '--json');

      expect(migrated).toMatchObject({ code: 0, stdout: 'The database is up to date\n', stderr: '' });
      expect(simulated).toMatchObject({ code: 0, stderr: '' });
      expect(after.stdout).toBe(before.stdout);
      expect(await postgresOf(data.path).catch(() => undefined)).toBeUndefined();
    }, 60_000);
  });

  describe('in a place where it cannot run', () => {
    let other: DataDirectory;

    beforeEach(async () => {
      other = await createDataDirectory();
    });

    afterEach(() => other.remove());

    it('with a port that is taken, then it says which, and how to choose another', async () => {
      const taken = await listening();
      try {
        const { code, stderr } = await runLetopis(['start'], {
          LETOPIS_DATA_DIR: other.path,
          LETOPIS_DEMO: 'no',
          PORT: String(portOf(taken)),
        });

        expect(code).toBe(1);
        expect(stderr).toContain(`Port ${portOf(taken)} is taken`);
        expect(stderr).not.toMatch(/^\s+at /m);
      } finally {
        taken.close();
      }
    }, 60_000);

    it('with a data directory that is a file, then it names it', async () => {
      await writeFile(other.path, '');

      const { code, stderr } = await runLetopis(['start'], { LETOPIS_DATA_DIR: other.path });

      expect(code).toBe(1);
      expect(stderr).toContain(other.path);
      expect(stderr).not.toMatch(/^\s+at /m);
    });

    // Root writes everywhere.
    (isRoot ? it.skip : it)('with a data directory that it may not write, then it names it', async () => {
      await mkdir(other.path);
      await chmod(other.path, 0o500);

      const { code, stderr } = await runLetopis(['start'], { LETOPIS_DATA_DIR: other.path });

      expect(code).toBe(1);
      expect(stderr).toContain(`The data directory ${other.path} cannot be written`);
    });

    it('with a configuration that is wrong, then it lists everything that is', async () => {
      const { code, stderr } = await runLetopis(['start'], {
        LETOPIS_DATA_DIR: other.path,
        PORT: 'http',
        LETOPIS_LOG: 'loud',
      });

      expect(code).not.toBe(0);
      expect(stderr).toContain('PORT must be a whole number');
      expect(stderr).toContain('LETOPIS_LOG must be one of');
    });
  });

  describe('on its command line', () => {
    it('with nothing, then it lists its commands', async () => {
      const { code, stdout } = await runLetopis([]);

      expect(code).toBe(0);
      for (const name of ['start', 'token', 'organizations', 'simulate', 'migrate', 'rebuild']) {
        expect(stdout).toContain(`  ${name} `);
      }
    });

    it('with what it does not know, then it says so in a sentence and ends with 2', async () => {
      const ended = await Promise.all([
        letopis('destroy'),
        letopis('token', '--admin'),
        letopis('token', '--role', 'god'),
        letopis('token', '--role', 'director'),
        letopis('simulate', '--schools', 'many'),
      ]);

      expect(ended.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
      for (const [index, message] of [
        /^$/,
        /--admin/,
        /--role must name roles/,
        /--organization must be given/,
        /--schools must be a whole number/,
      ].entries()) {
        expect(ended[index]?.stderr).toMatch(message);
        expect(ended[index]?.stderr).not.toMatch(/^\s+at /m);
      }
    });

    it('with simulate --print, then it prints the scenario of the seed, byte for byte', async () => {
      const { stdout } = await runLetopis(['simulate', '--print', '--schools', '2', '--seed', '5']);

      const expected = [0, 1].flatMap((index) => {
        const { organizationId, name, timeZone, steps } = schoolScenario(5, index);
        return [{ organizationId, name, timeZone }, ...steps.map((step) => ({ organizationId, ...step }))];
      });
      expect(stdout).toBe(expected.map((line) => `${JSON.stringify(line)}\n`).join(''));
    });
  });
});

/** Process id of the PostgreSQL that runs on a data directory. */
async function postgresOf(dataDirectory: string): Promise<number> {
  return Number((await readFile(join(dataDirectory, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
