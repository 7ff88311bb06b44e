import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { productionCalendar } from '@letopis/compliance';
import { eventStoreMigrations, migrate, PostgresEventStore } from '@letopis/event-store';
import { FixedClock, type RecordedEvent } from '@letopis/kernel';
import { CommandService, EventCatalogue, platformMigrations, StreamStates } from '@letopis/platform';
import { MasterKey, PersonalFields, PostgresKeyVault, privacyMigrations } from '@letopis/privacy';
import { school } from '@letopis/school';
import { isWorkingDay, simulateYear, sizeOf, YEAR_BEGINS, YEAR_ENDS } from '@letopis/simulator';
import { type PlayedSteps, playSteps } from '../../apps/cli/src/play-steps';
import { createTestDatabase, type TestDatabase } from '../support/postgres';

/** The year is over. */
const clock = new FixedClock(new Date('2026-09-01T00:00:00.000Z'));
const YEAR = { ...sizeOf(3), seed: 7, messagesPerMonth: 4 };

it('given the simulator’s working days, then they are those of the production calendar', () => {
  const days: string[] = [];
  for (let at = Date.parse(YEAR_BEGINS); at <= Date.parse(YEAR_ENDS); at += 24 * 3_600_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  expect(days.filter((day) => isWorkingDay(day) !== productionCalendar.isWorkingDay(day))).toEqual([]);
});

describe('a simulated year on PostgreSQL', () => {
  let database: TestDatabase;
  let pool: Pool;
  let store: PostgresEventStore;
  let service: CommandService;
  const app = { role: `test_${randomBytes(8).toString('hex')}`, password: randomBytes(8).toString('hex') };

  const year = simulateYear(YEAR);
  let first: PlayedSteps;
  let events: readonly RecordedEvent[];

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate({ adminUrl: database.url, app }, [
      eventStoreMigrations,
      privacyMigrations,
      platformMigrations,
    ]);
    const url = new URL(database.url);
    url.username = app.role;
    url.password = app.password;
    pool = new Pool({ connectionString: url.href, max: 4 });
    store = await PostgresEventStore.open({ url: url.href });
    const catalogue = new EventCatalogue(school);
    const masterKey = new MasterKey(MasterKey.generate());
    service = new CommandService({
      domain: school,
      store,
      states: new StreamStates(store, (event) => catalogue.upcast(event)),
      catalogue,
      personal: new PersonalFields(catalogue.eventTypes),
      vault: new PostgresKeyVault(pool, masterKey),
      masterKey,
      clock,
      onRecorded: () => undefined,
    });
    first = await playSteps({ commands: service, clock }, year.steps);
    events = await everything();
  }, 240_000);

  afterAll(async () => {
    await store.close();
    await pool.end();
    const admin = new Pool({ connectionString: database.url, max: 1 });
    await admin.query(`DROP OWNED BY ${app.role}; DROP ROLE ${app.role}`);
    await admin.end();
    await database.drop();
  });

  async function everything(): Promise<readonly RecordedEvent[]> {
    const all: RecordedEvent[] = [];
    for (let after = 0n; ;) {
      const page = await store.readAll(after, { limit: 1_000, organizationId: year.organizationId });
      all.push(...page.events);
      const last = page.events.at(-1);
      if (last === undefined) return all;
      after = last.position;
    }
  }

  it('is refused nothing', () => expect([first.reasons, first.ahead]).toEqual([[], 0]));

  it('records the events that it says it does', () => {
    const counts: Record<string, number> = {};
    for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
    expect(counts).toEqual(year.summary().events);
  });

  it('tells in its ground truth which events stand behind what was planted', () => {
    const { breaches, nearMisses } = year.truth();
    const recorded = new Set(events.map(({ id }) => id));
    const cited = [...breaches, ...nearMisses].flatMap(({ opened, ended }) => [
      opened,
      ...(ended ? [ended] : []),
    ]);
    expect(cited.filter(({ eventId }) => !recorded.has(eventId))).toEqual([]);
  });

  it('when it is played again, then nothing is recorded', async () => {
    const again = await playSteps({ commands: service, clock }, simulateYear(YEAR).steps);
    expect([again.reasons, again.events, (await everything()).length]).toEqual([[], 0, events.length]);
  }, 240_000);
});
