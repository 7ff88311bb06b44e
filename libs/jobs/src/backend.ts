import { type JsonObject } from '@letopis/kernel';
import {
  type BackendClasses,
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  type Processor,
  type Queue,
  type QueueOptions,
  runMigrations,
  withBackend,
  type WorkerOptions,
} from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { Pool } from 'pg';
import { within } from './within';

/** Where jobs live. */
export type JobsConnection =
  | {
      readonly kind: 'redis';
      /** `redis://` or `rediss://`. */
      readonly url: string;
      /** First part of every key. On Redis Cluster it needs a hash tag: `{letopis}`. */
      readonly prefix: string;
    }
  | {
      readonly kind: 'postgres';
      /** `postgres://`. The role needs CREATE on the database: jobs have a schema of their own, `bullmq`. */
      readonly url: string;
    };

/** Where trouble is told. A pino logger fits. */
export interface JobsLog {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** A worker's run of one job. */
export type JobProcessor = Processor<JsonObject, void, string>;
export type JobQueue = Pick<
  Queue<JsonObject, void, string>,
  'add' | 'upsertJobScheduler' | 'getJobScheduler' | 'getJobState' | 'getJobCounts' | 'close'
>;
export interface JobWorker {
  /** Takes no further job; resolves when the active ones have ended. */
  close(): Promise<void>;
  /** Ends the worker's connections although a job is still active: another worker will run that job again. */
  abandon(): Promise<void>;
}
export type JobWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix'>;

/** BullMQ on one of its two stores, with the connections that its queues and workers share. */
export interface Backend {
  /** Resolves when the queue can be used; rejects when it never will be. */
  queue(name: string): Promise<JobQueue>;
  /** Resolves when the worker has begun to take jobs; rejects when it never will. */
  worker(name: string, processor: JobProcessor, options: JobWorkerOptions): Promise<JobWorker>;
  ping(): Promise<void>;
  /** Ends the shared connections; queues and workers are closed before. */
  close(): Promise<void>;
}

/** The store has to answer within this time when it is opened. */
const OPENING_MS = 10_000;

/** Connects to the store and brings its schema up to date. Rejects if the store does not answer. */
export function openBackend(connection: JobsConnection, log: JobsLog): Promise<Backend> {
  return connection.kind === 'redis'
    ? openRedis(connection.url, connection.prefix, log)
    : openPostgres(connection.url, log);
}

async function openRedis(url: string, prefix: string, log: JobsLog): Promise<Backend> {
  // Two temperaments. Whoever adds a job must learn at once that Redis is away: a command is waiting for the answer.
  // A worker has nobody waiting and outlasts any outage, as BullMQ demands of it (maxRetriesPerRequest null).
  const prompt = new EndableRedis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: 5_000,
  });
  const patient = new EndableRedis(url, { maxRetriesPerRequest: null });
  const onError = (error: Error) => log.error({ err: error }, 'Redis of the job queues');
  prompt.on('error', onError);
  patient.on('error', onError);

  const close = async () => {
    prompt.disconnect();
    patient.disconnect();
  };
  try {
    await within(OPENING_MS, patient.ping(), 'Redis of the job queues');
    await prompt.connect();
  } catch (error) {
    await close();
    throw error;
  }

  return {
    ...makers(
      withBackend(createRedisBackend),
      { connection: prompt, prefix },
      { connection: patient, prefix },
      log,
    ),
    ping: async () => void (await prompt.ping()),
    close,
  };
}

/**
 * Redis with a `disconnect` that works during an outage, on the copies too that BullMQ makes for its workers. Between two
 * attempts to connect, ioredis' own neither tells the end nor rejects what waits, and a worker that closes then would
 * wait for ever. Such a connection has no socket, just as one that has not yet begun, where `disconnect` does both.
 */
class EndableRedis extends Redis {
  override disconnect(reconnect = false): void {
    if (!reconnect) forgetReconnecting(this);
    super.disconnect(reconnect);
  }

  override duplicate<Override extends Partial<RedisOptions> | undefined = undefined>(override?: Override) {
    const copy = super.duplicate(override);
    const disconnect = copy.disconnect.bind(copy);
    copy.disconnect = (reconnect = false) => {
      if (!reconnect) forgetReconnecting(copy);
      disconnect(reconnect);
    };
    return copy;
  }
}

function forgetReconnecting(client: Pick<Redis, 'status'>): void {
  if (client.status === 'reconnecting') client.status = 'wait';
}

/** BullMQ looks for its tables here and nowhere else when it is given a pool of ours. */
const SCHEMA = 'bullmq';

/** Every worker keeps one connection to LISTEN on; the rest is shared. Idle connections are given back. */
const POOL_SIZE = 32;

async function openPostgres(url: string, log: JobsLog): Promise<Backend> {
  const pool = new Pool({
    connectionString: url,
    application_name: 'letopis-jobs',
    options: `-c search_path=${SCHEMA},public`,
    max: POOL_SIZE,
    connectionTimeoutMillis: 5_000,
    // Without it a LISTEN connection that died silently would go unnoticed.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // Each queue and worker adds its own listener to the pool and BullMQ never removes one.
  pool.setMaxListeners(0);
  // A pool that is ending has said goodbye; the server may hang up before it has heard it. BullMQ's own listeners pass
  // the pool's errors on to every queue and worker.
  const untilEnding: JobsLog = {
    warn: (details, message) => log.warn(details, message),
    error: (details, message) => {
      if (!pool.ending) log.error(details, message);
    },
  };
  pool.on('error', (error) => untilEnding.error({ err: error }, 'PostgreSQL of the job queues'));
  // A connection that breaks while it is borrowed tells its borrower through the rejected query; its 'error' event
  // needs a listener all the same, or it ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined));

  try {
    await within(OPENING_MS, migrate(pool), 'PostgreSQL of the job queues');
  } catch (error) {
    void pool.end();
    throw error;
  }

  return {
    ...makers(withBackend(createPostgresBackend), { connection: pool }, { connection: pool }, untilEnding),
    ping: async () => void (await pool.query('SELECT 1')),
    close: () => pool.end(),
  };
}

/** Several processes may start at once: BullMQ migrates in one transaction under an advisory lock. */
async function migrate(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    client.release();
  }
}

/** The backend is given to each queue and worker: BullMQ's process-wide default would forbid both in one process. */
function makers<B extends IQueueBackend, C>(
  { Queue, Worker }: BackendClasses<B, C>,
  forQueues: QueueOptions<C>,
  forWorkers: WorkerOptions<C>,
  log: JobsLog,
): Pick<Backend, 'queue' | 'worker'> {
  return {
    queue: async (name) => {
      const queue = new Queue<JsonObject, void, string>(name, forQueues);
      queue.on('error', (error) => log.error({ err: error, queue: name }, 'job queue'));
      await readyOrClosed(queue);
      return queue;
    },
    worker: async (name, processor, options) => {
      const worker = new Worker<JsonObject, void, string>(name, processor, { ...forWorkers, ...options });
      worker.on('error', (error) => log.error({ err: error, queue: name }, 'job worker'));
      await readyOrClosed(worker);
      return { close: () => worker.close(), abandon: () => worker.getBackend().close(true) };
    },
  };
}

async function readyOrClosed(part: {
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}): Promise<void> {
  try {
    await part.waitUntilReady();
  } catch (error) {
    await part.close();
    throw error;
  }
}
