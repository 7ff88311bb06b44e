import {
  controlCatalogue,
  type ControlEvaluation,
  evaluateAll,
  marksOf,
  productionCalendar,
} from '@letopis/compliance';
import { type Planted, sizeOf } from '@letopis/simulator';
import { type RehearsedYear, rehearsedYear } from '../support/rehearsed-year';

/** The year is over. */
const END = '2026-07-31T20:59:59.999Z';
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const WRONG = new Set(['overdue', 'violated', 'fulfilled-late', 'remedied']);

/** What a breach comes to: which rule, on what, until when there was time. */
function plantedIn(breaches: readonly Planted[]): readonly string[] {
  return breaches.map(({ control, rule, subject, due }) => `${control} ${rule} ${subject} ${due}`).sort();
}

function foundIn(evaluations: readonly ControlEvaluation[]): readonly string[] {
  return evaluations
    .flatMap(({ findings }) => findings)
    .filter(({ state }) => WRONG.has(state))
    .map(({ control, rule, subject, dueAt, since }) => `${control} ${rule} ${subject} ${dueAt ?? since}`)
    .sort();
}

describe.each(SEEDS)('the simulated year of seed %i', (seed) => {
  let year: RehearsedYear;
  let evaluations: readonly ControlEvaluation[];

  beforeAll(() => {
    year = rehearsedYear({ ...sizeOf(3), messagesPerMonth: 4, seed });
    evaluations = evaluateAll(controlCatalogue, marksOf(controlCatalogue, year.events), {
      organizationId: year.organizationId,
      asOf: END,
      timeZone: year.timeZone,
      calendar: productionCalendar,
    });
  });

  it.each(controlCatalogue.map(({ id }) => id))(
    'is found by %s to break what was planted, on its subject and by its due date, and nothing else',
    (id) => {
      const found = foundIn(evaluations.filter(({ control }) => control === id));
      expect(found).toEqual(plantedIn(year.truth.breaches.filter(({ control }) => control === id)));
    },
  );

  it('is shown by the events that the ground truth names', () => {
    const evidence = new Set(
      evaluations.flatMap(({ findings }) => findings.flatMap((finding) => finding.evidence)),
    );
    const ids = new Set(controlCatalogue.map(({ id }) => id));
    const missing = year.truth.breaches
      .filter(({ control }) => ids.has(control))
      .filter(({ opened }) => !evidence.has(opened.eventId));
    expect(missing.map(({ control, rule, opened }) => `${control} ${rule} ${opened.command}`)).toEqual([]);
  });
});
