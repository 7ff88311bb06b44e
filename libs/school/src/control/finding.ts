import { Type } from '@sinclair/typebox';
import { type Actor, type Concept, defineCommand, ruleViolated } from '@letopis/kernel';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, Id, PersonId, Text } from '../events';
import * as field from '../fields';
import { CONTROL_IDS } from './catalogue';

/*
 * What people decide about a finding that the evaluation of a control made. Findings that a person writes down in a check
 * are another matter: control-check.ts.
 */

const decision = {
  findingId: Id(),
  controlId: Type.String({ pattern: '^C\\d{2}$' }),
  by: PersonId(),
  at: At(),
};

export const FindingRemediationAssigned = defineEvent({
  type: 'FindingRemediationAssigned',
  titleRu: 'Поручено устранить нарушение, выявленное контролем',
  clauses: ['3.2.5'],
  data: { ...decision, assigneeId: PersonId(), dueAt: At(), recommendation: Text() },
});

export const FindingRemedied = defineEvent({
  type: 'FindingRemedied',
  titleRu: 'Сообщено об устранении нарушения, выявленного контролем',
  clauses: ['3.2.5'],
  data: { ...decision, evidenceRef: Text(200), note: Type.Optional(Text()) },
});

export const FindingRemedyVerified = defineEvent({
  type: 'FindingRemedyVerified',
  titleRu: 'Подтверждено устранение нарушения, выявленного контролем',
  clauses: ['3.2.5'],
  data: decision,
});

export const FindingReturned = defineEvent({
  type: 'FindingReturned',
  titleRu: 'Нарушение, выявленное контролем, возвращено на устранение',
  clauses: ['3.2.5'],
  data: { ...decision, reason: Text() },
});

export const FindingExcepted = defineEvent({
  type: 'FindingExcepted',
  titleRu: 'Разрешено исключение по нарушению, выявленному контролем',
  clauses: ['3.2.5'],
  data: { ...decision, reason: Text(), until: At() },
});

export const FindingDismissed = defineEvent({
  type: 'FindingDismissed',
  titleRu: 'Нарушение, выявленное контролем, признано ошибочным',
  clauses: ['3.2.5'],
  data: { ...decision, reason: Text() },
});

export const FindingReopened = defineEvent({
  type: 'FindingReopened',
  titleRu: 'Возобновлено рассмотрение нарушения, выявленного контролем',
  clauses: ['3.2.5'],
  data: { ...decision, reason: Text() },
});

const events = [
  FindingRemediationAssigned,
  FindingRemedied,
  FindingRemedyVerified,
  FindingReturned,
  FindingExcepted,
  FindingDismissed,
  FindingReopened,
] as const;
export type FindingEvent = EventsOf<typeof events>;

export type FindingWorkflowStatus =
  'untouched' | 'assigned' | 'remedied' | 'verified' | 'excepted' | 'dismissed';

/**
 * Where a finding stands by what was decided about it. Whether an exception has run out is for the reader to tell, who
 * knows what time it is.
 */
export interface FindingWorkflow {
  readonly status: FindingWorkflowStatus;
  /** The assignment in force: a finding that is returned or reopened falls back to it. */
  readonly assigned?: ReturnType<typeof FindingRemediationAssigned.of>['data'];
  /** What was decided last. */
  readonly last?: FindingEvent;
}

/** One finding. Its id is derived by the evaluation, which knows what is found; here it is only decided about. */
export const finding: Concept<FindingWorkflow, FindingEvent> = {
  name: 'finding',
  titleRu: 'Нарушение, выявленное контролем',
  events,
  initial: { status: 'untouched' },
  evolve: (state, event) => {
    const { assigned } = state;
    switch (event.type) {
      case 'FindingRemediationAssigned':
        return { status: 'assigned', assigned: event.data, last: event };
      case 'FindingRemedied':
        return { status: 'remedied', assigned, last: event };
      case 'FindingRemedyVerified':
        return { status: 'verified', assigned, last: event };
      case 'FindingExcepted':
        return { status: 'excepted', assigned, last: event };
      case 'FindingDismissed':
        return { status: 'dismissed', assigned, last: event };
      case 'FindingReturned':
      case 'FindingReopened':
        return { status: assigned === undefined ? 'untouched' : 'assigned', assigned, last: event };
    }
  },
};

class AboutFinding {
  @field.Id('The finding, as the view of compliance shows it') findingId!: string;
  @field.OneOf(CONTROL_IDS, 'Which control found it') controlId!: string;
}

export class AssignFindingRemediation extends AboutFinding {
  @field.PersonId('Who is to mend it') assigneeId!: string;
  @field.Instant('By when') dueAt!: string;
  @field.Text('What is to be done; names nobody', { max: 2_000 }) recommendation!: string;
}

export class ReportFindingRemedied extends AboutFinding {
  @field.Text('What shows it: id of an event, number of a paper') evidenceRef!: string;
  @field.Text('What was done; names nobody', { max: 2_000, optional: true }) note?: string;
}

export class VerifyFindingRemedied extends AboutFinding {}

export class ReturnFinding extends AboutFinding {
  @field.Text('What is still amiss; names nobody', { max: 2_000 }) reason!: string;
}

export class ExceptFinding extends AboutFinding {
  @field.Text('Why; names nobody', { max: 2_000 }) reason!: string;
  @field.Instant('Until when') until!: string;
}

export class DismissFinding extends AboutFinding {
  @field.Text('Why it is none; names nobody', { max: 2_000 }) reason!: string;
}

export class ReopenFinding extends AboutFinding {
  @field.Text('Why; names nobody', { max: 2_000 }) reason!: string;
}

const EXAMPLE = { findingId: 'a3b4c5d6-e7f8-4091-8a2b-c3d4e5f60718', controlId: 'C14' };
const CURATOR = '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02';

const aboutFinding = {
  kind: 'decision',
  clauses: ['3.2.5'],
  concept: finding,
} as const;

/** The administration controls how the platform is used. */
const ADMINISTRATION = ['director', 'deputy'] as const;

/** Whether it says but when it was decided nothing other than what is on record. */
function isSame(before: FindingEvent, { type, data }: FindingEvent): boolean {
  return before.type === type && contentOf(before.data) === contentOf({ ...data, at: before.data.at });
}

/** @throws LetopisError `rule-violated` where the finding is on record as that of another control */
function mustBeOfControl({ last }: FindingWorkflow, controlId: string): void {
  if (last !== undefined && last.data.controlId !== controlId) {
    throw ruleViolated(
      '3.2.5',
      'one-control',
      `Это нарушение выявлено контролем ${last.data.controlId}: укажите его (controlId)`,
    );
  }
}

/** @throws LetopisError `rule-violated` where the finding was verified as mended, or dismissed */
function mustNotBeSettled({ status }: FindingWorkflow): void {
  if (status === 'verified' || status === 'dismissed') {
    throw ruleViolated(
      '3.2.5',
      'not-settled',
      status === 'verified'
        ? 'Устранение этого нарушения уже подтверждено: сначала возобновите его рассмотрение (ReopenFinding)'
        : 'Это нарушение признано ошибочным: сначала возобновите его рассмотрение (ReopenFinding)',
    );
  }
}

/** @throws LetopisError `rule-violated` where nobody has said that the finding was mended */
function mustBeRemedied({ status }: FindingWorkflow): void {
  if (status !== 'remedied') {
    throw ruleViolated(
      '3.2.5',
      'remedied-first',
      'Об устранении этого нарушения ещё не сообщено (ReportFindingRemedied)',
    );
  }
}

/** An assignment is for its assignee; the administration may speak for everybody. */
function mustBeAssignee({ assigned }: FindingWorkflow, { id, role }: Actor): void {
  if (assigned === undefined || assigned.assigneeId === id) return;
  if (!ADMINISTRATION.some((one) => one === role)) {
    throw ruleViolated(
      '3.2.5',
      'by-assignee',
      'Устранить это нарушение поручено другому: сообщает об устранении он или администрация школы',
    );
  }
}

/** Who says that something was mended does not check it. */
function mustNotBeReporter({ last }: FindingWorkflow, { id }: Actor): void {
  if (last?.type === 'FindingRemedied' && last.data.by === id) {
    throw ruleViolated(
      '3.2.5',
      'checker-not-checked',
      'Устранение подтверждает не тот, кто о нём сообщил: поручите проверку другому представителю администрации',
    );
  }
}

export const findingCommands = [
  defineCommand({
    ...aboutFinding,
    name: 'AssignFindingRemediation',
    titleRu: 'Поручить устранение нарушения, выявленного контролем',
    about:
      'Somebody is to mend what a control found by a day; a later assignment takes the place of an earlier one.',
    actors: ADMINISTRATION,
    payload: AssignFindingRemediation,
    example: {
      ...EXAMPLE,
      assigneeId: CURATOR,
      dueAt: '2036-12-05T18:00:00+05:00',
      recommendation: 'Удалить из чата участников, которых нет в списке класса',
    },
    id: ({ findingId }) => findingId,
    decide: (state, { payload, actor, occurredAt }) => {
      const dueAt = new Date(payload.dueAt).toISOString();
      const event = FindingRemediationAssigned.of({ ...payload, dueAt, by: actor.id, at: occurredAt });
      // Told again after it was mended, the assignment must not undo that; only another one does.
      const isInForce = state.status === 'assigned' || state.status === 'remedied';
      if (
        isInForce &&
        state.assigned !== undefined &&
        isSame(FindingRemediationAssigned.of(state.assigned), event)
      ) {
        return [];
      }
      mustBeOfControl(state, payload.controlId);
      mustNotBeSettled(state);
      if (dueAt <= occurredAt) {
        throw ruleViolated('3.2.5', 'due-ahead', 'Срок устранения должен быть в будущем');
      }
      return [event];
    },
  }),
  defineCommand({
    ...aboutFinding,
    name: 'ReportFindingRemedied',
    titleRu: 'Сообщить об устранении нарушения, выявленного контролем',
    about: 'What a control found was mended, and something shows it; the assignee says so, if there is one.',
    actors: [...ADMINISTRATION, 'platform_admin', 'curator', 'teacher', 'pdn_officer'],
    payload: ReportFindingRemedied,
    example: {
      ...EXAMPLE,
      evidenceRef: '92a3b4c5-d6e7-4f80-8192-a3b4c5d6e716',
      note: 'Посторонние удалены, состав сверен со списком',
    },
    id: ({ findingId }) => findingId,
    decide: (state, { payload, actor, occurredAt }) => {
      const event = FindingRemedied.of({ ...payload, by: actor.id, at: occurredAt });
      if (state.last !== undefined && isSame(state.last, event)) return [];
      mustBeOfControl(state, payload.controlId);
      mustNotBeSettled(state);
      mustBeAssignee(state, actor);
      if (state.status === 'remedied') {
        throw ruleViolated(
          '3.2.5',
          'remedied-once',
          'Об устранении этого нарушения уже сообщено: дождитесь проверки или возврата на устранение',
        );
      }
      return [event];
    },
  }),
  defineCommand({
    ...aboutFinding,
    name: 'VerifyFindingRemedied',
    titleRu: 'Подтвердить устранение нарушения, выявленного контролем',
    about:
      'The administration has checked that a finding was mended; whoever reported that does not check it.',
    actors: ADMINISTRATION,
    payload: VerifyFindingRemedied,
    example: EXAMPLE,
    id: ({ findingId }) => findingId,
    decide: (state, { payload, actor, occurredAt }) => {
      const event = FindingRemedyVerified.of({ ...payload, by: actor.id, at: occurredAt });
      if (state.last !== undefined && isSame(state.last, event)) return [];
      mustBeOfControl(state, payload.controlId);
      mustNotBeSettled(state);
      mustBeRemedied(state);
      mustNotBeReporter(state, actor);
      return [event];
    },
  }),
  defineCommand({
    ...aboutFinding,
    name: 'ReturnFinding',
    titleRu: 'Вернуть нарушение на устранение',
    about: 'What was done about a finding is not enough: its assignment is in force again.',
    actors: ADMINISTRATION,
    payload: ReturnFinding,
    example: { ...EXAMPLE, reason: 'В чате остаётся один участник, которого нет в списке' },
    id: ({ findingId }) => findingId,
    decide: (state, { payload, actor, occurredAt }) => {
      const event = FindingReturned.of({ ...payload, by: actor.id, at: occurredAt });
      if (state.last !== undefined && isSame(state.last, event)) return [];
      mustBeOfControl(state, payload.controlId);
      mustNotBeSettled(state);
      mustBeRemedied(state);
      return [event];
    },
  }),
  defineCommand({
    ...aboutFinding,
    name: 'ExceptFinding',
    titleRu: 'Разрешить исключение по нарушению, выявленному контролем',
    about: 'The director lets a finding rest, with a reason and an end; other terms take the place of these.',
    actors: ['director'],
    payload: ExceptFinding,
    example: {
      ...EXAMPLE,
      reason: 'Второй администратор чата назначается с 1 февраля',
      until: '2036-01-31T18:00:00+05:00',
    },
    id: ({ findingId }) => findingId,
    decide: (state, { payload, actor, occurredAt }) => {
      const until = new Date(payload.until).toISOString();
      const event = FindingExcepted.of({ ...payload, until, by: actor.id, at: occurredAt });
      if (state.last !== undefined && isSame(state.last, event)) return [];
      mustBeOfControl(state, payload.controlId);
      mustNotBeSettled(state);
      if (until <= occurredAt) {
        throw ruleViolated('3.2.5', 'until-ahead', 'Исключение действует до дня в будущем: укажите его');
      }
      return [event];
    },
  }),
  defineCommand({
    ...aboutFinding,
    name: 'DismissFinding',
    titleRu: 'Признать нарушение, выявленное контролем, ошибочным',
    about: 'What a control found is no breach, and why.',
    actors: ADMINISTRATION,
    payload: DismissFinding,
    example: { ...EXAMPLE, reason: 'Участник состоит в классе: список обновлён с опозданием' },
    id: ({ findingId }) => findingId,
    decide: (state, { payload, actor, occurredAt }) => {
      const event = FindingDismissed.of({ ...payload, by: actor.id, at: occurredAt });
      if (state.last !== undefined && isSame(state.last, event)) return [];
      mustBeOfControl(state, payload.controlId);
      mustNotBeSettled(state);
      return [event];
    },
  }),
  defineCommand({
    ...aboutFinding,
    name: 'ReopenFinding',
    titleRu: 'Возобновить рассмотрение нарушения, выявленного контролем',
    about: 'A finding that was verified as mended, excepted or dismissed is looked at again.',
    actors: ADMINISTRATION,
    payload: ReopenFinding,
    example: { ...EXAMPLE, reason: 'Посторонний участник снова в чате' },
    id: ({ findingId }) => findingId,
    decide: (state, { payload, actor, occurredAt }) => {
      const event = FindingReopened.of({ ...payload, by: actor.id, at: occurredAt });
      if (state.last !== undefined && isSame(state.last, event)) return [];
      mustBeOfControl(state, payload.controlId);
      if (state.status !== 'verified' && state.status !== 'excepted' && state.status !== 'dismissed') {
        throw ruleViolated(
          '3.2.5',
          'settled-first',
          'Рассмотрение этого нарушения не завершено: возобновлять нечего',
        );
      }
      return [event];
    },
  }),
];
