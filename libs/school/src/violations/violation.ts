import { Type } from '@sinclair/typebox';
import {
  type Command,
  type Concept,
  defineCommand,
  definePolicy,
  derivedId,
  LetopisError,
  PARTICIPANTS,
  type Role,
  ruleViolated,
} from '@letopis/kernel';
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
/** Whom the school asks to remove a message. */
const REMOVERS = ['author', 'chat_owner', 'platform_admin', 'vendor'] as const;
/** Who moderates, by 4.5.1 and 4.5.3, and the administration that answers for both. */
const MODERATORS = ['platform_admin', 'curator', 'deputy', 'director'] as const satisfies readonly Role[];

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
    /** Keyed digest of the description: tells the same report again from a further one. */
    descriptionDigest: Type.Optional(Id()),
  },
});

/** A copy of the message was put by; `fileSha256` tells whether the copy is still the same. */
export const ContentPreserved = defineEvent({
  type: 'ContentPreserved',
  titleRu: 'Сообщение сохранено как доказательство',
  clauses: ['4.5.3', '4.6.1'],
  data: {
    violationId: Id(),
    mid: Text(200),
    fileSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    by: PersonId(),
  },
});

export const ContentRemovalRequested = defineEvent({
  type: 'ContentRemovalRequested',
  titleRu: 'Запрошено удаление сообщения',
  clauses: ['4.5.3', '4.6.1'],
  data: { violationId: Id(), mid: Text(200), to: OneOf(REMOVERS) },
});

export const ContentRemoved = defineEvent({
  type: 'ContentRemoved',
  titleRu: 'Сообщение удалено',
  clauses: ['4.5.3', '4.6.1'],
  data: { violationId: Id(), mid: Text(200), by: PersonId(), at: At() },
});

/**
 * `kind` is that of the first report, `reportedAt` the instant of the earliest: when the school came to know of it.
 * `heardAt` and `explanation` are what 4.5.1 wants of the person in whose data it is about.
 */
export const ViolationConfirmed = defineEvent({
  type: 'ViolationConfirmed',
  titleRu: 'Нарушение подтверждено',
  clauses,
  data: {
    violationId: Id(),
    by: PersonId(),
    basis: Text(),
    kind: Type.Optional(OneOf(KINDS)),
    reportedAt: Type.Optional(At()),
    subjectId: Type.Optional(PersonId()),
    heardAt: Type.Optional(At()),
    explanation: Type.Optional(Personal(Text(), '/subjectId')),
    /** Keyed digest of the explanation: tells the same decision again from another. */
    explanationDigest: Type.Optional(Id()),
  },
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

const events = [
  ViolationReported,
  ContentPreserved,
  ContentRemovalRequested,
  ContentRemoved,
  ViolationConfirmed,
  ViolationDismissed,
  MeasureRecorded,
] as const;
export type ViolationEvent = EventsOf<typeof events>;

export interface Violation {
  readonly status: 'none' | 'reported' | 'confirmed' | 'dismissed';
  /** The clause that the first report names. */
  readonly clause: string;
  readonly kind?: ViolationKind;
  /** When the earliest report was made. */
  readonly reportedAt?: string;
  readonly reporterIds: readonly string[];
  /** Whom the first report that names somebody names. */
  readonly subjectId?: string;
  /** Messages that a copy was put by of. */
  readonly preserved: readonly string[];
  /** Everything on record, comparable (`factsOf`): the same again changes nothing. */
  readonly facts: readonly string[];
}

export const violation: Concept<Violation, ViolationEvent> = {
  name: 'violation',
  titleRu: 'Нарушение',
  events,
  initial: { status: 'none', clause: '4.5.3', reporterIds: [], preserved: [], facts: [] },
  evolve: (before, event) => {
    const state: Violation = { ...before, facts: [...before.facts, factsOf(event)] };
    switch (event.type) {
      case 'ViolationReported': {
        const { clauseId, kind, reporterId, subjectId, at } = event.data;
        return {
          ...state,
          // Who reports after a dismissal was not heard in it: it is to be decided anew.
          status: state.status === 'confirmed' ? 'confirmed' : 'reported',
          clause: state.kind === undefined ? clauseId : state.clause,
          kind: state.kind ?? kind,
          reportedAt: state.reportedAt !== undefined && state.reportedAt < at ? state.reportedAt : at,
          reporterIds: reporterId === undefined ? state.reporterIds : [...state.reporterIds, reporterId],
          subjectId: state.subjectId ?? subjectId,
        };
      }
      case 'ContentPreserved':
        return { ...state, preserved: [...state.preserved, event.data.mid] };
      case 'ViolationConfirmed':
        return { ...state, status: 'confirmed' };
      case 'ViolationDismissed':
        return { ...state, status: 'dismissed' };
      case 'ContentRemovalRequested':
      case 'ContentRemoved':
      case 'MeasureRecorded':
        return state;
    }
  },
};

/** What makes an event the same facts again. Of personal texts only digests can be compared. */
function factsOf({ type, data }: ViolationEvent): string {
  switch (type) {
    case 'ViolationReported':
      return JSON.stringify([
        type,
        data.kind,
        data.reporterId,
        data.subjectId,
        data.chatId,
        data.mid,
        data.descriptionDigest,
      ]);
    case 'ContentPreserved':
      return JSON.stringify([type, data.mid, data.fileSha256]);
    case 'ContentRemovalRequested':
      return JSON.stringify([type, data.mid, data.to]);
    case 'ContentRemoved':
      return JSON.stringify([type, data.mid, data.by, data.at]);
    case 'ViolationConfirmed':
      return JSON.stringify([
        type,
        data.by,
        data.basis,
        data.subjectId,
        data.heardAt,
        data.explanationDigest,
      ]);
    case 'ViolationDismissed':
      return JSON.stringify([type, data.by, data.reason]);
    case 'MeasureRecorded':
      return JSON.stringify([type, data.kind, data.orderRef, data.date]);
  }
}

/** The event, unless the same facts are on record. */
function unlessKnown(state: Violation, event: ViolationEvent): readonly ViolationEvent[] {
  return isKnown(state, event) ? [] : [event];
}

function isKnown({ facts }: Violation, event: ViolationEvent): boolean {
  return facts.includes(factsOf(event));
}

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

export class PreserveContent {
  @field.Id('The violation') violationId!: string;
  @field.Text('Id of the message in the messenger') mid!: string;
  @field.Sha256('SHA-256 of the sealed copy; the copy itself is kept outside') fileSha256!: string;
}

export class RequestRemoval {
  @field.Id('The violation') violationId!: string;
  @field.Text('Id of the message in the messenger') mid!: string;
  @field.OneOf(REMOVERS, 'Who is asked to remove it') to!: (typeof REMOVERS)[number];
}

export class RecordContentRemoved {
  @field.Id('The violation') violationId!: string;
  @field.Text('Id of the message in the messenger') mid!: string;
  @field.PersonId('Who removed it; the caller when absent', { optional: true }) removedById?: string;
}

export class ConfirmViolation {
  @field.Id('The violation') violationId!: string;
  @field.Text('What the confirmation rests on', { max: 2_000 }) basis!: string;
  @field.PersonId('Who did it; whom the report names when absent', { optional: true }) subjectId?: string;
  @field.Instant('When that person was heard; needed for false_data', { optional: true }) heardAt?: string;
  @field.Text('What that person said (stored encrypted; needs heardAt)', { max: 2_000, optional: true })
  @field.Needs('heardAt')
  explanation?: string;
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
const MESSAGE = 'mid.0000018f2a3b4c5d';
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

function mustBeReported({ status, clause }: Violation): void {
  if (status === 'none') {
    throw ruleViolated(clause, 'reported-first', 'О таком нарушении не сообщали: сначала сообщите о нём');
  }
}

/** A report is decided once, and not by one who made it (4.5.3). */
function mustBeOpen(state: Violation, decider: string): void {
  mustBeReported(state);
  const { status, clause, reporterIds } = state;
  if (status !== 'reported') {
    throw ruleViolated(clause, 'decided-once', 'Решение по этому сообщению уже принято');
  }
  if (reporterIds.includes(decider)) {
    throw ruleViolated(
      clause,
      'reporter-does-not-decide',
      'Решение принимает не тот, кто сообщил о нарушении: передайте его другому модератору',
    );
  }
}

/** False data are found only after the person was heard (4.5.1). */
function mustBeHeard({
  subjectId,
  heardAt,
}: {
  readonly subjectId?: string;
  readonly heardAt?: string;
}): void {
  if (subjectId === undefined || heardAt === undefined) {
    throw ruleViolated(
      '4.5.1',
      'person-heard',
      'Прежде чем подтвердить ложные данные, выслушайте участника: укажите, кого (subjectId) и когда (heardAt)',
    );
  }
}

type Confirmation = ReturnType<typeof ViolationConfirmed.of>;

/** @throws LetopisError `invalid` where an explanation is nobody's, or somebody is to be heard later */
function confirmationOf(state: Violation, command: Command<ConfirmViolation>): Confirmation {
  const { payload, actor, occurredAt } = command;
  const { violationId, basis, explanation } = payload;
  const subjectId = payload.subjectId ?? state.subjectId;
  const heardAt = payload.heardAt === undefined ? undefined : new Date(payload.heardAt).toISOString();
  if (heardAt !== undefined && heardAt > occurredAt) {
    throw malformed('The person was not heard yet', 'heardAt', 'must not be after the decision');
  }
  if (explanation !== undefined && subjectId === undefined) {
    throw malformed('The explanation is somebody’s', 'subjectId', 'is needed with an explanation');
  }
  return ViolationConfirmed.of({
    violationId,
    by: actor.id,
    basis,
    kind: state.kind,
    reportedAt: state.reportedAt,
    subjectId,
    heardAt,
    explanation,
    explanationDigest:
      explanation === undefined ? undefined : command.pseudonym('explanation', violationId, explanation),
  });
}

function malformed(message: string, name: string, problem: string): LetopisError {
  return new LetopisError('invalid', message, {
    fields: [{ path: `/payload/${name}`, message: `${name} ${problem}` }],
  });
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
    decide: (state, command) => {
      const { payload, actor, occurredAt } = command;
      const { violationId, kind, anonymous, subjectId, chatId, mid, description } = payload;
      return unlessKnown(
        state,
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
          descriptionDigest:
            description === undefined
              ? undefined
              : command.pseudonym('description', violationId, description),
        }),
      );
    },
  }),
  defineCommand({
    name: 'PreserveContent',
    titleRu: 'Сохранить сообщение как доказательство',
    about: 'A sealed copy of the message is put by, before anybody removes it.',
    kind: 'decision',
    clauses: ['4.5.3', '4.6.1'],
    actors: MODERATORS,
    concept: violation,
    payload: PreserveContent,
    example: { violationId: VIOLATION, mid: MESSAGE, fileSha256: SHA256 },
    id: ({ violationId }) => violationId,
    decide: (state, { payload, actor }) => {
      mustBeReported(state);
      return unlessKnown(state, ContentPreserved.of({ ...payload, by: actor.id }));
    },
  }),
  defineCommand({
    name: 'RequestRemoval',
    titleRu: 'Запросить удаление сообщения',
    about: 'Somebody is asked to remove the message, after a copy was preserved.',
    kind: 'decision',
    clauses: ['4.5.3', '4.6.1'],
    actors: MODERATORS,
    concept: violation,
    payload: RequestRemoval,
    example: { violationId: VIOLATION, mid: MESSAGE, to: 'author' },
    id: ({ violationId }) => violationId,
    decide: (state, { payload }) => {
      mustBeReported(state);
      if (!state.preserved.includes(payload.mid)) {
        throw ruleViolated(
          '4.6.1',
          'preserve-first',
          'Сначала сохраните это сообщение как доказательство (PreserveContent), затем запрашивайте удаление',
        );
      }
      return unlessKnown(state, ContentRemovalRequested.of({ ...payload }));
    },
  }),
  defineCommand({
    name: 'RecordContentRemoved',
    titleRu: 'Отметить удаление сообщения',
    about: 'The message is gone, whether or not a copy was preserved.',
    kind: 'fact',
    clauses: ['4.5.3', '4.6.1'],
    actors: MODERATORS,
    concept: violation,
    payload: RecordContentRemoved,
    example: { violationId: VIOLATION, mid: MESSAGE, removedById: PUPIL },
    id: ({ violationId }) => violationId,
    decide: (state, { payload, actor, occurredAt }) => {
      const { violationId, mid, removedById } = payload;
      return unlessKnown(
        state,
        ContentRemoved.of({ violationId, mid, by: removedById ?? actor.id, at: occurredAt }),
      );
    },
  }),
  defineCommand({
    name: 'ConfirmViolation',
    titleRu: 'Подтвердить нарушение',
    about: 'A moderator finds that it happened.',
    kind: 'decision',
    clauses,
    actors: MODERATORS,
    concept: violation,
    payload: ConfirmViolation,
    example: { violationId: VIOLATION, basis: 'Сообщение в чате, объяснение ученика' },
    id: ({ violationId }) => violationId,
    decide: (state, command) => {
      const event = confirmationOf(state, command);
      if (state.status === 'confirmed' && isKnown(state, event)) return [];
      mustBeOpen(state, command.actor.id);
      if (state.kind === 'false_data') mustBeHeard(event.data);
      return [event];
    },
  }),
  defineCommand({
    name: 'DismissViolation',
    titleRu: 'Отклонить сообщение о нарушении',
    about: 'A moderator finds that it did not happen, or is none.',
    kind: 'decision',
    clauses,
    actors: MODERATORS,
    concept: violation,
    payload: DismissViolation,
    example: { violationId: VIOLATION, reason: 'Не подтвердилось' },
    id: ({ violationId }) => violationId,
    decide: (state, { payload, actor }) => {
      const event = ViolationDismissed.of({ ...payload, by: actor.id });
      if (state.status === 'dismissed' && isKnown(state, event)) return [];
      mustBeOpen(state, actor.id);
      return [event];
    },
  }),
  defineCommand({
    name: 'RecordMeasure',
    titleRu: 'Отметить принятую меру',
    about: 'What was done about a confirmed violation.',
    kind: 'decision',
    clauses: ['4.5.3', '4.6.1', '4.6.3'],
    actors: MODERATORS,
    concept: violation,
    payload: RecordMeasure,
    example: { violationId: VIOLATION, kind: 'talk', date: '2025-11-20' },
    id: ({ violationId }) => violationId,
    decide: (state, { payload }) => {
      if (state.status !== 'confirmed') {
        throw ruleViolated(
          state.clause,
          'measure-after-confirmation',
          'Мера принимается только по подтверждённому нарушению: сначала подтвердите его',
        );
      }
      return unlessKnown(state, MeasureRecorded.of({ ...payload }));
    },
  }),
];

/**
 * Whoever collects others' personal data unlawfully makes an incident of it (4.6.2). It was detected when it was first
 * reported: the time limits of 152-ФЗ ст. 21 ч. 3.1 count from then.
 */
export const incidentOfPdnCollection = definePolicy({
  name: 'incident-of-pdn-collection',
  on: ViolationConfirmed,
  follow: ({ data: { violationId, kind, reportedAt } }) =>
    kind === 'pdn_collection' && reportedAt !== undefined
      ? [
          {
            command: 'RegisterIncident',
            payload: {
              incidentId: incidentOfViolation(violationId),
              kind: 'data_leak',
              clauseIds: [CLAUSES.pdn_collection],
              detectedAt: reportedAt,
              severity: 'high',
            },
          },
        ]
      : [],
});

/** The incident that a confirmed violation makes by itself. */
export function incidentOfViolation(violationId: string): string {
  return derivedId('incident', violationId);
}
