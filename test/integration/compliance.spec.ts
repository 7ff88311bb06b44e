import { setTimeout as sleep } from 'node:timers/promises';
import {
  ComplianceView,
  controlCatalogue,
  type ControlEvaluation,
  decisionOf,
  decisionsOf,
  evaluateAll,
  isKept,
  marksOf,
  productionCalendar,
  tallyOf,
} from '@letopis/compliance';
import { FixedClock, newId, type RecordedEvent } from '@letopis/kernel';
import {
  ChatRegistered,
  CommunicationPeriodConfirmed,
  ControlParameterSet,
  IntegrationGapDetected,
  MessagePosted,
} from '@letopis/school';
import { simulateYear, sizeOf, type Step } from '@letopis/simulator';
import { playSteps } from '../../apps/cli/src/play-steps';
import { startApplication, type TestApplication } from '../support/application';

const YEAR = { ...sizeOf(3), seed: 11, messagesPerMonth: 4 };
/** The year comes in so many pieces, and the evaluation follows it piece by piece. */
const PIECES = 24;
const DAY = 24 * 3_600_000;

describe('a year that is judged as it comes in', () => {
  const clock = new FixedClock(new Date('2025-08-01T00:00:00.000Z'));
  const year = simulateYear(YEAR);
  const { organizationId } = year;
  let app: TestApplication;
  let view: ComplianceView;
  let pieces: readonly (readonly Step[])[];

  beforeAll(async () => {
    app = await startApplication({ clock, worker: false });
    view = new ComplianceView({ ...app.core, calendar: productionCalendar, catalogue: controlCatalogue });
    const steps = [...year.steps];
    const size = Math.ceil(steps.length / PIECES);
    pieces = Array.from({ length: PIECES }, (_, index) => steps.slice(index * size, (index + 1) * size));
  }, 60_000);

  afterAll(() => app.stop());

  async function everything(): Promise<readonly RecordedEvent[]> {
    const all: RecordedEvent[] = [];
    for (let after = 0n; ;) {
      const page = await app.core.store.readAll(after, { limit: 2_000, organizationId });
      all.push(...page.events);
      const last = page.events.at(-1);
      if (last === undefined) return all;
      after = last.position;
    }
  }

  /** What judging every event anew comes to. */
  function fromScratch(events: readonly RecordedEvent[], asOf: string): readonly ControlEvaluation[] {
    return evaluateAll(controlCatalogue, marksOf(controlCatalogue, events), {
      ...{ organizationId, asOf, timeZone: year.timeZone, calendar: productionCalendar },
      decisions: decisionsOf(events.flatMap((event) => decisionOf(event) ?? [])),
    });
  }

  async function kept() {
    const { asOf, controls } = await view.overview(organizationId);
    const { findings } = await view.findings(organizationId);
    const byControl = new Map(controls.map((control) => [control.control, control]));
    return {
      asOf,
      controls: controlCatalogue.map(({ id }) => {
        const { status, inTime, open, violated, mended, excepted } = byControl.get(id)!;
        return { id, status, inTime, tally: { open, violated, mended, excepted } };
      }),
      findings: new Map(findings.map((finding) => [finding.id, finding])),
    };
  }

  function asKept(evaluations: readonly ControlEvaluation[], asOf: string): Awaited<ReturnType<typeof kept>> {
    return {
      asOf,
      controls: evaluations.map(({ control: id, status, findings }) => {
        const notable = findings.filter(isKept);
        return { id, status, inTime: findings.length - notable.length, tally: tallyOf(notable) };
      }),
      findings: new Map(
        evaluations
          .flatMap(({ findings }) => findings.filter(isKept))
          .map((finding) => [finding.id, finding]),
      ),
    };
  }

  it('is at every turn what judging everything anew comes to, also after days without any event', async () => {
    for (const [index, piece] of pieces.entries()) {
      clock.set(new Date(piece.at(-1)!.occurredAt));
      const played = await playSteps(app.core, piece);
      expect(played.reasons).toEqual([]);
      await app.core.projections.advance();
      const events = await everything();
      for (const idle of index % 4 === 0 ? [0, 3 * DAY] : [0]) {
        clock.advance(idle);
        const now = await kept();
        expect(now).toEqual(asKept(fromScratch(events, now.asOf), now.asOf));
      }
    }
  }, 240_000);

  it.each(['2025-09-16T00:00:00.000Z', '2026-01-05T12:00:00.000Z', '2026-07-01T00:00:00.000Z'])(
    'as of %s is what judging the events of then comes to',
    async (asOf) => {
      const events = await everything();
      const until = events.filter(({ occurredAt }) => occurredAt <= asOf);
      const expected = fromScratch(until, asOf);
      expect(await view.asOf(organizationId, { asOf })).toEqual(expected);
      const past = await view.past(organizationId, asOf);
      expect(
        past.map(({ control: id, status, inTime, findings }) => ({
          id,
          status,
          inTime,
          tally: tallyOf(findings),
        })),
      ).toEqual(asKept(expected, asOf).controls);
      expect(new Map(past.flatMap(({ findings }) => findings.map((one) => [one.id, one])))).toEqual(
        asKept(expected, asOf).findings,
      );
    },
  );

  it('as known at a position is what judging the record up to there comes to', async () => {
    const events = await everything();
    const { position } = events[Math.floor(events.length / 2)]!;
    const asOf = '2026-07-01T00:00:00.000Z';
    const known = events.filter((event) => event.position <= position);
    expect(await view.asOf(organizationId, { asOf, known: { position } })).toEqual(fromScratch(known, asOf));
  });

  it('costs nothing where nothing is new', async () => {
    const before = await view.evaluator.refresh(organizationId);
    expect([await view.evaluator.refresh(organizationId), await view.evaluator.due(10)]).toEqual([
      before,
      [],
    ]);
  });
});

describe('a school of which little is known but that the bot cannot read a chat', () => {
  const clock = new FixedClock(new Date('2025-11-30T00:00:00.000Z'));
  let app: TestApplication;
  let view: ComplianceView;
  let organizationId: string;

  beforeAll(async () => {
    app = await startApplication({ clock, worker: false });
    view = new ComplianceView({ ...app.core, calendar: productionCalendar, catalogue: controlCatalogue });
  }, 60_000);

  afterAll(() => app.stop());

  beforeEach(async () => {
    organizationId = await app.createSchool();
    const at = '2025-11-03T07:00:00.000Z';
    await record(IntegrationGapDetected.of({ from: at, to: at, reason: 'outage', chatId: newId() }));
  });

  async function record(
    event: { readonly type: string; readonly data: object },
    occurredAt = '2025-11-03T07:00:00.000Z',
  ): Promise<void> {
    const commandId = newId();
    await app.core.store.append({ organizationId, stream: `test-${commandId}` }, 'no-stream', [
      {
        ...{ id: newId(), type: event.type, data: { ...event.data }, schemaVersion: 1 },
        ...{ occurredAt, recordedAt: occurredAt },
        actor: { id: commandId, role: 'director' },
        ...{ source: 'operator', commandId, correlationId: commandId, causationId: null },
      },
    ]);
    await app.core.projections.advance();
  }

  /** As after an upgrade: what is live and what is kept were made by an earlier catalogue; it knew nothing of C31. */
  async function letTheViewBeOutdated(): Promise<void> {
    await app.core.database.query(
      `UPDATE letopis.projection_checkpoints SET version = version - 1 WHERE projection = 'compliance' AND place = 'live'`,
    );
    await app.core.views.query(`DELETE FROM compliance_marks WHERE control = 'C31'`);
    await app.core.views.query(`UPDATE letopis.compliance_evaluations SET catalogue = 'controls-1'`);
  }

  const states = async () =>
    (await view.findings(organizationId, 'C31')).findings
      .filter(({ rule }) => rule === 'chat-readable')
      .map(({ state }) => state);

  it('is judged anew when the view has been rebuilt, though nothing happened since', async () => {
    await letTheViewBeOutdated();
    await view.overview(organizationId).catch(() => undefined);
    await app.core.projections.rebuild('compliance');
    expect([await view.evaluator.due(100), await states()]).toEqual([
      expect.arrayContaining([organizationId]),
      ['violated'],
    ]);
  });

  it('stands still while the view awaits a rebuild', async () => {
    const before = await states();
    await letTheViewBeOutdated();
    clock.advance(DAY);
    try {
      expect([await view.evaluator.due(100), await states()]).toEqual([[], before]);
    } finally {
      await app.core.projections.rebuild('compliance');
    }
  });

  it('says that it awaits a rebuild where it was never judged', async () => {
    await letTheViewBeOutdated();
    try {
      await expect(view.overview(organizationId)).rejects.toMatchObject({ code: 'unavailable' });
    } finally {
      await app.core.projections.rebuild('compliance');
    }
  });

  it('lets others read while many wait for its evaluation', async () => {
    const elsewhere = await app.core.database.connect();
    await elsewhere.query(
      `BEGIN; SELECT pg_advisory_xact_lock(hashtext('letopis.compliance'), hashtext('${organizationId}'))`,
    );
    const waiting = Array.from({ length: 30 }, () => view.evaluator.refresh(organizationId));
    try {
      // Long enough for all of them to have taken whatever connection they wait on.
      await sleep(300);
      await expect(app.core.views.query('SELECT 1')).resolves.toMatchObject({ rowCount: 1 });
    } finally {
      await elsewhere.query('COMMIT');
      elsewhere.release();
    }
    expect(new Set((await Promise.all(waiting)).map(({ position }) => position)).size).toBe(1);
  });

  it('given it was told at noon of the whole day, then until the evening the last message of before noon counts', async () => {
    const [day, chatId] = ['2025-12-15', newId()];
    clock.set(new Date(`${day}T12:00:00.000Z`));
    await record(
      ChatRegistered.of({ chatId, kind: 'subject', title: 'Физика', ownerId: newId() }),
      `${day}T06:00:00.000Z`,
    );
    for (const time of ['07:00', '09:00', '11:00']) {
      const at = `${day}T${time}:00.000Z`;
      await record(
        MessagePosted.of({
          chatId,
          mid: `mid.${time}`,
          seq: '1',
          textSha256: '0'.repeat(64),
          attachmentKinds: [],
          at,
        }),
        at,
      );
    }
    await record(
      CommunicationPeriodConfirmed.of({
        ...{ chatId, periodFrom: `${day}T00:00:00.000Z`, periodTo: `${day}T18:00:00.000Z`, byOwner: newId() },
        ...{ activeParticipants: 3, messageCount: 5 },
      }),
      `${day}T12:00:00.000Z`,
    );
    const { findings } = await view.findings(organizationId, 'C34');
    expect(findings.map(({ since }) => since)).toEqual([`${day}T11:00:00.000Z`]);
  });

  it('is not endangered by a control that does not apply to it', async () => {
    const risks = async () => [
      (await view.risks(organizationId, 10)).filter(({ control }) => control === 'C31').length,
      (await view.schools([organizationId])).map(({ violated }) => violated),
    ];
    const before = await risks();
    await record(
      ControlParameterSet.of({
        ...{ controlId: 'C31', parameter: 'applies', value: { applies: false } },
        ...{ effectiveFrom: '2025-11-01T00:00:00.000Z', orderNo: '17', orderDate: '2025-11-01', by: newId() },
      }),
    );
    expect([before, await risks()]).toEqual([
      [1, [1]],
      [0, [0]],
    ]);
  });
});
