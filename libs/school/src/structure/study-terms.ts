import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, LetopisError, ruleViolated } from '@letopis/kernel';
import { contentOf } from '../content';
import { Day, defineEvent, type EventsOf, Text } from '../events';
import * as field from '../fields';

const MOST_TERMS = 8;

/** The calendar of studies is a part of the educational programme (273-ФЗ, ст. 2 п. 9). */
export const StudyTermsApproved = defineEvent({
  type: 'StudyTermsApproved',
  titleRu: 'Утверждён календарный учебный график',
  clauses: ['1.2', '3.2.0'],
  data: {
    schoolYear: Type.String({ pattern: '^\\d{4}/\\d{4}$' }),
    orderRef: Text(200),
    /** In order, without overlap; first and last day of each belong to it. */
    terms: Type.Array(Type.Object({ from: Day(), to: Day() }), { minItems: 1, maxItems: MOST_TERMS }),
  },
});

const events = [StudyTermsApproved] as const;
export type StudyTermsEvent = EventsOf<typeof events>;

type Approved = ReturnType<typeof StudyTermsApproved.of>['data'];

export interface StudyTerms {
  /** Each calendar that was approved, in order: of one school year the last is in force. */
  readonly approved: readonly Approved[];
}

/** When pupils of one organisation are taught; one stream for each organisation, with an event or two a year. */
export const studyTerms: Concept<StudyTerms, StudyTermsEvent> = {
  name: 'studyterms',
  titleRu: 'Календарный учебный график',
  events,
  initial: { approved: [] },
  evolve: (state, event) => {
    switch (event.type) {
      case 'StudyTermsApproved':
        return { approved: [...state.approved, event.data] };
    }
  },
};

class Term {
  @field.Day('Its first day') from!: string;
  @field.Day('Its last day') to!: string;
}

export class ApproveStudyTerms {
  @field.SchoolYear('School year, from 1 July to 30 June') schoolYear!: string;
  @field.Text('Number and date of the order; terms by another order take the place of these')
  orderRef!: string;
  @field.ListOf(Term, 'The terms, in order; between them lie the holidays of the pupils', { max: MOST_TERMS })
  terms!: Term[];
}

/** @throws LetopisError `invalid` for the first term that ends before it begins or is out of order or year */
function mustBeCalendar({ schoolYear, terms }: ApproveStudyTerms): void {
  const refuse = (index: number, member: string, message: string): LetopisError =>
    new LetopisError('invalid', 'The terms make no calendar', {
      fields: [{ path: `/payload/terms/${index}/${member}`, message: `${member} ${message}` }],
    });
  const [first = '', second = ''] = schoolYear.split('/');
  const last = `${second}-06-30`;
  let before = `${first}-06-30`;
  for (const [index, { from, to }] of terms.entries()) {
    if (from <= before) {
      throw refuse(
        index,
        'from',
        index === 0 ? 'must not be before 1 July of the school year' : 'must be after the term before',
      );
    }
    if (to < from) throw refuse(index, 'to', 'must not be before from');
    if (to > last) throw refuse(index, 'to', 'must not be after 30 June of the school year');
    before = to;
  }
}

export const studyTermsCommands = [
  defineCommand({
    name: 'ApproveStudyTerms',
    titleRu: 'Утвердить календарный учебный график',
    about:
      'The director approves on which days of the school year pupils are taught; terms are counted by them.',
    kind: 'decision',
    clauses: ['1.2', '3.2.0'],
    actors: ['director'],
    concept: studyTerms,
    payload: ApproveStudyTerms,
    example: {
      schoolYear: '2025/2026',
      orderRef: '№ 328 от 29.08.2025',
      terms: [
        { from: '2025-09-01', to: '2025-10-26' },
        { from: '2025-11-05', to: '2025-12-28' },
        { from: '2026-01-12', to: '2026-03-27' },
        { from: '2026-04-06', to: '2026-05-26' },
      ],
    },
    id: (_payload, organizationId) => organizationId,
    decide: ({ approved }, { payload }) => {
      mustBeCalendar(payload);
      const event = StudyTermsApproved.of({ ...payload, terms: payload.terms.map((term) => ({ ...term })) });
      const { schoolYear, orderRef } = payload;
      const before = approved.find((one) => one.schoolYear === schoolYear && one.orderRef === orderRef);
      if (before === undefined) return [event];
      if (contentOf(before) === contentOf(event.data)) return [];
      throw ruleViolated(
        '3.2.0',
        'one-calendar-an-order',
        'Этим приказом уже утверждён другой календарный учебный график: изменения утвердите новым приказом',
      );
    },
  }),
];
