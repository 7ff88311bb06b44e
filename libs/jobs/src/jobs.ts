import { isLetopisError, type JsonObject, LetopisError } from '@letopis/kernel';
import { type JobsOptions, UnrecoverableError } from 'bullmq';
import {
  type Backend,
  type JobProcessor,
  type JobQueue,
  type JobsConnection,
  type JobsLog,
  type JobWorker,
  openBackend,
} from './backend';
import { assertStorable, storableText } from './storable';
import { within } from './within';

export interface AddOptions {
  /**
   * The job's identity: while a job with it is kept (waiting, active, or finished and not yet removed) adding it again
   * does nothing. Not a whole number and without colons.
   */
  readonly id?: string;
  /**
   * Jobs that collapse into one, for hints: while a job with the same key waits (for a retry, too), adding another
   * does nothing; while one is active, exactly one more runs after it, with the latest payload. So whatever had
   * happened before the hint was added is seen by a run that starts after it.
   */
  readonly collapse?: string;
  /** Not before so many milliseconds have passed. */
  readonly delayMs?: number;
  /** How often the job is tried in all; 5 without it. Waits of 1 s, 2 s, 4 s, … lie between the attempts. */
  readonly attempts?: number;
}

/** A job as its handler sees it. */
export interface RunningJob {
  readonly id: string;
  readonly name: string;
  readonly payload: JsonObject;
  /** This attempt's number, from 1. A crashed worker's attempt is not counted. */
  readonly attempt: number;
  /** No further attempt follows if this one fails. */
  readonly lastAttempt: boolean;
  /** Notes how far the job has come, from 0 to 100, for operators. Never fails. */
  progress(this: void, percent: number): Promise<void>;
}

/** Does the job, or throws. It may run more than once for one job, so it must bear repetition. */
export type JobHandler = (job: RunningJob) => Promise<void>;

/** How many jobs of a queue are where. Completed ones are removed soon and say nothing, so they are not counted. */
export interface QueueStatus {
  readonly waiting: number;
  readonly active: number;
  /** Waiting for their time: delayed, backing off, or the next run of something that repeats. */
  readonly delayed: number;
  /** Out of attempts; kept for operators. */
  readonly failed: number;
}

const KEPT = {
  removeOnComplete: { count: 100, age: 3_600 },
  removeOnFail: { count: 1_000, age: 30 * 24 * 3_600 },
} as const satisfies JobsOptions;

const DEFAULT_ATTEMPTS = 5;
const FIRST_BACKOFF_MS = 1_000;

/** Somebody waits for the answer: a caller of `add`, a health check. */
const ANSWER_MS = 5_000;
const PING_MS = 2_000;

/** How long `close` waits for active jobs. */
const CLOSING_MS = 10_000;

/** A schedule is looked after once in its period, within these bounds. */
const SHORTEST_CARE_MS = 1_000;
const LONGEST_CARE_MS = 60_000;

const SILENT: JobsLog = { warn: () => undefined, error: () => undefined };

/**
 * Background jobs on BullMQ, on Redis or PostgreSQL alike. Every job is done **at least once** by one of the workers of
 * all processes, unless its store loses it: PostgreSQL keeps jobs as safely as any other row, Redis only as safely as
 * it is configured (FLUSHALL, eviction or a crash may take all of them). Whoever needs more keeps its own record of the
 * work to be done and adds the job again, as the sweep does for hints and the reports' table for reports.
 */
export class Jobs {
  private readonly queues = new Map<string, Promise<JobQueue>>();
  private readonly workers: Promise<JobWorker>[] = [];
  private readonly schedules = new Map<string, NodeJS.Timeout>();
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly backend: Backend,
    private readonly log: JobsLog,
  ) {}

  /**
   * Connects and, on PostgreSQL, migrates the jobs' own schema; any number of processes may open at once.
   *
   * @throws LetopisError `unavailable` if the store does not answer within 10 s or refuses
   */
  static async open(connection: JobsConnection, log: JobsLog = SILENT): Promise<Jobs> {
    return new Jobs(await reaching('open', () => openBackend(connection, log)), log);
  }

  /**
   * Adds a job. When the promise resolves the store has it, with the durability of that store.
   *
   * @throws LetopisError `invalid` if the payload, name or id cannot be stored (one rule for both stores);
   *   `unavailable` if the store does not confirm within 5 s, whether it has the job or not
   */
  async add(queue: string, name: string, payload: JsonObject, options: AddOptions = {}): Promise<void> {
    const { id, collapse, delayMs, attempts = DEFAULT_ATTEMPTS } = options;
    assertStorable({ name, payload, id: id ?? null, collapse: collapse ?? null });
    if (id !== undefined && !/^(?!\d+$)[^:]+$/.test(id)) {
      throw new LetopisError('invalid', 'A job id must not be empty, a whole number or contain a colon', {
        fields: [{ path: '/id', message: 'empty, a whole number, or with a colon' }],
      });
    }
    await this.reach('add', async () => {
      await (
        await this.queue(queue)
      ).add(name, payload, {
        ...jobOptions(attempts),
        ...(id === undefined ? {} : { jobId: id }),
        ...(collapse === undefined ? {} : { deduplication: { id: collapse, keepLastIfActive: true } }),
        ...(delayMs === undefined ? {} : { delay: delayMs }),
      });
    });
  }

  /**
   * Lets this process take jobs of the queue, up to `concurrency` at once, until `close`. A handler that throws is
   * called again after a growing wait until the attempts are used up; not so if it throws a LetopisError that a
   * repetition cannot mend (`invalid`, `rule-violated`, `not-found`). A job whose worker dies is run again by another
   * within about 20 s. Outages of the store are outlasted.
   *
   * @throws LetopisError `unavailable` if the store cannot be reached at the start
   */
  async work(
    queue: string,
    handler: JobHandler,
    { concurrency }: { readonly concurrency: number },
  ): Promise<void> {
    await this.reach('work', async () => {
      const worker = this.backend.worker(queue, this.processor(queue, handler), {
        concurrency,
        // BullMQ's own are 30 s each, and until a dead worker's job is recovered the hints that collapse into it wait.
        lockDuration: 15_000,
        stalledInterval: 5_000,
        // A worker's death is seldom its job's fault. A job that does kill its workers is still given up some day.
        maxStalledCount: 5,
        // After an error of the store; BullMQ's own 15 s would prolong every short outage.
        runRetryDelay: 2_000,
      });
      this.workers.push(worker);
      await worker;
    });
  }

  /**
   * Adds a job now and then again every `milliseconds`, once for all processes that ask for it and across restarts; the
   * last caller's interval and payload hold. Runs that were missed while nobody worked are not made up for.
   *
   * The schedule is itself an entry of the store, and the next run is added when a run begins. FLUSHALL takes both, and
   * an outage at the wrong moment can break that chain; BullMQ notices neither. So every process that called `every`
   * looks after the schedule once in its period (at least once a minute, at most once a second) and mends it.
   *
   * @throws LetopisError `invalid` as `add` does; `unavailable` if the store does not confirm within 5 s
   */
  async every(queue: string, name: string, milliseconds: number, payload: JsonObject = {}): Promise<void> {
    assertStorable({ name, payload });
    const schedule = async (): Promise<void> => {
      await (
        await this.queue(queue)
      ).upsertJobScheduler(
        name,
        { every: milliseconds },
        { name, data: payload, opts: jobOptions(DEFAULT_ATTEMPTS) },
      );
    };
    await this.reach('every', schedule);

    const look = async (): Promise<void> => {
      // Only a broken schedule is written again: each upsert would send a run that waits its turn to the queue's end.
      if (this.closing || !(await isBroken(await this.queue(queue), name)) || this.closing) return;
      this.log.warn({ queue, name }, 'schedule was lost and is restored');
      await schedule();
    };
    const key = JSON.stringify([queue, name]);
    clearInterval(this.schedules.get(key));
    if (this.closing) return;
    const care = setInterval(
      () => {
        look().catch((error: unknown) =>
          this.log.error({ err: error, queue, name }, 'schedule not looked after'),
        );
      },
      Math.min(Math.max(milliseconds, SHORTEST_CARE_MS), LONGEST_CARE_MS),
    );
    this.schedules.set(key, care.unref());
  }

  /**
   * How many jobs are where, for health checks and metrics.
   *
   * @throws LetopisError `unavailable` if the store does not answer within 5 s
   */
  async status(queue: string): Promise<QueueStatus> {
    return this.reach('status', async () => {
      const counts = await (await this.queue(queue)).getJobCounts('waiting', 'active', 'delayed', 'failed');
      const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
      return { waiting, active, delayed, failed };
    });
  }

  /**
   * Resolves if the store answers.
   *
   * @throws LetopisError `unavailable` within 2 s if it does not
   */
  async ping(): Promise<void> {
    await reaching('ping', () => within(PING_MS, this.backend.ping(), 'the job queues'));
  }

  /**
   * Takes no further jobs, waits up to 10 s for the active ones and ends every connection. A job that takes longer is
   * run again by another worker. Never rejects; calling it again is the same call.
   */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    for (const care of this.schedules.values()) clearInterval(care);
    await this.tolerating(Promise.all(this.workers.map((worker) => this.tolerating(retire(worker)))));
    await Promise.all(
      [...this.queues.values()].map((queue) =>
        this.tolerating(
          within(
            PING_MS,
            queue.then((it) => it.close()),
            'closing a job queue',
          ),
        ),
      ),
    );
    await this.tolerating(within(PING_MS, this.backend.close(), 'closing the job queues'));
  }

  /** Nothing that fails on the way out may keep the rest from being closed. */
  private async tolerating(step: Promise<unknown>): Promise<void> {
    try {
      await step;
    } catch (error) {
      this.log.warn({ err: error }, 'while closing the job queues');
    }
  }

  private queue(name: string): Promise<JobQueue> {
    const known = this.queues.get(name);
    if (known) return known;
    const opened = this.backend.queue(name);
    this.queues.set(name, opened);
    // A queue that could not start will never work: the next call makes another.
    opened.catch(() => this.queues.delete(name));
    return opened;
  }

  private processor(queue: string, handler: JobHandler): JobProcessor {
    return async (job) => {
      const { id = '', name, data: payload } = job;
      const attempt = job.attemptsMade + 1;
      const lastAttempt = attempt >= (job.opts.attempts ?? 1);
      const progress = async (percent: number): Promise<void> => {
        try {
          await job.updateProgress(percent);
        } catch (error) {
          this.log.warn({ err: error, queue, job: id }, 'progress of a job not noted');
        }
      };
      try {
        await handler({ id, name, payload, attempt, lastAttempt, progress });
      } catch (error) {
        const final = lastAttempt || isBeyondRetry(error);
        const details = { err: error, queue, job: id, name, attempt };
        if (final) this.log.error(details, 'job failed');
        else this.log.warn(details, 'job failed and will be tried again');
        throw reason(error);
      }
    };
  }

  private reach<T>(what: string, call: () => Promise<T>): Promise<T> {
    return reaching(what, () => {
      if (this.closing) throw new Error('closed');
      return within(ANSWER_MS, call(), 'the job queues');
    });
  }
}

function jobOptions(attempts: number): JobsOptions {
  return { ...KEPT, attempts, backoff: { type: 'exponential', delay: FIRST_BACKOFF_MS } };
}

/** Failures of the store leave this room as `unavailable`. */
async function reaching<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isLetopisError(error)) throw error;
    throw new LetopisError('unavailable', `The job queues cannot be reached (${what})`, {
      cause: error,
      retryAfterSeconds: 5,
    });
  }
}

/** Whether nothing will make the schedule's next run happen. */
async function isBroken(queue: JobQueue, schedule: string): Promise<boolean> {
  const next = (await queue.getJobScheduler(schedule))?.next;
  if (next === undefined) return true;
  const state = await queue.getJobState(`repeat:${schedule}:${next}`);
  return state === 'unknown' || state === 'completed' || state === 'failed';
}

async function retire(starting: Promise<JobWorker>): Promise<void> {
  const worker = await within(PING_MS, starting, 'a job worker that is still starting');
  try {
    await within(CLOSING_MS, worker.close(), 'active jobs');
  } catch (error) {
    await within(PING_MS, worker.abandon(), 'a job worker');
    throw error;
  }
}

function isBeyondRetry(error: unknown): boolean {
  return (
    isLetopisError(error, 'invalid') ||
    isLetopisError(error, 'rule-violated') ||
    isLetopisError(error, 'not-found')
  );
}

/** The error as BullMQ shall keep it: its message and stack are stored, so they must be storable. */
function reason(error: unknown): Error {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const Kind = isBeyondRetry(error) ? UnrecoverableError : Error;
  const kept = new Kind(storableText(message));
  if (stack !== undefined) kept.stack = storableText(stack);
  return kept;
}
