import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, PARTICIPANTS, ruleViolated } from '@letopis/kernel';
import { At, Day, defineEvent, type EventsOf, Id, OneOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';

const KINDS = [
  'foreign_platform',
  'false_data',
  'ethics',
  'unlawful_content',
  'pdn_collection',
  'account_sharing',
] as const;
type ViolationKind = (typeof KINDS)[number];
const MEASURES = ['talk', 'warning', 'parents_informed', 'disciplinary', 'kdn', 'police'] as const;

/** The clause that each kind of violation breaks. */
const CLAUSES: Readonly<Record<ViolationKind, string>> = {
  foreign_platform: '2.1',
  false_data: '4.5.1',
  ethics: '4.5.3',
  unlawful_content: '4.6.1',
  pdn_collection: '4.6.2',
  account_sharing: '4.6.3',
};

const clauses = Object.values(CLAUSES);

export const ViolationReported = defineEvent({
  type: 'ViolationReported',
  titleRu: 'Сообщено о нарушении',
  clauses,
  data: {
    violationId: Id(),
    clauseId: Text(10),
    kind: OneOf(KINDS),
    reporterId: Type.Optional(PersonId()),
    subjectId: Type.Optional(PersonId()),
    chatId: Type.Optional(Id()),
    mid: Type.Optional(Text(200)),
    at: At(),
    description: Type.Optional(Personal(Text(), '/subjectId')),
  },
});

export const ViolationConfirmed = defineEvent({
  type: 'ViolationConfirmed',
  titleRu: 'Нарушение подтверждено',
  clauses,
  data: { violationId: Id(), by: PersonId(), basis: Text() },
});

export const ViolationDismissed = defineEvent({
  type: 'ViolationDismissed',
  titleRu: 'Сообщение о нарушении отклонено',
  clauses,
  data: { violationId: Id(), by: PersonId(), reason: Text() },
});

export const MeasureRecorded = defineEvent({
  type: 'MeasureRecorded',
  titleRu: 'Принята мера по нарушению',
  clauses: ['4.5.3', '4.6.1', '4.6.3'],
  data: { violationId: Id(), kind: OneOf(MEASURES), orderRef: Type.Optional(Text(200)), date: Day() },
});

const events = [ViolationReported, ViolationConfirmed, ViolationDismissed, MeasureRecorded] as const;
export type ViolationEvent = EventsOf<typeof events>;

export interface Violation {
  readonly status: 'none' | 'reported' | 'confirmed' | 'dismissed';
  readonly clause: string;
  readonly reporterId?: string;
}

export const violation: Concept<Violation, ViolationEvent> = {
  name: 'violation',
  titleRu: 'Нарушение',
  events,
  initial: { status: 'none', clause: '4.5.3' },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ViolationReported':
        return { status: 'reported', clause: event.data.clauseId, reporterId: event.data.reporterId };
      case 'ViolationConfirmed':
        return { ...state, status: 'confirmed' };
      case 'ViolationDismissed':
        return { ...state, status: 'dismissed' };
      case 'MeasureRecorded':
        return state;
    }
  },
};

export class ReportViolation {
  @field.Id('The violation; assigned when absent', { optional: true }) violationId!: string;
  @field.OneOf(KINDS, 'What kind of violation') kind!: ViolationKind;
  @field.Flag('Leave the reporter out of the record', { optional: true }) anonymous?: boolean;
  @field.PersonId('Who is said to have done it', { optional: true }) subjectId?: string;
  @field.Id('Where', { optional: true }) chatId?: string;
  @field.Text('Id of the message in the messenger', { optional: true }) mid?: string;
  @field.Text('What happened (stored encrypted; needs subjectId)', { max: 2_000, optional: true })
  @field.Needs('subjectId')
  description?: string;
}

export class ConfirmViolation {
  @field.Id('The violation') violationId!: string;
  @field.Text('What the confirmation rests on', { max: 2_000 }) basis!: string;
}

export class DismissViolation {
  @field.Id('The violation') violationId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

export class RecordMeasure {
  @field.Id('The violation') violationId!: string;
  @field.OneOf(MEASURES, 'Which measure') kind!: (typeof MEASURES)[number];
  @field.Text('Number and date of the order, if there is one', { optional: true }) orderRef?: string;
  @field.Day('When') date!: string;
}

const VIOLATION = '9d8c7b6a-5f4e-4d3c-8b2a-1f0e9d8c7b07';
const PUPIL = '3f9a1b2c-4d5e-4f60-8172-93a4b5c6d705';

/** A report is decided once, and not by the one who made it. */
function mustBeOpen({ status, clause, reporterId }: Violation, decider: string): void {
  if (status === 'none') throw ruleViolated(clause, 'reported-first', 'О таком нарушении не сообщали');
  if (status !== 'reported')
    throw ruleViolated(clause, 'decided-once', 'Решение по этому сообщению уже принято');
  if (reporterId === decider) {
    throw ruleViolated(
      clause,
      'reporter-does-not-decide',
      'Решение принимает не тот, кто сообщил о нарушении',
    );
  }
}

export const violationCommands = [
  defineCommand({
    name: 'ReportViolation',
    titleRu: 'Сообщить о нарушении',
    about:
      'Somebody reports an insult, unlawful content, false data, a foreign messenger or a shared account.',
    kind: 'fact',
    clauses,
    actors: PARTICIPANTS,
    concept: violation,
    payload: ReportViolation,
    assigns: 'violationId',
    // Who stays unknown cannot be kept from deciding: `reporter-does-not-decide` only holds for named reporters.
    anonymous: ({ anonymous }) => anonymous === true,
    example: { kind: 'ethics', subjectId: PUPIL, description: 'Оскорбление в чате класса' },
    id: ({ violationId }) => violationId,
    decide: (state, { payload, actor, occurredAt }) => {
      const { violationId, kind, anonymous, subjectId, chatId, mid, description } = payload;
      if (state.status !== 'none') return [];
      return [
        ViolationReported.of({
          violationId,
          clauseId: CLAUSES[kind],
          kind,
          reporterId: anonymous === true ? undefined : actor.id,
          subjectId,
          chatId,
          mid,
          at: occurredAt,
          description,
        }),
      ];
    },
  }),
  defineCommand({
    name: 'ConfirmViolation',
    titleRu: 'Подтвердить нарушение',
    about: 'A moderator finds that it happened.',
    kind: 'decision',
    clauses,
    actors: ['platform_admin', 'curator', 'deputy', 'director'],
    concept: violation,
    payload: ConfirmViolation,
    example: { violationId: VIOLATION, basis: 'Сообщение в чате, объяснение ученика' },
    id: ({ violationId }) => violationId,
    decide: (state, { payload, actor }) => {
      if (state.status === 'confirmed') return [];
      mustBeOpen(state, actor.id);
      return [ViolationConfirmed.of({ ...payload, by: actor.id })];
    },
  }),
  defineCommand({
    name: 'DismissViolation',
    titleRu: 'Отклонить сообщение о нарушении',
    about: 'A moderator finds that it did not happen, or is none.',
    kind: 'decision',
    clauses,
    actors: ['platform_admin', 'curator', 'deputy', 'director'],
    concept: violation,
    payload: DismissViolation,
    example: { violationId: VIOLATION, reason: 'Не подтвердилось' },
    id: ({ violationId }) => violationId,
    decide: (state, { payload, actor }) => {
      if (state.status === 'dismissed') return [];
      mustBeOpen(state, actor.id);
      return [ViolationDismissed.of({ ...payload, by: actor.id })];
    },
  }),
  defineCommand({
    name: 'RecordMeasure',
    titleRu: 'Отметить принятую меру',
    about: 'What was done about a confirmed violation.',
    kind: 'decision',
    clauses: ['4.5.3', '4.6.1', '4.6.3'],
    actors: ['platform_admin', 'curator', 'deputy', 'director'],
    concept: violation,
    payload: RecordMeasure,
    example: { violationId: VIOLATION, kind: 'talk', date: '2025-11-20' },
    id: ({ violationId }) => violationId,
    decide: (state, { payload }) => {
      if (state.status !== 'confirmed') {
        throw ruleViolated(
          state.clause,
          'measure-after-confirmation',
          'Мера принимается только по подтверждённому нарушению',
        );
      }
      return [MeasureRecorded.of({ ...payload })];
    },
  }),
];
