import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, LetopisError, ruleViolated } from '@letopis/kernel';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, Id, OneOf, PersonId, Text } from '../events';
import * as field from '../fields';

/*
 * What becomes of a report that was made from the evaluation of controls. The report on a check that a person carries out
 * is another matter: control-check.ts.
 */

/** On one school, or on many for the founder. */
const KINDS = ['control', 'founder'] as const;
type ReportKind = (typeof KINDS)[number];

const Digest = () => Type.String({ pattern: '^[0-9a-f]{64}$' });

export const ControlReportRegistered = defineEvent({
  type: 'ControlReportRegistered',
  titleRu: 'Составлена справка по итогам контроля',
  clauses: ['3.2.5'],
  data: {
    reportId: Id(),
    /** SHA-256 of the content as it is frozen. */
    digest: Digest(),
    kind: OneOf(KINDS),
    from: At(),
    /** The first instant that the report says nothing of. */
    to: At(),
    /** The report that this one takes the place of. */
    revises: Type.Optional(Id()),
  },
});

export const ReportApproved = defineEvent({
  type: 'ReportApproved',
  titleRu: 'Справка по итогам контроля утверждена директором',
  clauses: ['3.2.5'],
  data: { reportId: Id(), by: PersonId(), digest: Digest(), at: At() },
});

export const ReportAcknowledged = defineEvent({
  type: 'ReportAcknowledged',
  titleRu: 'Сотрудник ознакомлен со справкой по итогам контроля',
  clauses: ['3.2.5'],
  data: { reportId: Id(), personId: PersonId(), at: At() },
});

export const ReportWithdrawn = defineEvent({
  type: 'ReportWithdrawn',
  titleRu: 'Справка по итогам контроля отозвана',
  clauses: ['3.2.5'],
  data: { reportId: Id(), by: PersonId(), reason: Text(), at: At() },
});

const events = [ControlReportRegistered, ReportApproved, ReportAcknowledged, ReportWithdrawn] as const;
export type ControlReportEvent = EventsOf<typeof events>;

type Registered = ReturnType<typeof ControlReportRegistered.of>['data'];
type Approved = ReturnType<typeof ReportApproved.of>['data'];
type Withdrawn = ReturnType<typeof ReportWithdrawn.of>['data'];

export interface ControlReport {
  /** What was registered under its id. The first stands: who approved it approved that. */
  readonly registered: readonly Registered[];
  readonly approved?: Approved;
  /** Who has seen it, and when first. */
  readonly acknowledged: ReadonlyMap<string, string>;
  readonly withdrawn?: Withdrawn;
}

/** One report, from when it was made on. Its content lies frozen elsewhere; the digest says which it is. */
export const controlReport: Concept<ControlReport, ControlReportEvent> = {
  name: 'report',
  titleRu: 'Справка по итогам контроля',
  events,
  initial: { registered: [], acknowledged: new Map() },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'ControlReportRegistered':
        return { ...state, registered: [...state.registered, data] };
      case 'ReportApproved':
        return { ...state, approved: data };
      case 'ReportAcknowledged': {
        const first = state.acknowledged.get(data.personId);
        return first !== undefined && first <= data.at
          ? state
          : { ...state, acknowledged: new Map(state.acknowledged).set(data.personId, data.at) };
      }
      case 'ReportWithdrawn':
        return { ...state, withdrawn: data };
    }
  },
};

export class RegisterControlReport {
  @field.Id('The report') reportId!: string;
  @field.Sha256('SHA-256 of its content') digest!: string;
  @field.OneOf(KINDS, 'On one school, or on many for the founder') kind!: ReportKind;
  @field.Instant('When its period begins') from!: string;
  @field.Instant('When its period is over: the first instant after it') to!: string;
  @field.Id('The report that it takes the place of', { optional: true }) revises?: string;
}

export class ApproveReport {
  @field.Id('The report') reportId!: string;
  @field.Sha256('SHA-256 of the content that was read') digest!: string;
}

export class AcknowledgeReport {
  @field.Id('The report') reportId!: string;
  @field.PersonId('Who has seen it; the caller when absent', { optional: true }) personId?: string;
}

export class WithdrawReport {
  @field.Id('The report') reportId!: string;
  @field.Text('Why; names nobody', { max: 2_000 }) reason!: string;
}

const REPORT = 'b4c5d6e7-f809-41a2-9b3c-d4e5f6071829';
const DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

const aboutReport = {
  clauses: ['3.2.5'],
  concept: controlReport,
} as const;

/** Who enters sheets with the signatures of others; everybody else speaks for themselves. */
const KEEPERS = ['director', 'deputy', 'platform_admin'] as const;

/** @throws LetopisError `rule-violated` where there is no such report, or it was withdrawn */
function standingReport({ registered: [first], withdrawn }: ControlReport): Registered {
  if (first === undefined) {
    throw ruleViolated('3.2.5', 'registered-first', 'Такой справки нет: сначала составьте её');
  }
  if (withdrawn !== undefined) {
    throw ruleViolated('3.2.5', 'not-withdrawn', 'Эта справка отозвана: составьте новую');
  }
  return first;
}

function invalid(path: string, message: string): LetopisError {
  return new LetopisError('invalid', 'The payload is not valid', {
    fields: [{ path: `/payload/${path}`, message: `${path} ${message}` }],
  });
}

export const controlReportCommands = [
  defineCommand({
    ...aboutReport,
    name: 'RegisterControlReport',
    titleRu: 'Внести составленную справку по итогам контроля',
    about: 'A report was made from the evaluation of controls and is frozen. Letopis issues it by itself.',
    kind: 'fact',
    actors: ['system'],
    payload: RegisterControlReport,
    example: {
      reportId: REPORT,
      digest: DIGEST,
      kind: 'control',
      from: '2025-10-01T00:00:00+05:00',
      to: '2025-11-01T00:00:00+05:00',
    },
    id: ({ reportId }) => reportId,
    decide: ({ registered }, { payload }) => {
      const from = new Date(payload.from).toISOString();
      const to = new Date(payload.to).toISOString();
      if (to <= from) throw invalid('to', 'must be after from');
      if (payload.revises === payload.reportId) throw invalid('revises', 'must be another report');
      const event = ControlReportRegistered.of({ ...payload, from, to });
      return registered.some((before) => contentOf(before) === contentOf(event.data)) ? [] : [event];
    },
  }),
  defineCommand({
    ...aboutReport,
    name: 'ApproveReport',
    titleRu: 'Утвердить справку, составленную по итогам контроля',
    about:
      'The director approves a report that was made from the evaluation, by the digest of what was read.',
    kind: 'decision',
    actors: ['director'],
    payload: ApproveReport,
    example: { reportId: REPORT, digest: DIGEST },
    id: ({ reportId }) => reportId,
    decide: (state, { payload, actor, occurredAt }) => {
      const event = ReportApproved.of({ ...payload, by: actor.id, at: occurredAt });
      const { digest } = standingReport(state);
      if (digest !== payload.digest) {
        throw ruleViolated(
          '3.2.5',
          'digest-registered',
          'Контрольная сумма не та, с которой справка составлена: прочтите справку ещё раз',
        );
      }
      if (state.approved === undefined) return [event];
      if (state.approved.by === actor.id) return [];
      throw ruleViolated('3.2.5', 'approved-once', 'Эта справка уже утверждена');
    },
  }),
  defineCommand({
    ...aboutReport,
    name: 'AcknowledgeReport',
    titleRu: 'Ознакомиться со справкой, составленной по итогам контроля',
    about: 'Somebody has seen a report: by themselves, or on a sheet that the administration enters.',
    kind: 'fact',
    actors: [...KEEPERS, 'curator', 'teacher', 'pdn_officer'],
    payload: AcknowledgeReport,
    example: { reportId: REPORT, personId: '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02' },
    id: ({ reportId }) => reportId,
    decide: ({ acknowledged }, { payload, actor, occurredAt }) => {
      const { reportId, personId = actor.id } = payload;
      if (personId !== actor.id && !KEEPERS.some((role) => role === actor.role)) {
        throw invalid('personId', 'must be the caller’s own');
      }
      const first = acknowledged.get(personId);
      // An earlier day matters: it says since when somebody has known.
      return first !== undefined && first <= occurredAt
        ? []
        : [ReportAcknowledged.of({ reportId, personId, at: occurredAt })];
    },
  }),
  defineCommand({
    ...aboutReport,
    name: 'WithdrawReport',
    titleRu: 'Отозвать справку, составленную по итогам контроля',
    about: 'The director withdraws a report, approved or not, with a reason; a later one can take its place.',
    kind: 'decision',
    actors: ['director'],
    payload: WithdrawReport,
    example: { reportId: REPORT, reason: 'Запись о составе чата внесена с опозданием' },
    id: ({ reportId }) => reportId,
    decide: (state, { payload, actor, occurredAt }) => {
      const event = ReportWithdrawn.of({ ...payload, by: actor.id, at: occurredAt });
      const { withdrawn } = state;
      if (
        withdrawn !== undefined &&
        contentOf({ ...event.data, at: withdrawn.at }) === contentOf(withdrawn)
      ) {
        return [];
      }
      standingReport(state);
      return [event];
    },
  }),
];
