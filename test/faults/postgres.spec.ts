import { setTimeout as sleep } from 'node:timers/promises';
import { type RecordedEvent } from '@letopis/kernel';
import { type Core } from '@letopis/platform';
import { Client } from 'pg';
import { startApplication, type TestApplication } from '../support/application';
import {
  Book,
  flawsOfOrder,
  flawsOfPersonalData,
  flawsOfPolicies,
  flawsOfRebuild,
  flawsOfReplies,
  flawsOfViews,
  HttpDoor,
  load,
  LOADER,
  Random,
  readEverything,
  School,
  seedOf,
  settled,
  some,
} from '../support/faults';

const CUTS = 30;
const SWEEP_PATIENCE_MS = 15_000;

describe('all connections to PostgreSQL cut in the middle of a stream of commands, 30 times', () => {
  const random = new Random(seedOf('postgres'));
  const school = new School(random);
  let application: TestApplication | undefined;
  let core: Core;
  let door: HttpDoor | undefined;
  const book = new Book(() => door!);
  let events: readonly RecordedEvent[];
  let cut = 0;

  beforeAll(async () => {
    application = await startApplication();
    core = application.core;
    const token = await application.issuer.issue({ ...LOADER, organizationId: school.organizationId }, 3_600);
    door = new HttpDoor(application.url, token, school.organizationId);
    for (const attempt of school.preparation()) await book.one(attempt);
    const { rows } = await core.database.query<{ name: string }>('SELECT current_database() AS name');
    const clients = load(school, book);
    for (let times = 1; times <= CUTS; times += 1) {
      await sleep(random.between(10, 120));
      cut += await cutConnections(rows[0]!.name);
    }
    await clients.stop();
    for (const attempt of book.unacknowledged()) await book.one(attempt);
    events = await readEverything(core.store);
  }, 60_000);

  afterAll(async () => {
    door?.close();
    await application?.stop();
  });

  it('has cut connections', () => {
    expect(cut).toBeGreaterThan(CUTS);
  });

  it('refuses nothing that is in order; what it could not do is unavailable', () => {
    expect(some(book.refusals)).toEqual([]);
    expect([...book.openStatuses].filter((status) => status !== 503)).toEqual([]);
  });

  it('holds every command exactly once when those are repeated that were not acknowledged', () => {
    expect(some(book.unacknowledged().map(({ key }) => key))).toEqual([]);
    expect(some(flawsOfReplies(events, book.acknowledged()))).toEqual([]);
  });

  it('has streams without gaps, in one order', () => {
    expect(some(flawsOfOrder(events))).toEqual([]);
  });

  it('has followed each use of an invitation exactly once', async () => {
    const flaws = await settled(
      async () => flawsOfPolicies(await readEverything(core.store)),
      SWEEP_PATIENCE_MS,
    );

    expect(some(flaws)).toEqual([]);
  });

  it('opens all personal data, and stores none of it open', async () => {
    expect(some(await flawsOfPersonalData(core, events, book.acknowledged()))).toEqual([]);
  });

  it('has views that are up to date and equal a rebuild', async () => {
    expect(await settled(() => flawsOfViews(core), SWEEP_PATIENCE_MS)).toEqual([]);

    expect(await flawsOfRebuild(core)).toEqual([]);
  }, 45_000);
});

/** Ends every connection to the database, as a restart of the server would; how many there were. */
async function cutConnections(database: string): Promise<number> {
  const client = new Client({ connectionString: process.env.LETOPIS_TEST_POSTGRES_URL });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
      [database],
    );
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}
