import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { letopis } from '@letopis/api';
import { ComplianceView, controlCatalogue, productionCalendar } from '@letopis/compliance';
import { newId, systemClock } from '@letopis/kernel';
import { type Core, createLog, type Installation, openCore } from '@letopis/platform';
import { FULL_SIZE, simulateYear } from '@letopis/simulator';
import { startWorker } from '@letopis/worker';
import { playSteps } from '../../apps/cli/src/play-steps';
import { type Check, reached } from './results';
import { figureOf, quantile } from './rounds';

const SEED = 7;
/** So many in a chat of a class that the year of a school comes to some 300,000 events. */
const MESSAGES_A_MONTH = 480;
const SCHOOLS = 500;
const ASKED = 200;
const PAST_DAYS = Array.from({ length: 20 }, (_, index) =>
  new Date(Date.UTC(2025, 8, 10 + index * 15, 12)).toISOString(),
);
const EVENTS_A_SECOND = 20;
const MEASURE_MS = 15_000;
const POLL_MS = 10;

/** Questions about compliance on the year of one great school, and on five hundred at once. */
export async function measureCompliance(installation: Installation): Promise<readonly Check[]> {
  const core = await openCore(installation, letopis, { clock: systemClock, log: createLog('silent') });
  try {
    const year = simulateYear({ seed: SEED, ...FULL_SIZE, messagesPerMonth: MESSAGES_A_MONTH });
    const { events, reasons } = await playSteps(core, year.steps);
    if (reasons.length > 0) throw new Error(`The year is refused: ${reasons[0]}`);
    await core.projections.advance();
    const { organizationId } = year;
    const view = new ComplianceView({ ...core, calendar: productionCalendar, catalogue: controlCatalogue });

    const first = await timed(() => view.evaluator.refresh(organizationId));
    // As autovacuum does within some minutes: until then PostgreSQL plans by what the tables held before.
    await analyzed(installation);
    const present: number[] = [];
    for (let asked = 0; asked < ASKED; asked += 1)
      present.push(await timed(() => view.overview(organizationId)));
    const past: number[] = [];
    for (const asOf of PAST_DAYS) past.push(await timed(() => view.past(organizationId, asOf)));
    const asKnown: number[] = [];
    for (const asOf of PAST_DAYS.slice(-3)) {
      asKnown.push(
        await timed(() => view.asOf(organizationId, { asOf, known: { recordedBy: '2100-01-01T00:00:00Z' } })),
      );
    }
    await multiply(core, organizationId);
    const schools: number[] = [];
    for (let asked = 0; asked < ASKED / 10; asked += 1) schools.push(await timed(() => view.schools()));
    const lags = await lagsOf(core, organizationId);

    const of = `a year of ${events.toLocaleString('en')} events`;
    return [
      reached(
        'Status of one school, p95',
        figureOf(`status of a school with ${of}, p95`, 'ms', [quantile(present, 0.95)]),
        { sense: 'at most', value: 50 },
      ),
      reached(
        'A past day, p95',
        figureOf(`status as of a past day, ${of}, p95 of ${PAST_DAYS.length} days`, 'ms', [
          quantile(past, 0.95),
        ]),
        { sense: 'at most', value: 2_000 },
      ),
      reached('The same, as known then', figureOf(`as known then, ${of}, every duty`, 'ms', asKnown)),
      reached('Judging a whole year anew', figureOf(`evaluation of ${of} from nothing`, 'ms', [first])),
      reached(
        `Overview of ${SCHOOLS} schools, p95`,
        figureOf(`status of ${SCHOOLS} schools in one answer, p95`, 'ms', [quantile(schools, 0.95)]),
        { sense: 'at most', value: 200 },
      ),
      reached('Event to judged, p50', figureOf('the same, p50', 'ms', [quantile(lags, 0.5)])),
      reached(
        'Event to judged, p99',
        figureOf(`acknowledged to judged at ${EVENTS_A_SECOND} events/s in ${of}, p99`, 'ms', [
          quantile(lags, 0.99),
        ]),
        { sense: 'at most', value: 2_000 },
      ),
    ];
  } finally {
    await core.close();
  }
}

async function analyzed({ admin }: Installation): Promise<void> {
  const client = new Client({ connectionString: admin?.url });
  await client.connect();
  await client.query('ANALYZE');
  await client.end();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The evaluation of one school as that of many others, who are only read. */
async function multiply({ database }: Core, organizationId: string): Promise<void> {
  await database.query(
    `WITH others AS (SELECT gen_random_uuid() AS id FROM generate_series(2, $2)),
       evaluated AS (
         INSERT INTO letopis.compliance_evaluations (organization_id, position, catalogue, evaluated_at, changes_at)
         SELECT o.id, e.position, e.catalogue, e.evaluated_at, NULL
         FROM others o CROSS JOIN letopis.compliance_evaluations e WHERE e.organization_id = $1
       )
     INSERT INTO letopis.compliance_controls
       (organization_id, control, version, severity, status, in_time, open, violated, mended, excepted, evidence)
     SELECT o.id, c.control, c.version, c.severity, c.status, c.in_time, c.open, c.violated, c.mended, c.excepted, c.evidence
     FROM others o CROSS JOIN letopis.compliance_controls c WHERE c.organization_id = $1`,
    [organizationId, SCHOOLS],
  );
}

/** From the answer of a command until its event is judged, the worker in the same process, as a poll sees it. */
async function lagsOf(core: Core, organizationId: string): Promise<readonly number[]> {
  await startWorker(core);
  const waiting = new Map<bigint, number>();
  const lags: number[] = [];
  let sent = 0;
  const send = async (): Promise<void> => {
    const { position } = await core.commands.execute({
      name: 'OpenSupportRequest',
      organizationId,
      payload: { requestId: newId(), topic: 'Не открывается чат' },
      caller: { id: newId(), roles: ['parent'] },
      source: 'operator',
    });
    if (position !== null) waiting.set(BigInt(position), performance.now());
  };
  const look = async (): Promise<void> => {
    const { rows } = await core.database.query<{ position: string }>(
      'SELECT position FROM letopis.compliance_evaluations WHERE organization_id = $1',
      [organizationId],
    );
    const position = BigInt(rows[0]?.position ?? 0);
    for (const [recorded, at] of waiting) {
      if (recorded > position) continue;
      lags.push(performance.now() - at);
      waiting.delete(recorded);
    }
  };
  const sending: Promise<void>[] = [];
  const began = performance.now();
  for (let passed = 0; passed < MEASURE_MS || waiting.size > 0; passed = performance.now() - began) {
    if (passed > 3 * MEASURE_MS) throw new Error('The evaluation does not catch up');
    while (passed < MEASURE_MS && sent < (passed / 1_000) * EVENTS_A_SECOND) {
      sent += 1;
      sending.push(send());
    }
    await look();
    await sleep(POLL_MS);
  }
  await Promise.all(sending);
  return lags;
}
