import { DatabaseError } from 'pg';
import {
  type CheckpointPlace,
  moveCheckpoint,
  type NewFailure,
  readStops,
  recordFailure,
} from './checkpoints';
import { type Page, type Prepared } from './pages';
import { type Handler, type Registered, schemaOf } from './projection';
import { type Place, placeOf, UnitOfWork } from './rows';
import { loadRows, type Sql, writeRows } from './storage';

/** An event with the handlers that it goes through and the rows that they may read. */
interface Step {
  readonly event: Prepared['event'];
  readonly handlers: readonly Handler<object>[];
  readonly reads: readonly Place[];
  /** Why the event cannot be taken, where that shows before it is folded. */
  readonly error?: unknown;
}

/**
 * Folds `events`, in order, into the tables in `schema`, within the transaction of `sql`. An event that cannot be taken
 * leaves nothing, stops its organisation and is returned; later events of organisations that are stopped are left out.
 * The outcome is the same however events are cut into calls.
 *
 * @param unit remembers rows from call to call, where nobody else writes them
 * @throws what is no event's fault: the connection, missing tables
 */
export async function applyEvents(
  sql: Sql,
  schema: string,
  projection: Registered,
  events: readonly Prepared[],
  stopped: ReadonlySet<string>,
  unit = new UnitOfWork(),
): Promise<readonly NewFailure[]> {
  const steps: Step[] = [];
  for (const prepared of events) {
    if (stopped.has(prepared.event.organizationId)) continue;
    const handlers = projection.handlersFor(prepared.event.type);
    if (handlers.length > 0) steps.push(stepOf(prepared, handlers));
  }
  return steps.length === 0 ? [] : applySteps(sql, schema, steps, stopped, unit);
}

async function applySteps(
  sql: Sql,
  schema: string,
  steps: readonly Step[],
  stopped: ReadonlySet<string>,
  unit: UnitOfWork,
): Promise<readonly NewFailure[]> {
  await sql.query('SAVEPOINT steps');
  try {
    const reads = steps.flatMap((step) => step.reads);
    await loadRows(sql, schema, unit, reads);
    const failures = fold(unit, steps, stopped);
    await writeRows(sql, schema, unit);
    await sql.query('RELEASE SAVEPOINT steps');
    unit.written();
    return failures;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    unit.forget();
    await sql.query('ROLLBACK TO SAVEPOINT steps; RELEASE SAVEPOINT steps');
    const [only] = steps;
    if (only !== undefined && steps.length === 1) return [failureOf(only.event, error)];
    // PostgreSQL refused a row, and does not say whose: halve until the event is alone.
    const middle = Math.ceil(steps.length / 2);
    const first = await applySteps(sql, schema, steps.slice(0, middle), stopped, unit);
    const second = await applySteps(sql, schema, steps.slice(middle), withStops(stopped, first), unit);
    return [...first, ...second];
  }
}

function fold(unit: UnitOfWork, steps: readonly Step[], before: ReadonlySet<string>): NewFailure[] {
  const stopped = new Set(before);
  const failures: NewFailure[] = [];
  for (const step of steps) {
    const { event } = step;
    if (stopped.has(event.organizationId)) continue;
    const thrown = step.error ?? foldOne(unit, step);
    if (thrown === undefined) continue;
    stopped.add(event.organizationId);
    failures.push(failureOf(event, thrown));
  }
  return failures;
}

/** What a handler threw, if one did. */
function foldOne(unit: UnitOfWork, { event, handlers, reads }: Step): unknown {
  try {
    unit.during(event.organizationId, reads, () => {
      for (const handler of handlers) handler.apply(unit, event);
    });
    return undefined;
  } catch (thrown) {
    return thrown ?? new Error('The handler threw nothing');
  }
}

function stepOf({ event, error }: Prepared, handlers: readonly Handler<object>[]): Step {
  if (error !== undefined) return { event, handlers, reads: [], error };
  try {
    const refs = handlers.flatMap((handler) => handler.reads?.(event) ?? []);
    return { event, handlers, reads: refs.map((ref) => placeOf(event.organizationId, ref)) };
  } catch (thrown) {
    return { event, handlers, reads: [], error: thrown };
  }
}

function withStops(stopped: ReadonlySet<string>, failures: readonly NewFailure[]): ReadonlySet<string> {
  return new Set([...stopped, ...failures.map(({ organizationId }) => organizationId)]);
}

/**
 * Takes a page into the live tables or those of a build: rows, failures and checkpoint, within the transaction of `sql`,
 * which has the checkpoint locked at `page.after`. Returns the failures.
 *
 * @param unit as in `applyEvents`
 */
export async function takePage(
  sql: Sql,
  projection: Registered,
  place: CheckpointPlace,
  page: Page,
  at: Date,
  unit?: UnitOfWork,
): Promise<readonly NewFailure[]> {
  const stopped = new Set((await readStops(sql, projection.name, place)).keys());
  const failures = await applyEvents(
    sql,
    schemaOf(projection.name, place),
    projection,
    page.events,
    stopped,
    unit,
  );
  for (const failure of failures) await recordFailure(sql, projection.name, place, failure, page.after, at);
  await moveCheckpoint(sql, projection.name, place, page.through, at);
  return failures;
}

/** SQLSTATE classes that are about a row: data exception, integrity constraint, limits of the program. */
const ABOUT_ROWS = /^(22|23|54)/;

function isRefusal(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && ABOUT_ROWS.test(error.code ?? '');
}

function failureOf(event: Prepared['event'], error: unknown): NewFailure {
  return {
    organizationId: event.organizationId,
    position: event.position,
    eventId: event.id,
    type: event.type,
    error: describe(error),
  };
}

const MAX_DESCRIPTION = 1_000;

/** PostgreSQL quotes values of rows, which may be personal data; they are left out. */
function describe(error: unknown): string {
  const text =
    error instanceof DatabaseError
      ? ['PostgreSQL', error.code, error.message.replaceAll(/"[^"]*"/g, '"…"'), error.table, error.constraint]
          .filter((part) => part !== undefined)
          .join(' ')
      : error instanceof Error
        ? error.message
        : 'The handler threw what is no error';
  return text.toWellFormed().replaceAll('\u0000', '').slice(0, MAX_DESCRIPTION);
}
