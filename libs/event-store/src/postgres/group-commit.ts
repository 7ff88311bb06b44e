import { isLetopisError, LetopisError, type RecordedEvent } from '@letopis/kernel';
import { type Append, type Appended } from '../event-store';

/** Appends of one stream that follow on from each other: one expected revision, one verdict. */
export interface Run {
  readonly appends: readonly Append[];
}

export type RunVerdict =
  | { readonly outcome: 'appended'; readonly lastPosition: bigint }
  | { readonly outcome: 'repeated'; readonly events: readonly RecordedEvent[] }
  | { readonly outcome: 'conflict'; readonly actualRevision: bigint };

/**
 * Writes runs in one transaction with a verdict each. Rejecting means that nothing is known to be recorded. It may be
 * called while an earlier call is under way, and MUST then write after it.
 */
export type WriteRuns = (runs: readonly Run[]) => Promise<readonly RunVerdict[]>;

interface Waiting {
  readonly append: Append;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
  /** Set when its batch failed as a whole or its run lost: it is then tried with nobody else to blame. */
  alone: boolean;
}

const MAX_EVENTS = 1_000;
/** While a batch is being written another is made ready, but not for less: small batches would cost what they save. */
const WORTH_A_BATCH = 64;
const BATCHES = 2;

/**
 * Group commit: while batches are being written, the next gathers, so that many callers share one statement and one
 * fsync. Each caller still gets the outcome of its own append. One batch is made ready while the database works on the one
 * before it, so that neither waits for the other; batches take effect in their order.
 *
 * A batch holds each stream and each first event id once; appends of one stream that follow on from each other travel
 * as one run. What cannot travel yet waits for a later batch, in its order.
 */
export class GroupCommit {
  private queue: Waiting[] = [];
  private underway = 0;
  /** Streams of the batches that are being written: their outcome is not known yet. */
  private readonly streams = new Set<string>();
  private woken = false;
  private idle: (() => void)[] = [];

  constructor(private readonly write: WriteRuns) {}

  append(append: Append): Promise<Appended> {
    return new Promise((resolve, reject) => {
      this.queue.push({ append, resolve, reject, alone: false });
      this.wake();
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    if (this.underway === 0 && this.queue.length === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private wake(): void {
    if (this.woken) return;
    this.woken = true;
    // Callers of the same turn of the event loop travel together.
    setImmediate(() => {
      this.woken = false;
      this.fill();
    });
  }

  private fill(): void {
    while (this.underway === 0 || (this.underway < BATCHES && this.queue.length >= WORTH_A_BATCH)) {
      const batch = this.nextBatch();
      if (batch.length === 0) break;
      void this.run(batch);
    }
    if (this.underway > 0 || this.queue.length > 0) return;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private async run(batch: readonly Waiting[][]): Promise<void> {
    const streams = batch.flatMap(([head]) => (head === undefined ? [] : [keyOf(head.append)]));
    this.underway += 1;
    for (const stream of streams) this.streams.add(stream);
    await this.writeBatch(batch);
    for (const stream of streams) this.streams.delete(stream);
    this.underway -= 1;
    this.wake();
  }

  private nextBatch(): Waiting[][] {
    const runs = new Map<string, Waiting[]>();
    const closed = new Set(this.streams);
    const firstIds = new Set<string>();
    const left: Waiting[] = [];
    // What waits is shared out among the batches that may begin now.
    const share = Math.ceil(this.queue.length / (BATCHES - this.underway));
    const room = Math.min(MAX_EVENTS, Math.max(WORTH_A_BATCH, share));
    let events = 0;
    for (const waiting of this.queue) {
      const { append, alone } = waiting;
      const key = keyOf(append);
      const idKey = `${append.organizationId}/${append.events[0]?.id}`;
      const run = runs.get(key);
      const fits = events < room && !closed.has(key) && !firstIds.has(idKey);
      if (fits && run === undefined) runs.set(key, [waiting]);
      else if (fits && run !== undefined && !alone && !run[0]?.alone && follows(run, append))
        run.push(waiting);
      else {
        // Later appends of this stream must not overtake this one.
        closed.add(key);
        left.push(waiting);
        continue;
      }
      firstIds.add(idKey);
      events += append.events.length;
      if (alone) closed.add(key);
    }
    this.queue = left;
    return [...runs.values()];
  }

  private async writeBatch(batch: readonly Waiting[][]): Promise<void> {
    let verdicts: readonly RunVerdict[];
    try {
      verdicts = await this.write(batch.map((run) => ({ appends: run.map(({ append }) => append) })));
    } catch (error) {
      const [first] = batch;
      if (batch.length === 1 && first?.length === 1) first[0]?.reject(error);
      else if (isLetopisError(error, 'unavailable'))
        for (const run of batch) for (const w of run) w.reject(error);
      else for (const run of batch) await this.writeSingly(run);
      return;
    }
    batch.forEach((run, index) => this.settle(run, verdicts[index]));
  }

  /** One bad item must not harm another: where a batch failed as a whole, each of its items is tried by itself. */
  private async writeSingly(run: readonly Waiting[]): Promise<void> {
    for (const waiting of run) await this.writeBatch([[waiting]]);
  }

  private settle(run: readonly Waiting[], verdict: RunVerdict | undefined): void {
    const [head, ...rest] = run;
    if (head === undefined || verdict === undefined) return;
    switch (verdict.outcome) {
      case 'appended':
        settleAppended(run, verdict.lastPosition);
        return;
      case 'repeated':
        head.resolve(repeatedOf(verdict.events));
        break;
      case 'conflict':
        head.reject(conflictOf(head.append, verdict.actualRevision));
        break;
    }
    // The verdict was the head's; what followed it may stand by itself (a repeat, or a race that another writer won).
    for (const waiting of rest) waiting.alone = true;
    this.queue.unshift(...rest);
  }
}

function keyOf({ organizationId, stream }: Append): string {
  return `${organizationId}/${stream}`;
}

function follows(run: readonly Waiting[], append: Append): boolean {
  const last = run.at(-1)?.append;
  return last !== undefined && append.expectedRevision === lastRevisionOf(last);
}

/** The revision an append ends at, if its expectation holds. */
function lastRevisionOf({ expectedRevision, events }: Append): bigint {
  return (expectedRevision === 'no-stream' ? -1n : expectedRevision) + BigInt(events.length);
}

function settleAppended(run: readonly Waiting[], lastPosition: bigint): void {
  let after = run.reduce((count, { append }) => count + append.events.length, 0);
  for (const { append, resolve } of run) {
    after -= append.events.length;
    resolve({ revision: lastRevisionOf(append), position: lastPosition - BigInt(after) });
  }
}

function repeatedOf(events: readonly RecordedEvent[]): Appended {
  const last = events.at(-1);
  if (last === undefined) throw new LetopisError('integrity-broken', 'A recorded append cannot be read back');
  return { revision: last.revision, position: last.position, repeated: events };
}

function conflictOf({ stream, expectedRevision }: Append, actual: bigint): LetopisError {
  const found = actual < 0n ? 'no-stream' : actual.toString();
  return new LetopisError('conflict', `${stream} is at ${found}, not at ${expectedRevision.toString()}`);
}
