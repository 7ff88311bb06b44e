import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { letopis } from '@letopis/api';
import { type RecordedEvent, systemClock } from '@letopis/kernel';
import { type Core, createLog, joinEmbedded, openCore, readConfig } from '@letopis/platform';
import {
  Book,
  byCommand,
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
  type Reply,
  School,
  seedOf,
  settled,
  some,
} from '../support/faults';
import { createDataDirectory, type DataDirectory, type Program, startProgram } from '../support/program';

const KILLS = 20;
const DURATION_MS = 240_000;
/** The sweep of the workers comes every 5 s; twice that, on a busy machine. */
const SWEEP_PATIENCE_MS = 15_000;

/** What is killed, in which order. Without PostgreSQL, the next start adopts it. */
const VICTIMS = ['node, then postgres', 'postgres, then node', 'node'] as const;

describe('kill -9 in the middle of a stream of commands, 20 times', () => {
  const random = new Random(seedOf('kill'));
  const school = new School(random);
  let directory: DataDirectory;
  let program: Program | undefined;
  let door: HttpDoor | undefined;
  let core: Core | undefined;
  const book = new Book(() => door!);

  /** The record after the last kill, before and after what was not acknowledged was repeated. */
  let before: readonly RecordedEvent[];
  let after: readonly RecordedEvent[];
  let unknown: ReadonlySet<string>;
  let repetitions: readonly Reply[];

  beforeAll(async () => {
    directory = await createDataDirectory();
    program = await start();
    for (const attempt of school.preparation()) await book.one(attempt);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const open = book.unacknowledged();
      const clients = load(school, book);
      // Some that were cut off come again at once, in the midst of the new ones; the others at the end.
      if (open.length > 0 && random.next() < 0.5) await book.many(open.slice(0, 20));
      await sleep(random.between(150, 350));
      await killed(program, VICTIMS[kill % VICTIMS.length]!);
      await clients.stop();
      door!.close();
      program = await start();
    }
    core = await openBeside();
    before = await readEverything(core.store);
    const open = book.unacknowledged();
    unknown = new Set(open.map(({ key }) => key));
    for (let from = 0; from < open.length; from += 500) await book.many(open.slice(from, from + 500));
    repetitions = book
      .acknowledged()
      .flatMap(({ attempt, reply }) => (unknown.has(attempt.key) ? [reply] : []));
    after = await readEverything(core.store);
  }, DURATION_MS);

  afterAll(async () => {
    door?.close();
    await core?.close();
    await program?.stop();
    await directory.remove();
  });

  async function start(): Promise<Program> {
    const env = { LETOPIS_DEMO: 'no', LETOPIS_REQUESTS_PER_MINUTE: '0', LETOPIS_LOG: 'silent' };
    const started = await startProgram({ dataDirectory: directory.path, env });
    const { issuer } = await joinEmbedded(readConfig({ LETOPIS_DATA_DIR: directory.path }));
    const token = await issuer!.issue({ ...LOADER, organizationId: school.organizationId }, 3_600);
    door = new HttpDoor(started.url, token, school.organizationId);
    return started;
  }

  async function killed(running: Program, victims: (typeof VICTIMS)[number]): Promise<void> {
    const postmaster = await postmasterOf(directory.path);
    switch (victims) {
      case 'node':
        await running.kill();
        return;
      case 'node, then postgres':
        await running.kill();
        process.kill(postmaster, 'SIGKILL');
        return;
      case 'postgres, then node':
        process.kill(postmaster, 'SIGKILL');
        await running.kill();
    }
  }

  /** The services of the installation in this process too, for a look at what it holds. */
  async function openBeside(): Promise<Core> {
    const installation = await joinEmbedded(readConfig({ LETOPIS_DATA_DIR: directory.path }));
    return openCore(installation, letopis, { clock: systemClock, log: createLog('silent') });
  }

  it('refuses nothing that is in order', () => {
    expect(some(book.refusals)).toEqual([]);
  });

  it('has cut off some commands and acknowledged others', () => {
    expect(unknown.size).toBeGreaterThan(0);
    expect(book.acknowledged().length).toBeGreaterThan(KILLS * 10);
  });

  it('holds every acknowledged command exactly once, where its answer said', () => {
    const acknowledged = book.acknowledged().filter(({ attempt }) => !unknown.has(attempt.key));

    expect(some(flawsOfReplies(before, acknowledged))).toEqual([]);
  });

  it('holds no command twice that was not acknowledged, and says when it repeats one', () => {
    const recorded = byCommand(before);
    const flaws = repetitions.flatMap(({ commandId, repeated }) => {
      const times = (recorded.get(commandId) ?? []).length;
      return times === (repeated ? 1 : 0)
        ? []
        : [`${commandId} was there ${times} times; repeated: ${repeated}`];
    });

    expect(some(flaws)).toEqual([]);
  });

  it('holds every command exactly once when those are repeated that were not acknowledged', () => {
    expect(some(book.unacknowledged().map(({ key }) => key))).toEqual([]);
    expect(some(flawsOfReplies(after, book.acknowledged()))).toEqual([]);
  });

  it('has streams without gaps, in one order', () => {
    expect(some(flawsOfOrder(after))).toEqual([]);
  });

  it('has never changed what it once showed', () => {
    expect(after.slice(0, before.length)).toEqual(before);
  });

  it('has followed each use of an invitation exactly once', async () => {
    const flaws = await settled(
      async () => flawsOfPolicies(await readEverything(core!.store)),
      SWEEP_PATIENCE_MS,
    );

    expect(some(flaws)).toEqual([]);
  }, 30_000);

  it('opens all personal data, and stores none of it open', async () => {
    expect(some(await flawsOfPersonalData(core!, after, book.acknowledged()))).toEqual([]);
  });

  it('has views that are up to date and equal a rebuild', async () => {
    expect(await settled(() => flawsOfViews(core!), SWEEP_PATIENCE_MS)).toEqual([]);

    expect(await flawsOfRebuild(core!)).toEqual([]);
  }, 60_000);
});

/** The process of the server on the directory, as its pid file says. */
async function postmasterOf(directory: string): Promise<number> {
  const [pid] = (await readFile(join(directory, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
  return Number(pid);
}
