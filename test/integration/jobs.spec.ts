import { setTimeout as sleep } from 'node:timers/promises';
import { type AddOptions, Jobs, type JobsConnection, type JobsLog, type RunningJob } from '@letopis/jobs';
import { newId, LetopisError } from '@letopis/kernel';
import { Client } from 'pg';
import { createTestDatabase } from '../support/postgres';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis';

/** Resolves when `condition` holds; fails, naming it, if it does not within `milliseconds`. */
async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  milliseconds = 15_000,
): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${milliseconds} ms in vain: ${what}`);
    await sleep(20);
  }
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

/** Ends every other connection to the database, as a restart of the server would. */
async function cutConnections(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  await client.end();
}

/** A gate that stays shut until it is opened. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Instances of one test over one store, closed after it. */
function instances(connection: () => JobsConnection) {
  const opened: Jobs[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((jobs) => jobs.close()));
  });
  return async (log?: JobsLog): Promise<Jobs> => {
    const jobs = await Jobs.open(connection(), log);
    opened.push(jobs);
    return jobs;
  };
}

function jobsContract(connection: () => JobsConnection): void {
  const open = instances(connection);
  let queue: string;
  beforeEach(() => {
    queue = newId();
  });

  it('given an added job, when a worker runs, then its handler gets name, payload and a first attempt', async () => {
    const jobs = await open();
    const seen: Omit<RunningJob, 'progress'>[] = [];
    await jobs.add(queue, 'greet', { who: 'Анна', list: [1, null, true] }, { id: 'one', attempts: 3 });

    await jobs.work(queue, async ({ progress: _progress, ...job }) => void seen.push(job), {
      concurrency: 1,
    });
    await until('the job is done', () => seen.length === 1);

    expect(seen).toEqual([
      {
        id: 'one',
        name: 'greet',
        payload: { who: 'Анна', list: [1, null, true] },
        attempt: 1,
        lastAttempt: false,
      },
    ]);
  });

  it('given a handler that always throws, then the job is tried again after growing waits and fails', async () => {
    const jobs = await open();
    const attempts: { at: number; lastAttempt: boolean }[] = [];
    await jobs.work(
      queue,
      async ({ lastAttempt }) => {
        attempts.push({ at: Date.now(), lastAttempt });
        throw new Error('no luck\0');
      },
      { concurrency: 1 },
    );

    await jobs.add(queue, 'doomed', {}, { attempts: 3 });
    await until('the job has failed', async () => (await jobs.status(queue)).failed === 1);

    expect(attempts.map(({ lastAttempt }) => lastAttempt)).toEqual([false, false, true]);
    const waits = attempts.slice(1).map(({ at }, index) => at - attempts[index]!.at);
    expect(waits[0]).toBeGreaterThanOrEqual(950);
    expect(waits[1]).toBeGreaterThanOrEqual(1_950);
  });

  it.each(['invalid', 'rule-violated', 'not-found'] as const)(
    'given a handler that throws %s, then the job fails without another attempt',
    async (code) => {
      const jobs = await open();
      let attempts = 0;
      await jobs.work(
        queue,
        async () => {
          attempts += 1;
          throw new LetopisError(code, 'cannot be mended');
        },
        { concurrency: 1 },
      );

      await jobs.add(queue, 'hopeless', {}, { attempts: 3 });
      await until('the job has failed', async () => (await jobs.status(queue)).failed === 1);

      expect(attempts).toBe(1);
    },
  );

  it('given a job id, when it is added again before and after the run, then it is done once', async () => {
    const jobs = await open();
    const payloads: unknown[] = [];
    await jobs.add(queue, 'report', { copy: 1 }, { id: 'report-7' });
    await jobs.add(queue, 'report', { copy: 2 }, { id: 'report-7' });
    await jobs.work(queue, async ({ payload }) => void payloads.push(payload), { concurrency: 1 });
    await until('the job is done', () => payloads.length > 0);

    await jobs.add(queue, 'report', { copy: 3 }, { id: 'report-7' });
    await jobs.add(queue, 'report', { copy: 'marker' });
    await until('the marker is done', () => payloads.length > 1);

    expect(payloads).toEqual([{ copy: 1 }, { copy: 'marker' }]);
  });

  it('given hints that collapse, when many are added during a run, then exactly one more run follows', async () => {
    const jobs = await open();
    const hint: AddOptions = { collapse: 'advance-audit' };
    const release = gate();
    const runs: unknown[] = [];
    await jobs.add(queue, 'advance', { hint: 1 }, hint);
    await jobs.add(queue, 'advance', { hint: 2 }, hint);
    await jobs.work(
      queue,
      async ({ payload }) => {
        runs.push(payload);
        await release.opened;
      },
      { concurrency: 4 },
    );
    await until('the first run has begun', () => runs.length === 1);

    await jobs.add(queue, 'advance', { hint: 3 }, hint);
    await jobs.add(queue, 'advance', { hint: 4 }, hint);
    release.open();
    await until('the second run has begun', () => runs.length === 2);
    await until('the queue is empty', async () => {
      const { waiting, active, delayed } = await jobs.status(queue);
      return waiting + active + delayed === 0;
    });
    await jobs.add(queue, 'advance', { hint: 5 }, hint);
    await until('a later hint runs as ever', () => runs.length === 3);

    expect(runs).toEqual([{ hint: 1 }, { hint: 4 }, { hint: 5 }]);
  });

  it('given a delay, then the job does not run before its time', async () => {
    const jobs = await open();
    let ranAt = 0;
    await jobs.work(queue, async () => void (ranAt = Date.now()), { concurrency: 1 });

    const addedAt = Date.now();
    await jobs.add(queue, 'later', {}, { delayMs: 700 });
    await until('the job is done', () => ranAt > 0);

    expect(ranAt - addedAt).toBeGreaterThanOrEqual(690);
  });

  it('given a schedule that two instances ask for, then it fires repeatedly and not twice as often', async () => {
    const [one, two] = [await open(), await open()];
    const firings: unknown[] = [];
    for (const jobs of [one, two]) {
      await jobs.work(queue, async ({ payload }) => void firings.push(payload), { concurrency: 1 });
      await jobs.every(queue, 'sweep', 500, { deep: true });
    }

    await until('it has fired four times', () => firings.length >= 4);
    const before = firings.length;
    await sleep(2_000);

    expect(firings[0]).toEqual({ deep: true });
    expect(firings.length - before).toBeGreaterThanOrEqual(2);
    expect(firings.length - before).toBeLessThanOrEqual(5);
  });

  it('given an active job, when the instance closes, then the job ends first', async () => {
    const jobs = await open();
    let [begun, ended] = [false, false];
    await jobs.work(
      queue,
      async () => {
        begun = true;
        await sleep(500);
        ended = true;
      },
      { concurrency: 1 },
    );
    await jobs.add(queue, 'slow', {});
    await until('the job has begun', () => begun);

    await jobs.close();

    expect(ended).toBe(true);
  });

  it('given a closed instance, when a job is added, then it is refused as unavailable', async () => {
    const jobs = await open();
    await jobs.close();

    await expect(jobs.add(queue, 'late', {})).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('given two instances, then they share the jobs and each job is done once', async () => {
    const done = new Map<string, number>();
    const shares = [0, 0];
    const pair = [await open(), await open()];
    for (const [index, jobs] of pair.entries()) {
      await jobs.work(
        queue,
        async ({ name }) => {
          done.set(name, (done.get(name) ?? 0) + 1);
          shares[index]! += 1;
          await sleep(5);
        },
        { concurrency: 2 },
      );
    }

    const names = Array.from({ length: 100 }, (_, index) => `job-${index}`);
    await Promise.all(names.map((name) => pair[0]!.add(queue, name, {})));
    await until('all jobs are done', () => done.size === names.length);
    await pair[0]!.close();

    expect([...done.values()].every((times) => times === 1)).toBe(true);
    expect(Math.min(...shares)).toBeGreaterThan(0);
  });

  it.each<[string, (jobs: Jobs) => Promise<void>]>([
    ['payload', (jobs) => jobs.add(queue, 'import', { text: 'a\u0000b' })],
    ['repeated payload', (jobs) => jobs.every(queue, 'import', 1_000, { text: 'a\u0000b' })],
    ['name', (jobs) => jobs.add(queue, 'a\u0000b', {})],
    ['id', (jobs) => jobs.add(queue, 'import', {}, { id: 'a\u0000b' })],
  ])('given a NUL character in the %s, then the job is refused as invalid', async (_where, add) => {
    const jobs = await open();

    await expect(add(jobs)).rejects.toMatchObject({ code: 'invalid' });
  });

  it.each(['', '17', 'a:b'])('given the id %p, then the job is refused as invalid', async (id) => {
    const jobs = await open();

    await expect(jobs.add(queue, 'import', {}, { id })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('given jobs in several states, then status counts them', async () => {
    const jobs = await open();
    await jobs.add(queue, 'waiting', {});
    await jobs.add(queue, 'waiting', {});
    await jobs.add(queue, 'delayed', {}, { delayMs: 60_000 });

    expect(await jobs.status(queue)).toEqual({ waiting: 2, active: 0, delayed: 1, failed: 0 });
  });

  it('given a store that answers, then ping resolves', async () => {
    await expect((await open()).ping()).resolves.toBeUndefined();
  });

  it('given a job that notes its progress, then the job still completes', async () => {
    const jobs = await open();
    let done = false;
    await jobs.work(
      queue,
      async ({ progress }) => {
        await progress(50);
        done = true;
      },
      { concurrency: 1 },
    );

    await jobs.add(queue, 'report', {}, { attempts: 1 });
    await until('the job is done', () => done);

    expect((await jobs.status(queue)).failed).toBe(0);
  });
}

describe('jobs on PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  const connection = (): JobsConnection => ({ kind: 'postgres', url: database.url });

  jobsContract(connection);

  it('given an empty database, when several instances open at once, then all can work', async () => {
    const fresh = await createTestDatabase();
    const opened = await Promise.all(
      Array.from({ length: 4 }, () => Jobs.open({ kind: 'postgres', url: fresh.url })),
    );

    await Promise.all(opened.map((jobs) => jobs.add('q', 'greet', {})));

    expect(await opened[0]!.status('q')).toMatchObject({ waiting: 4 });
    await Promise.all(opened.map((jobs) => jobs.close()));
    await fresh.drop();
  });

  describe('when PostgreSQL fails', () => {
    const open = instances(connection);

    it('given every connection is cut, then the schedule goes on and new jobs are done', async () => {
      const jobs = await open();
      const names: string[] = [];
      await jobs.work('outage', async ({ name }) => void names.push(name), { concurrency: 1 });
      await jobs.every('outage', 'sweep', 300);
      await until('it fires', () => names.length > 0);

      await cutConnections(database.url);
      names.length = 0;
      await until('jobs can be added', () => succeeds(jobs.add('outage', 'after', {})));

      await until('a new job is done', () => names.includes('after'));
      await until('the schedule goes on', () => names.filter((name) => name === 'sweep').length > 1);
    });
  });

  it('given no server, when jobs are opened, then that is unavailable', async () => {
    const opening = Jobs.open({ kind: 'postgres', url: 'postgres://127.0.0.1:1/nothing' });

    await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describeWithRedis('jobs on Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  const connection = (): JobsConnection => ({ kind: 'redis', url: redis.url, prefix: 'letopis-test' });

  jobsContract(connection);

  describe('when Redis fails', () => {
    const open = instances(connection);

    it('given a schedule, when everything is flushed, then the schedule heals and jobs are done as before', async () => {
      const jobs = await open();
      const names: string[] = [];
      await jobs.work('healing', async ({ name }) => void names.push(name), { concurrency: 1 });
      await jobs.every('healing', 'sweep', 300);
      await until('it fires', () => names.length >= 2);

      await redis.flushAll();
      const before = names.length;
      await until('it fires again', () => names.length >= before + 3);
      await jobs.add('healing', 'after', {});

      await until('a new job is done', () => names.includes('after'));
    });

    it('given Redis is gone, then adding and ping are unavailable at once; back again, all works as before', async () => {
      const jobs = await open();
      const names: string[] = [];
      await jobs.work('outage', async ({ name }) => void names.push(name), { concurrency: 1 });
      await jobs.every('outage', 'sweep', 300);
      await until('it fires', () => names.length > 0);

      await redis.kill();
      const goneAt = Date.now();
      await expect(jobs.add('outage', 'lost', {})).rejects.toMatchObject({ code: 'unavailable' });
      await expect(jobs.ping()).rejects.toMatchObject({ code: 'unavailable' });
      expect(Date.now() - goneAt).toBeLessThan(3_000);

      await redis.restart();
      names.length = 0;
      await until('jobs can be added', () => succeeds(jobs.add('outage', 'after', {})));
      await until('a new job is done', () => names.includes('after'));
      await until('the schedule has healed', () => names.includes('sweep'));
    }, 60_000);

    it('given no active job and Redis gone for good, when an instance closes, then it does not wait', async () => {
      const doomed = await startRedis();
      const jobs = await Jobs.open({ kind: 'redis', url: doomed.url, prefix: 'letopis-test' });
      await jobs.work('gone', async () => undefined, { concurrency: 1 });
      await doomed.stop();
      await until('the loss is noticed', async () => !(await succeeds(jobs.ping())));

      const closingAt = Date.now();
      await jobs.close();

      expect(Date.now() - closingAt).toBeLessThan(5_000);
    });
  });

  it('given no server, when jobs are opened, then that is unavailable', async () => {
    const opening = Jobs.open({ kind: 'redis', url: 'redis://127.0.0.1:1', prefix: 'letopis-test' });

    await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
  });
});
