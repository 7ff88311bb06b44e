import { CLAUSE_IDS, CONTROL_IDS, school } from '@letopis/school';
import { controlCatalogue } from './catalogue';
import { type ControlId, declaredControls, headingOf } from './declared-controls';
import { FORMS_RU } from './forms';

const isControlId = (id: string): id is ControlId => declaredControls.some((control) => control.id === id);

it('given the declared controls, then they are those that plans, checks and exceptions can name', () => {
  expect(declaredControls.map(({ id }) => id)).toEqual(CONTROL_IDS);
});

it.each(controlCatalogue.map((control) => [control.id, control] as const))(
  'given the evaluated control %s, then it is what was declared',
  (id, control) => {
    expect(isControlId(id) && headingOf(id)).toEqual({
      id,
      title: control.title,
      severity: control.severity,
      responsible: control.responsible,
      clauses: control.clauses,
    });
  },
);

describe.each(declaredControls.map((control) => [control.id, control] as const))(
  'the declared control %s',
  (_id, { clauses, evidence }) => {
    it('rests on clauses, each once', () => {
      expect([clauses.length > 0, new Set(clauses).size]).toEqual([true, clauses.length]);
    });

    it('is shown by events that the school records, each once', () => {
      const types = new Set(school.concepts.flatMap(({ events }) => events.map(({ type }) => type)));
      const named = evidence.map(({ type }) => type);
      expect([named.length > 0, new Set(named).size]).toEqual([true, named.length]);
      expect(named.filter((type) => !types.has(type))).toEqual([]);
    });
  },
);

it('given the clauses, then each has a control', () => {
  const controlled = new Set<string>(declaredControls.flatMap(({ clauses }) => clauses));
  expect(CLAUSE_IDS.filter((id) => !controlled.has(id))).toEqual([]);
});

it('given the forms, then controls are shown in each', () => {
  const shown = declaredControls.flatMap(({ shownIn }) => ('form' in shownIn ? [shownIn.form] : []));
  expect(new Set(shown)).toEqual(new Set(Object.keys(FORMS_RU)));
});
