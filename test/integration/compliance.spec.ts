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
import { FixedClock, type RecordedEvent } from '@letopis/kernel';
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
