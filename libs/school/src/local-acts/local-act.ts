import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, type EventOf, ruleViolated } from '@letopis/kernel';
import { contentOf } from '../content';
import { Day, defineEvent, type EventsOf, Id, OneOf, Text } from '../events';
import * as field from '../fields';

const KINDS = ['polozhenie', 'order'] as const;
const COUNCILS = ['governing', 'parents', 'students', 'staff'] as const;
const OPINIONS = ['agree', 'object'] as const;
type Council = (typeof COUNCILS)[number];

export const CouncilOpinionRecorded = defineEvent({
  type: 'CouncilOpinionRecorded',
  titleRu: 'Учтено мнение совета',
  clauses: ['3.2.1'],
  data: {
    actId: Id(),
    council: OneOf(COUNCILS),
    protocolNo: Text(50),
    date: Day(),
    opinion: OneOf(OPINIONS),
  },
});

export const LocalActIssued = defineEvent({
  type: 'LocalActIssued',
  titleRu: 'Издан локальный акт',
  clauses: ['1.1', '1.2', '1.3', '3.2.1'],
  data: {
    actId: Id(),
    kind: OneOf(KINDS),
    number: Text(50),
    date: Day(),
    titleRu: Text(500),
    clausesVersion: Text(50),
    legalBasis: Type.Array(Text(200)),
    fileSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
});

export const LocalActTookEffect = defineEvent({
  type: 'LocalActTookEffect',
  titleRu: 'Локальный акт вступил в силу',
  clauses: ['3.2.1', '5.1'],
  data: { actId: Id(), effectiveFrom: Day() },
});

export const LocalActRevoked = defineEvent({
  type: 'LocalActRevoked',
  titleRu: 'Локальный акт отменён',
  clauses: ['3.2.1'],
  data: { actId: Id(), reason: Text(), byOrder: Text() },
});

const events = [CouncilOpinionRecorded, LocalActIssued, LocalActTookEffect, LocalActRevoked] as const;
export type LocalActEvent = EventsOf<typeof events>;

interface LocalAct {
  readonly opinions: readonly EventData<typeof CouncilOpinionRecorded>[];
  /** The act as it was issued or registered last. */
  readonly issued?: EventData<typeof LocalActIssued>;
  /** First day on which it applies. */
  readonly effectiveFrom?: string;
  readonly revocation?: { readonly reason: string; readonly byOrder: string };
  readonly status: 'draft' | 'issued' | 'in-force' | 'revoked';
}

type EventData<Declared> = EventOf<Declared>['data'];

/** All local acts of an organisation: a number is given once a year. */
export type LocalActs = ReadonlyMap<string, LocalAct>;

const draft: LocalAct = { opinions: [], status: 'draft' };

export const localActs: Concept<LocalActs, LocalActEvent> = {
  name: 'localacts',
  titleRu: 'Локальные акты',
  events,
  initial: new Map(),
  evolve: (state, { type, data }) => {
    const act = state.get(data.actId) ?? draft;
    const put = (next: LocalAct): LocalActs => new Map(state).set(data.actId, next);
    switch (type) {
      case 'CouncilOpinionRecorded':
        return put({ ...act, opinions: [...act.opinions, data] });
      case 'LocalActIssued':
        return put({ ...act, issued: data, status: act.status === 'draft' ? 'issued' : act.status });
      case 'LocalActTookEffect':
        return put({ ...act, effectiveFrom: data.effectiveFrom, status: 'in-force' });
      case 'LocalActRevoked':
        return put({
          ...act,
          revocation: { reason: data.reason, byOrder: data.byOrder },
          status: 'revoked',
        });
    }
  },
};

/** Whether two things say the same. */
function same(one: object | undefined, other: object): boolean {
  return one !== undefined && contentOf(one) === contentOf(other);
}

export class RecordCouncilOpinion {
  @field.Id('The act (or its draft) that the council considered') actId!: string;
  @field.OneOf(COUNCILS, 'Which council') council!: Council;
  @field.Text('Number of the minutes', { max: 50 }) protocolNo!: string;
  @field.Day('Date of the minutes') date!: string;
  @field.OneOf(OPINIONS, 'Its opinion') opinion!: (typeof OPINIONS)[number];
}

export class IssueLocalAct {
  @field.Id('The act; assigned when absent', { optional: true }) actId!: string;
  @field.OneOf(KINDS, 'Regulation (положение) or order (приказ)') kind!: (typeof KINDS)[number];
  @field.Text('Number', { max: 50 }) number!: string;
  @field.Day('Date') date!: string;
  @field.Text('Title', { max: 500 }) titleRu!: string;
  @field.Text('Version of the clauses that it sets', { max: 50 }) clausesVersion!: string;
  @field.Texts('Laws and orders that it rests on', { max: 50 }) legalBasis!: string[];
  @field.Sha256('SHA-256 of the signed file') fileSha256!: string;
}

export class RegisterLocalAct extends IssueLocalAct {}

export class PutLocalActInForce {
  @field.Id('The act') actId!: string;
  @field.Day('First day on which it applies') effectiveFrom!: string;
}

export class RevokeLocalAct {
  @field.Id('The act') actId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
  @field.Text('Order or protest that revokes it') byOrder!: string;
}

/** 273-ФЗ, статья 30, часть 3: the councils whose opinion a local act has to take into account. */
const HEARD: readonly Council[] = ['students', 'parents', 'staff'];

const council: Record<Council, string> = {
  governing: 'управляющий совет',
  students: 'совет обучающихся',
  parents: 'совет родителей',
  staff: 'представительный орган работников',
};

const ACT = '1d3a7a52-0f65-4d0e-8f62-4f5e6c1b2a10';

const ORDER = {
  actId: ACT,
  kind: 'order',
  number: '324',
  date: '2025-08-29',
  titleRu: 'Об использовании ИКОП «Сферум» и учебного профиля мессенджера МАКС',
  clausesVersion: '2025-08-29',
  legalBasis: ['273-ФЗ', '149-ФЗ'],
  fileSha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
};

export const localActCommands = [
  defineCommand({
    name: 'RecordCouncilOpinion',
    titleRu: 'Учесть мнение совета',
    about: 'A council gave its opinion on a draft local act.',
    kind: 'fact',
    clauses: ['3.2.1'],
    actors: ['director', 'deputy'],
    concept: localActs,
    payload: RecordCouncilOpinion,
    example: { actId: ACT, council: 'parents', protocolNo: '3', date: '2025-08-27', opinion: 'agree' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload }) => {
      const { opinions } = state.get(payload.actId) ?? draft;
      return opinions.some((opinion) => same(opinion, payload))
        ? []
        : [CouncilOpinionRecorded.of({ ...payload })];
    },
  }),
  defineCommand({
    name: 'IssueLocalAct',
    titleRu: 'Издать локальный акт',
    about: 'The director issues the regulation or an order under it.',
    kind: 'decision',
    clauses: ['1.1', '1.2', '1.3', '3.2.1'],
    actors: ['director'],
    concept: localActs,
    payload: IssueLocalAct,
    assigns: 'actId',
    example: ORDER,
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload }) => {
      const act = state.get(payload.actId) ?? draft;
      if (same(act.issued, payload)) return [];
      if (act.status !== 'draft') {
        throw ruleViolated('3.2.1', 'issued-once', 'Этот локальный акт уже издан: издайте новый');
      }
      if (payload.legalBasis.length === 0) {
        throw ruleViolated(
          '1.2',
          'legal-basis',
          'Укажите нормативные правовые акты, на основании которых издаётся локальный акт',
        );
      }
      const year = payload.date.slice(0, 4);
      const taken = [...state.values()].some(
        ({ issued }) => issued?.number === payload.number && issued.date.startsWith(year),
      );
      if (taken) {
        throw ruleViolated(
          '3.2.1',
          'unique-number',
          `Акт № ${payload.number} за ${year} год уже есть: проверьте номер`,
        );
      }
      const unheard = HEARD.filter(
        (name) => !act.opinions.some((opinion) => opinion.council === name && opinion.date <= payload.date),
      );
      if (payload.kind === 'polozhenie' && unheard.length > 0) {
        throw ruleViolated(
          '3.2.1',
          'opinions-before-issue',
          `До издания положения учтите мнение (273-ФЗ, ст. 30 ч. 3): ${unheard.map((name) => council[name]).join(', ')}`,
        );
      }
      return [LocalActIssued.of({ ...payload })];
    },
  }),
  defineCommand({
    name: 'RegisterLocalAct',
    titleRu: 'Зарегистрировать изданный локальный акт',
    about: 'An act that was signed on paper is entered as it is, whatever its opinions and its number.',
    kind: 'fact',
    clauses: ['1.1', '1.2'],
    actors: ['deputy'],
    concept: localActs,
    payload: RegisterLocalAct,
    assigns: 'actId',
    example: ORDER,
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload }) =>
      same(state.get(payload.actId)?.issued, payload) ? [] : [LocalActIssued.of({ ...payload })],
  }),
  defineCommand({
    name: 'PutLocalActInForce',
    titleRu: 'Ввести локальный акт в действие',
    about: 'The act takes effect from a day on.',
    kind: 'decision',
    clauses: ['3.2.1', '5.1'],
    actors: ['director'],
    concept: localActs,
    payload: PutLocalActInForce,
    example: { actId: ACT, effectiveFrom: '2025-09-01' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload }) => {
      const act = state.get(payload.actId) ?? draft;
      if (act.status === 'in-force') {
        if (act.effectiveFrom === payload.effectiveFrom) return [];
        throw ruleViolated('5.1', 'in-force-once', 'Акт уже вступил в силу с другого дня: проверьте дату');
      }
      if (act.status !== 'issued') {
        throw ruleViolated('5.1', 'issued-first', 'В силу вступает только изданный и не отменённый акт');
      }
      if (act.issued !== undefined && payload.effectiveFrom < act.issued.date) {
        throw ruleViolated('5.1', 'not-before-signing', 'Акт не может действовать раньше дня подписания');
      }
      return [LocalActTookEffect.of({ ...payload })];
    },
  }),
  defineCommand({
    name: 'RevokeLocalAct',
    titleRu: 'Отменить локальный акт',
    about: 'The act is revoked, for instance upon a prosecutor’s protest.',
    kind: 'decision',
    clauses: ['3.2.1'],
    actors: ['director'],
    concept: localActs,
    payload: RevokeLocalAct,
    example: { actId: ACT, reason: 'Протест прокурора', byOrder: '№ 41 от 12.02.2026' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload }) => {
      const { status, revocation } = state.get(payload.actId) ?? draft;
      if (status === 'revoked') {
        const { reason, byOrder } = payload;
        if (same(revocation, { reason, byOrder })) return [];
        throw ruleViolated('3.2.1', 'revoked-once', 'Этот локальный акт уже отменён другим решением');
      }
      if (status === 'draft')
        throw ruleViolated('3.2.1', 'issued-first', 'Отменить можно только изданный акт');
      return [LocalActRevoked.of({ ...payload })];
    },
  }),
];
