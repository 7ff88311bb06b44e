import { CHAPTERS_RU, CLAUSE_IDS, CLAUSES } from './clauses';
import { schemaOfPayload } from './fields';
import { school } from './index';
import { carryOut, commandOf, idOf } from './testing';

/** Clauses among these that there are not. */
function unknown(clauses: readonly string[]): readonly string[] {
  const known = new Set<string>(CLAUSE_IDS);
  return clauses.filter((clause) => !known.has(clause));
}

it('given the clauses, then each has a number of its own', () => {
  expect(new Set(CLAUSE_IDS).size).toBe(CLAUSES.length);
});

it.each(CLAUSE_IDS)('given clause %s, then it stands in one chapter', (id) => {
  expect(Object.keys(CHAPTERS_RU).filter((chapter) => id.startsWith(chapter))).toHaveLength(1);
});

it.each(school.commands.map((command) => [command.name, command.clauses] as const))(
  'given the command %s, then the clauses that it names are there',
  (_name, clauses) => {
    expect(unknown(clauses)).toEqual([]);
  },
);

it.each(school.concepts.flatMap(({ events }) => events.map(({ type, clauses }) => [type, clauses] as const)))(
  'given the event %s, then it names clauses, and they are there',
  (_type, clauses) => {
    expect([clauses.length > 0, unknown(clauses)]).toEqual([true, []]);
  },
);

describe('violations', () => {
  const report = commandOf('ReportViolation');
  const { properties }: { properties: { kind: { enum: string[] } } } = JSON.parse(
    JSON.stringify(schemaOfPayload(report.payload)),
  );
  const kinds = properties.kind.enum;

  it.each(kinds)('given one of kind %s, then the clause that it breaks is there', (kind) => {
    const [event] = carryOut(report, {
      state: report.concept.initial,
      others: [],
      payload: { ...report.example, violationId: idOf('violation'), kind },
    });
    expect(event).toMatchObject({ data: { clauseId: expect.any(String) } });
    const { clauseId }: { clauseId: string } = JSON.parse(JSON.stringify(event!.data));
    expect(unknown([clauseId])).toEqual([]);
  });
});
