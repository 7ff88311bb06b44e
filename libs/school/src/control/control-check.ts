import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, readState, ruleViolated } from '@letopis/kernel';
import { CLAUSE_IDS, type ClauseId } from '../clauses';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, Id, OneOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';
import { CHECK_METHODS, type CheckMethod, CONTROL_IDS } from './catalogue';
import { controlPlans, isPlanned } from './control-plan';

const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
const METHODS = Object.keys(CHECK_METHODS);

const ControlId = () => Type.String({ pattern: '^C\\d{2}$' });

export const ControlCheckScheduled = defineEvent({
  type: 'ControlCheckScheduled',
  titleRu: 'Назначена проверка',
  clauses: ['3.2.5'],
  data: {
    checkId: Id(),
    controlIds: Type.Array(ControlId()),
    dueAt: At(),
    responsibleId: PersonId(),
    subjectIds: Type.Optional(Type.Array(PersonId())),
    /** Whose plan the check is in; a check outside of plans has a basis of its own. */
    schoolYear: Type.Optional(Type.String({ pattern: '^\\d{4}/\\d{4}$' })),
    basis: Type.Optional(Text(500)),
    goal: Type.Optional(Text(500)),
    object: Type.Optional(Text(500)),
  },
});

export const ControlCheckCompleted = defineEvent({
  type: 'ControlCheckCompleted',
  titleRu: 'Проверка завершена',
  clauses: ['3.2.5'],
  data: {
    checkId: Id(),
    sampleSize: Type.Integer({ minimum: 0 }),
    methods: Type.Array(Text(50)),
    checkerId: PersonId(),
    at: At(),
  },
});

export const ControlFindingRecorded = defineEvent({
  type: 'ControlFindingRecorded',
  titleRu: 'Выявлено нарушение при проверке',
  clauses: ['3.2.5'],
  data: {
    findingId: Id(),
    checkId: Id(),
    controlId: ControlId(),
    clauseId: Text(10),
    severity: OneOf(SEVERITIES),
    /** Ids of the events that show it. */
    evidenceRefs: Type.Array(Id(), { minItems: 1 }),
    subjectId: Type.Optional(PersonId()),
    /** What was found, where it concerns nobody in particular. */
    fact: Type.Optional(Text()),
    /** What was found about the subject. */
    factOnSubject: Type.Optional(Personal(Text(), '/subjectId')),
    /** Keyed digest of what was found: tells the same finding from another where the text lies encrypted. */
    factDigest: Id(),
  },
});

export const RemediationAssigned = defineEvent({
  type: 'RemediationAssigned',
  titleRu: 'Поручено устранить нарушение',
  clauses: ['3.2.5'],
  data: { findingId: Id(), checkId: Id(), assigneeId: PersonId(), dueAt: At(), recommendation: Text() },
});

export const RemediationCompleted = defineEvent({
  type: 'RemediationCompleted',
  titleRu: 'Нарушение устранено',
  clauses: ['3.2.5'],
  data: { findingId: Id(), checkId: Id(), at: At(), evidenceRef: Text(200) },
});

export const ControlReportApproved = defineEvent({
  type: 'ControlReportApproved',
  titleRu: 'Утверждена справка по итогам контроля',
  clauses: ['3.2.5'],
  data: {
    reportId: Id(),
    checkId: Id(),
    approvedBy: PersonId(),
    acknowledgedBy: Type.Array(PersonId()),
    conclusions: Type.Optional(Text()),
  },
});

export const ControlReportAcknowledged = defineEvent({
  type: 'ControlReportAcknowledged',
  titleRu: 'Участник ознакомлен со справкой по итогам контроля',
  clauses: ['3.2.5'],
  data: { reportId: Id(), checkId: Id(), personId: PersonId(), at: At() },
});

const events = [
  ControlCheckScheduled,
  ControlCheckCompleted,
  ControlFindingRecorded,
  RemediationAssigned,
  RemediationCompleted,
  ControlReportApproved,
  ControlReportAcknowledged,
] as const;
export type ControlCheckEvent = EventsOf<typeof events>;

type Scheduled = ReturnType<typeof ControlCheckScheduled.of>['data'];
type Completed = ReturnType<typeof ControlCheckCompleted.of>['data'];
type FindingRecorded = ReturnType<typeof ControlFindingRecorded.of>['data'];
type Assigned = ReturnType<typeof RemediationAssigned.of>['data'];
type Approved = ReturnType<typeof ControlReportApproved.of>['data'];

interface Finding {
  /** All of it but its text, which stands here as its digest. */
  readonly content: string;
  readonly subjectId?: string;
  /** The assignment in force: a later one takes the place of an earlier one. */
  readonly assigned?: Assigned;
  /** What shows that it was mended. */
  readonly mendedBy?: string;
}

export interface ControlCheck {
  readonly scheduled?: Scheduled;
  readonly completed?: Completed;
  readonly findings: ReadonlyMap<string, Finding>;
  readonly report?: Approved;
  /** Which report was shown to whom, as `reportId/personId`. */
  readonly acknowledged: readonly string[];
}

/** One check with its findings, their remediation and the report on it. */
export const controlCheck: Concept<ControlCheck, ControlCheckEvent> = {
  name: 'controlcheck',
  titleRu: 'Проверка',
  events,
  initial: { findings: new Map(), acknowledged: [] },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ControlCheckScheduled':
        return { ...state, scheduled: event.data };
      case 'ControlCheckCompleted':
        return { ...state, completed: event.data };
      case 'ControlFindingRecorded':
        return withFinding(state, event.data.findingId, {
          content: contentOfFinding(event.data),
          subjectId: event.data.subjectId,
        });
      case 'RemediationAssigned':
        return withFinding(state, event.data.findingId, { assigned: event.data });
      case 'RemediationCompleted':
        return withFinding(state, event.data.findingId, { mendedBy: event.data.evidenceRef });
      case 'ControlReportApproved': {
        const { reportId, acknowledgedBy } = event.data;
        const shown = acknowledgedBy.map((personId) => acknowledgementOf({ reportId, personId }));
        return { ...state, report: event.data, acknowledged: [...state.acknowledged, ...shown] };
      }
      case 'ControlReportAcknowledged':
        return { ...state, acknowledged: [...state.acknowledged, acknowledgementOf(event.data)] };
    }
  },
};

function withFinding(state: ControlCheck, id: string, change: Partial<Finding>): ControlCheck {
  const before = state.findings.get(id) ?? { content: '' };
  return { ...state, findings: new Map(state.findings).set(id, { ...before, ...change }) };
}

function contentOfFinding(finding: FindingRecorded): string {
  // The text comes back encrypted; its digest stays.
  return contentOf({ ...finding, fact: undefined, factOnSubject: undefined });
}

function acknowledgementOf({ reportId, personId }: { reportId: string; personId: string }): string {
  return `${reportId}/${personId}`;
}

export class ScheduleCheck {
  @field.Id('The check; assigned when absent', { optional: true }) checkId!: string;
  @field.ManyOf(CONTROL_IDS, 'Which controls are checked') controlIds!: string[];
  @field.Instant('By when') dueAt!: string;
  @field.PersonId('Who is responsible; none of the checked') responsibleId!: string;
  @field.Ids('Who is checked, if it is about people', { max: 500, optional: true }) subjectIds?: string[];
  @field.SchoolYear('School year of the plan that the check is in', { optional: true }) schoolYear?: string;
  @field.Text('What a check outside of the plan rests on: order, report, complaint', {
    max: 500,
    optional: true,
  })
  basis?: string;
  @field.Text('What the check is for', { max: 500, optional: true }) goal?: string;
  @field.Text('What is looked at', { max: 500, optional: true }) object?: string;
}

export class CompleteCheck {
  @field.Id('The check') checkId!: string;
  @field.Count('How many things were looked at', { min: 0, max: 1_000_000 }) sampleSize!: number;
  @field.ManyOf(METHODS, 'How') methods!: CheckMethod[];
  @field.PersonId('Who checked; the caller when absent', { optional: true }) checkerId?: string;
}

export class RecordFinding {
  @field.Id('The check') checkId!: string;
  @field.Id('The finding; assigned when absent', { optional: true }) findingId!: string;
  @field.OneOf(CONTROL_IDS, 'Which control it is about') controlId!: string;
  @field.OneOf(CLAUSE_IDS, 'Which clause is broken') clauseId!: ClauseId;
  @field.OneOf(SEVERITIES, 'How grave it is') severity!: (typeof SEVERITIES)[number];
  @field.Ids('Ids of the events that show it', { max: 200 }) evidenceRefs!: string[];
  @field.PersonId('Whom it concerns', { optional: true }) subjectId?: string;
  @field.Text('What was found (stored encrypted where subjectId is given; else it names nobody)', {
    max: 2_000,
  })
  fact!: string;
}

export class AssignRemediation {
  @field.Id('The check') checkId!: string;
  @field.Id('The finding') findingId!: string;
  @field.PersonId('Who is to mend it') assigneeId!: string;
  @field.Instant('By when') dueAt!: string;
  @field.Text('What is to be done; names nobody', { max: 2_000 }) recommendation!: string;
}

export class CompleteRemediation {
  @field.Id('The check') checkId!: string;
  @field.Id('The finding') findingId!: string;
  @field.Text('What shows it: id of an event, number of a paper') evidenceRef!: string;
}

export class ApproveControlReport {
  @field.Id('The check') checkId!: string;
  @field.Id('The report; assigned when absent', { optional: true }) reportId!: string;
  @field.Text('What follows from the check; names nobody', { max: 2_000, optional: true })
  conclusions?: string;
  @field.Ids('Who knows it already', { max: 500, optional: true }) acknowledgedBy?: string[];
}

export class AcknowledgeControlReport {
  @field.Id('The check') checkId!: string;
  @field.Id('The report') reportId!: string;
  @field.PersonId('Who was shown it') personId!: string;
}

const CHECK = '5e6f7081-92a3-4b4c-8d5e-6f708192a312';
const FINDING = '6f708192-a3b4-4c5d-9e6f-708192a3b413';
const REPORT = '708192a3-b4c5-4d6e-8f70-8192a3b4c514';
const DEPUTY = 'c4b3a291-8076-4e5d-9c4b-3a2918070615';
const CURATOR = '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02';

const administration = { clauses: ['3.2.5'], actors: ['deputy', 'director'] } as const;

/** Who checks is none of the checked. */
function mustNotBeChecked(checker: string | undefined, checked: readonly (string | undefined)[]): void {
  if (checker !== undefined && checked.includes(checker)) {
    throw ruleViolated(
      '3.2.5',
      'checker-not-checked',
      'Проверяет не тот, кого проверяют: назначьте проверяющим другого сотрудника',
    );
  }
}

/** @throws LetopisError `rule-violated` where the check has no such finding */
function findingOf({ findings }: ControlCheck, id: string): Finding {
  const finding = findings.get(id);
  if (finding === undefined) {
    throw ruleViolated('3.2.5', 'finding-on-record', 'В этой проверке нет такого нарушения');
  }
  return finding;
}

export const controlCheckCommands = [
  defineCommand({
    ...administration,
    name: 'ScheduleCheck',
    titleRu: 'Назначить проверку',
    about: 'A check by the plan of a school year, or outside of it on a basis of its own.',
    kind: 'decision',
    concept: controlCheck,
    payload: ScheduleCheck,
    assigns: 'checkId',
    example: {
      checkId: CHECK,
      controlIds: ['C14'],
      dueAt: '2025-11-28T18:00:00+05:00',
      responsibleId: DEPUTY,
      subjectIds: [CURATOR],
      basis: 'Распоряжение № 12 от 14.11.2025',
      goal: 'Соответствие состава чатов спискам классов',
    },
    id: ({ checkId }) => checkId,
    reads: (_payload, { organizationId }) => ({ plans: readState(controlPlans, organizationId) }),
    decide: (state, { payload }, { plans }) => {
      const { controlIds, responsibleId, subjectIds = [], schoolYear, basis } = payload;
      const check = ControlCheckScheduled.of({ ...payload, dueAt: new Date(payload.dueAt).toISOString() });
      if (state.scheduled !== undefined) {
        if (contentOf(state.scheduled) === contentOf(check.data)) return [];
        throw ruleViolated('3.2.5', 'scheduled-once', 'Эта проверка уже назначена с другими сведениями');
      }
      if (schoolYear === undefined && basis === undefined) {
        throw ruleViolated(
          '3.2.5',
          'plan-or-basis',
          'Укажите учебный год плана (schoolYear) или основание внеплановой проверки (basis)',
        );
      }
      if (schoolYear !== undefined && !isPlanned(plans, schoolYear, controlIds)) {
        throw ruleViolated(
          '3.2.5',
          'in-plan',
          'В плане этого учебного года такой проверки нет: дополните план или укажите основание (basis) без года',
        );
      }
      mustNotBeChecked(responsibleId, subjectIds);
      return [check];
    },
  }),
  defineCommand({
    ...administration,
    name: 'CompleteCheck',
    titleRu: 'Завершить проверку',
    about: 'The check was carried out: how, on how much, and by whom.',
    kind: 'decision',
    concept: controlCheck,
    payload: CompleteCheck,
    example: { checkId: CHECK, sampleSize: 24, methods: ['records', 'conversation'], checkerId: DEPUTY },
    id: ({ checkId }) => checkId,
    decide: (state, { payload, actor, occurredAt }) => {
      const check = ControlCheckCompleted.of({
        ...payload,
        checkerId: payload.checkerId ?? actor.id,
        at: occurredAt,
      });
      if (state.completed !== undefined) {
        if (contentOf({ ...check.data, at: state.completed.at }) === contentOf(state.completed)) return [];
        throw ruleViolated('3.2.5', 'completed-once', 'Эта проверка уже завершена с другими сведениями');
      }
      mustBeScheduled(state);
      mustNotBeChecked(check.data.checkerId, [
        ...(state.scheduled?.subjectIds ?? []),
        ...[...state.findings.values()].map(({ subjectId }) => subjectId),
      ]);
      return [check];
    },
  }),
  defineCommand({
    ...administration,
    name: 'RecordFinding',
    titleRu: 'Отметить выявленное нарушение',
    about: 'A check shows that a clause is broken, with the events that prove it.',
    kind: 'decision',
    concept: controlCheck,
    payload: RecordFinding,
    assigns: 'findingId',
    example: {
      checkId: CHECK,
      findingId: FINDING,
      controlId: 'C14',
      clauseId: '3.3.3a',
      severity: 'high',
      evidenceRefs: ['8192a3b4-c5d6-4e7f-9081-92a3b4c5d615'],
      subjectId: CURATOR,
      fact: 'В чате класса два участника, которых нет в списке',
    },
    id: ({ checkId }) => checkId,
    decide: (state, command) => {
      const { payload } = command;
      const { fact, ...rest } = payload;
      const finding = ControlFindingRecorded.of({
        ...rest,
        ...(payload.subjectId === undefined ? { fact } : { factOnSubject: fact }),
        factDigest: command.pseudonym('control-finding', fact),
      });
      const before = state.findings.get(payload.findingId);
      if (before !== undefined) {
        if (before.content === contentOfFinding(finding.data)) return [];
        throw ruleViolated(
          '3.2.5',
          'recorded-once',
          'Нарушение с таким номером уже отмечено с другими сведениями: отметьте новое',
        );
      }
      mustBeScheduled(state);
      if (state.report !== undefined) {
        throw ruleViolated(
          '3.2.5',
          'before-report',
          'Справка по этой проверке уже утверждена: назначьте новую проверку',
        );
      }
      mustNotBeChecked(state.completed?.checkerId ?? state.scheduled?.responsibleId, [payload.subjectId]);
      return [finding];
    },
  }),
  defineCommand({
    ...administration,
    name: 'AssignRemediation',
    titleRu: 'Поручить устранение нарушения',
    about: 'Somebody is to mend a finding by a day; a later assignment takes the place of an earlier one.',
    kind: 'decision',
    concept: controlCheck,
    payload: AssignRemediation,
    example: {
      checkId: CHECK,
      findingId: FINDING,
      assigneeId: CURATOR,
      dueAt: '2036-12-05T18:00:00+05:00',
      recommendation: 'Удалить из чата участников, которых нет в списке класса',
    },
    id: ({ checkId }) => checkId,
    decide: (state, { payload, occurredAt }) => {
      const { assigned, mendedBy } = findingOf(state, payload.findingId);
      const dueAt = new Date(payload.dueAt).toISOString();
      const remediation = RemediationAssigned.of({ ...payload, dueAt });
      if (assigned !== undefined && contentOf(assigned) === contentOf(remediation.data)) return [];
      if (mendedBy !== undefined) {
        throw ruleViolated('3.2.5', 'not-mended-yet', 'Это нарушение уже устранено');
      }
      if (dueAt <= occurredAt) {
        throw ruleViolated('3.2.5', 'due-ahead', 'Срок устранения должен быть в будущем');
      }
      return [remediation];
    },
  }),
  defineCommand({
    ...administration,
    name: 'CompleteRemediation',
    titleRu: 'Отметить устранение нарушения',
    about: 'A finding was mended, and something shows it.',
    kind: 'decision',
    concept: controlCheck,
    payload: CompleteRemediation,
    example: { checkId: CHECK, findingId: FINDING, evidenceRef: '92a3b4c5-d6e7-4f80-8192-a3b4c5d6e716' },
    id: ({ checkId }) => checkId,
    decide: (state, { payload, occurredAt }) => {
      const { assigned, mendedBy } = findingOf(state, payload.findingId);
      if (mendedBy === payload.evidenceRef) return [];
      if (mendedBy !== undefined) {
        throw ruleViolated('3.2.5', 'mended-once', 'Устранение этого нарушения уже отмечено');
      }
      if (assigned === undefined) {
        throw ruleViolated(
          '3.2.5',
          'assigned-first',
          'Сначала поручите устранение нарушения (AssignRemediation)',
        );
      }
      return [RemediationCompleted.of({ ...payload, at: occurredAt })];
    },
  }),
  defineCommand({
    ...administration,
    name: 'ApproveControlReport',
    titleRu: 'Утвердить справку по итогам контроля',
    about: 'The report on a completed check is approved by the caller.',
    kind: 'decision',
    concept: controlCheck,
    payload: ApproveControlReport,
    assigns: 'reportId',
    example: {
      checkId: CHECK,
      reportId: REPORT,
      conclusions: 'Состав чата приведён в соответствие со списком класса',
      acknowledgedBy: [CURATOR],
    },
    id: ({ checkId }) => checkId,
    decide: (state, { payload, actor }) => {
      const report = ControlReportApproved.of({
        ...payload,
        approvedBy: actor.id,
        acknowledgedBy: payload.acknowledgedBy ?? [],
      });
      if (state.report !== undefined) {
        if (contentOf(state.report) === contentOf(report.data)) return [];
        throw ruleViolated('3.2.5', 'approved-once', 'Справка по этой проверке уже утверждена');
      }
      if (state.completed === undefined) {
        throw ruleViolated('3.2.5', 'completed-first', 'Сначала завершите проверку (CompleteCheck)');
      }
      return [report];
    },
  }),
  defineCommand({
    ...administration,
    name: 'AcknowledgeControlReport',
    titleRu: 'Отметить ознакомление со справкой',
    about: 'Somebody was shown the report on a check, and signed for it.',
    kind: 'fact',
    concept: controlCheck,
    payload: AcknowledgeControlReport,
    example: { checkId: CHECK, reportId: REPORT, personId: CURATOR },
    id: ({ checkId }) => checkId,
    decide: (state, { payload, occurredAt }) =>
      state.acknowledged.includes(acknowledgementOf(payload))
        ? []
        : [ControlReportAcknowledged.of({ ...payload, at: occurredAt })],
  }),
];

function mustBeScheduled({ scheduled }: ControlCheck): void {
  if (scheduled === undefined) {
    throw ruleViolated('3.2.5', 'scheduled-first', 'Сначала назначьте проверку (ScheduleCheck)');
  }
}
