import { Pool } from 'pg';
import { type Logger } from 'pino';
import {
  type AppliedMigration,
  type EventStore,
  eventStoreMigrations,
  KurrentEventStore,
  migrate,
  type MigrationSet,
  PostgresEventStore,
} from '@letopis/event-store';
import { type Clock, type Domain, type JsonObject, LetopisError } from '@letopis/kernel';
import { Jobs } from '@letopis/jobs';
import { type MasterKey, PersonalFields, PostgresKeyVault, privacyMigrations } from '@letopis/privacy';
import { type Projection, projectionMigrations, ProjectionRuntime, searchPath } from '@letopis/projections';
import { CommandService, type Preconditions } from './command-service';
import { type OutboundConfig } from './config';
import { EventCatalogue } from './event-catalogue';
import { Hints } from './hints';
import { type Installation } from './installation';
import { platformMigrations, PolicyRunner } from './policy-runner';
import { StreamStates } from './stream-states';

/** What an application brings to the platform. */
export interface Application {
  readonly domain: Domain;
  readonly projections: (catalogue: EventCatalogue) => readonly Projection[];
  /** Migrations of rooms above the platform. */
  readonly migrations: readonly MigrationSet[];
  /** Preconditions of commands that rest on views; `views` has the live ones on its search path. */
  readonly preconditions?: (parts: Pick<Core, 'views' | 'clock' | 'daysOff'>) => Preconditions;
}

/** Everything that the doors (HTTP, jobs, command line) are made of. */
export interface Core {
  readonly domain: Domain;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: EventStore;
  readonly catalogue: EventCatalogue;
  readonly personal: PersonalFields;
  readonly vault: PostgresKeyVault;
  readonly masterKey: MasterKey;
  readonly commands: CommandService;
  readonly policies: PolicyRunner;
  readonly projections: ProjectionRuntime;
  readonly jobs: Jobs;
  readonly hints: Hints;
  /** How messages may leave. */
  readonly outbound: OutboundConfig;
  /** Further years of the calendar, as the installation's file holds them; `{}` where there is none. */
  readonly daysOff: JsonObject;
  /** PostgreSQL as the application's role, for what is not a view. */
  readonly database: Pool;
  /** PostgreSQL with the live views on its search path, for queries. */
  readonly views: Pool;
  close(): Promise<void>;
}

/** Brings the database up to date. @throws LetopisError `invalid` where this process has no admin connection */
export async function migrateInstallation(
  { admin }: Installation,
  application: Application,
): Promise<readonly AppliedMigration[]> {
  if (admin === undefined) {
    throw new LetopisError('invalid', 'LETOPIS_DATABASE_ADMIN_URL is missing: it says who may migrate');
  }
  return migrate({ adminUrl: admin.url, app: admin.app }, [
    eventStoreMigrations,
    privacyMigrations,
    projectionMigrations,
    platformMigrations,
    ...application.migrations,
  ]);
}

/** Opens stores and services on a migrated database. `close` ends them in the opposite order. */
export async function openCore(
  installation: Installation,
  application: Application,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<Core> {
  const {
    databaseUrl,
    redisUrl,
    kurrentdbUrl,
    masterKey,
    outbound = { localWebhooks: false },
    daysOff = {},
  } = installation;
  const { domain } = application;
  const catalogue = new EventCatalogue(domain);
  const projections = application.projections(catalogue);
  const closing: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const pool = (max: number, path: string, settings = ''): Pool => {
      const made = new Pool({
        connectionString: databaseUrl,
        max,
        options: `-c timezone=UTC -c search_path=${path}${settings}`,
        application_name: 'letopis',
      });
      // A pool that is ending has said goodbye; the server may hang up before it has heard it.
      made.on('error', ({ message }) => {
        if (!made.ending) log.warn({ reason: message }, 'An idle database connection was lost');
      });
      // One that is lost while it is borrowed tells its borrower by the rejected query; unheard, its 'error' would end the
      // process.
      made.on('connect', (client) => client.on('error', () => undefined));
      closing.push(() => made.end());
      return made;
    };
    const database = pool(12, 'letopis');
    // Views are sorted and grouped by tens of thousands of rows, which must not spill to disk.
    const views = pool(10, searchPath(projections), ' -c work_mem=64MB');
    const store: EventStore =
      kurrentdbUrl === undefined
        ? await PostgresEventStore.open({ url: databaseUrl })
        : await KurrentEventStore.open({ url: kurrentdbUrl });
    closing.push(() => store.close());
    const jobs = await Jobs.open(
      redisUrl === undefined
        ? { kind: 'postgres', url: databaseUrl }
        : { kind: 'redis', url: redisUrl, prefix: '{letopis}' },
      log,
    );
    closing.push(() => jobs.close());
    const runtime = new ProjectionRuntime({
      pool: database,
      store,
      projections,
      prepare: (events) => events.map((event) => catalogue.upcast(event)),
      clock,
      log,
    });
    closing.push(() => runtime.close());
    const outdated = await runtime.ensure();
    if (outdated.length > 0) log.warn({ projections: outdated }, 'Projections await "letopis rebuild"');
    const hints = new Hints(jobs, log);
    closing.push(() => hints.close());
    const personal = new PersonalFields(catalogue.eventTypes);
    const vault = new PostgresKeyVault(database, masterKey);
    const commands = new CommandService({
      domain,
      store,
      states: new StreamStates(store, (event) => catalogue.upcast(event)),
      catalogue,
      personal,
      vault,
      masterKey,
      clock,
      ...(application.preconditions !== undefined && {
        preconditions: application.preconditions({ views, clock, daysOff }),
      }),
      onRecorded: () => hints.give(),
    });
    return {
      domain,
      clock,
      log,
      store,
      catalogue,
      personal,
      vault,
      masterKey,
      commands,
      policies: new PolicyRunner({ pool: database, store, commands, vault, erasures: domain.erasures, log }),
      projections: runtime,
      jobs,
      hints,
      outbound,
      daysOff,
      database,
      views,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
