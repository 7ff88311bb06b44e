import { setTimeout as sleep } from 'node:timers/promises';
import { letopis } from '@letopis/api';
import { systemClock } from '@letopis/kernel';
import { type Core, createLog, EmbeddedIssuer, migrateInstallation, openCore } from '@letopis/platform';
import { ReportService } from '@letopis/reports';
import { startWorker } from '@letopis/worker';
import { createInstallation } from '../support/application';
import {
  Book,
  CoreDoor,
  flawsOfOrder,
  flawsOfPolicies,
  flawsOfRebuild,
  flawsOfReplies,
  flawsOfViews,
  load,
  LOADER,
  Random,
  readEverything,
  School,
  seedOf,
  settled,
  some,
} from '../support/faults';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis';

/** A lost sweep is noticed within 5 s and comes again within another 5 s; the rest is for a busy machine. */
const SWEEP_PATIENCE_MS = 20_000;
/** The same for the timers, whose period is 30 s. */
const TIMER_PATIENCE_MS = 80_000;
const PERIOD = { kind: 'control', from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' } as const;

describeWithRedis('jobs on Redis', () => {
  const random = new Random(seedOf('redis'));
  const closing: (() => Promise<void>)[] = [];
  let redis: RedisServer;
  let core: Core;
  let school: School;
  let book: Book;

  beforeEach(async () => {
    redis = await startRedis();
    closing.push(() => redis.stop());
    const database = await createInstallation(new EmbeddedIssuer(EmbeddedIssuer.generate()));
    closing.push(() => database.close());
    const installation = { ...database, redisUrl: redis.url };
    await migrateInstallation(installation, letopis);
    core = await openCore(installation, letopis, { clock: systemClock, log: createLog('silent') });
    closing.push(() => core.close());
    school = new School(random);
    const door = new CoreDoor(core, school.organizationId);
    book = new Book(() => door);
    for (const attempt of school.preparation()) await book.one(attempt);
  }, 60_000);

  afterEach(async () => {
    for (const step of closing.splice(0).reverse()) await step();
  }, 30_000);

  /** That no command failed, nothing was lost and views came to hold all of it, by themselves and rightly. */
  async function expectNothingLost(): Promise<void> {
    expect(some(book.refusals)).toEqual([]);
    expect(some(book.unacknowledged().map(({ key }) => key))).toEqual([]);
    const followed = await settled(
      async () => flawsOfPolicies(await readEverything(core.store)),
      SWEEP_PATIENCE_MS,
    );
    expect(some(followed)).toEqual([]);
    expect(await settled(() => flawsOfViews(core), SWEEP_PATIENCE_MS)).toEqual([]);
    const events = await readEverything(core.store);
    expect(some(flawsOfReplies(events, book.acknowledged()))).toEqual([]);
    expect(some(flawsOfOrder(events))).toEqual([]);
    expect(await flawsOfRebuild(core)).toEqual([]);
  }

  it('given FLUSHALL in the middle of a stream of commands, then no command fails and the views hold them all', async () => {
    await startWorker(core);
    const clients = load(school, book);
    for (let flushes = 1; flushes <= 4; flushes += 1) {
      await sleep(random.between(100, 400));
      await redis.flushAll();
    }
    await clients.stop();
    // No further command comes whose hint could stand in for one that is lost here.
    await redis.flushAll();

    await expectNothingLost();
  }, 90_000);

  it('given Redis is killed and comes back in the middle of a stream of commands, then no command fails and the views hold them all', async () => {
    await startWorker(core);
    const clients = load(school, book);
    await sleep(random.between(100, 400));
    await redis.kill();
    const before = book.acknowledged().length;
    await sleep(random.between(500, 1_000));
    const meanwhile = book.acknowledged().length - before;
    await redis.restart();
    await sleep(random.between(100, 400));
    await clients.stop();

    expect(meanwhile).toBeGreaterThan(10);
    await expectNothingLost();
  }, 90_000);

  it('given a report whose job was flushed and one that was asked for while Redis was away, then both are made', async () => {
    const reports = new ReportService(core);
    const { id: flushed } = await reports.request(school.organizationId, LOADER.id, PERIOD);
    await redis.kill();
    const { id: unqueued } = await reports.request(school.organizationId, LOADER.id, PERIOD);
    await redis.restart();
    expect(await settled(() => flawsOfJobs(core), SWEEP_PATIENCE_MS)).toEqual([]);
    await startWorker(core);

    const undone = async (): Promise<readonly string[]> => {
      const views = [flushed, unqueued].map((id) => reports.read(school.organizationId, id));
      return (await Promise.all(views)).flatMap(({ status }) => (status === 'done' ? [] : [status]));
    };

    expect(await settled(undone, TIMER_PATIENCE_MS)).toEqual([]);
  }, 120_000);
});

/** Why jobs cannot be added now. */
async function flawsOfJobs({ jobs }: Core): Promise<readonly string[]> {
  return jobs.ping().then(
    () => [],
    (error: Error) => [error.message],
  );
}
