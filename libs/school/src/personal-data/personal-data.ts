import { Type } from '@sinclair/typebox';
import {
  type Concept,
  defineCommand,
  defineErasure,
  LetopisError,
  PARTICIPANTS,
  ruleViolated,
} from '@letopis/kernel';
import { contentOf } from '../content';
import { At, Day, defineEvent, type EventsOf, Id, OneOf, PersonId, Text } from '../events';
import * as field from '../fields';

/** What a consent is given to: taking part in the community and its chats; photographs and works made public. */
const PURPOSES = ['platform_use', 'publication'] as const;
type Purpose = (typeof PURPOSES)[number];
const CHANNELS = ['e_diary', 'paper', 'email', 'meeting'] as const;
const REQUESTS = ['access', 'rectify', 'block', 'erase', 'stop'] as const;

/** Who declares something, and the pupil for whom a parent does. */
const declarant = { personId: PersonId(), onBehalfOf: Type.Optional(PersonId()) };

export const ConsentGiven = defineEvent({
  type: 'ConsentGiven',
  titleRu: 'Дано согласие на обработку персональных данных',
  clauses: ['X.1'],
  data: { ...declarant, purpose: OneOf(PURPOSES), documentRef: Text(200), at: At() },
});

export const ConsentRefused = defineEvent({
  type: 'ConsentRefused',
  titleRu: 'Отказано в согласии на обработку персональных данных',
  clauses: ['X.1'],
  data: { ...declarant, purpose: OneOf(PURPOSES), at: At() },
});

export const ConsentWithdrawn = defineEvent({
  type: 'ConsentWithdrawn',
  titleRu: 'Отозвано согласие на обработку персональных данных',
  clauses: ['X.1'],
  data: { ...declarant, purpose: OneOf(PURPOSES), receivedAt: At() },
});

export const AlternativeChannelProvided = defineEvent({
  type: 'AlternativeChannelProvided',
  titleRu: 'Предоставлен альтернативный канал связи',
  clauses: ['X.1'],
  data: { ...declarant, channel: OneOf(CHANNELS), at: At() },
});

export const UserAgreementAccepted = defineEvent({
  type: 'UserAgreementAccepted',
  titleRu: 'Принято пользовательское соглашение',
  clauses: ['4.5.4'],
  data: { personId: PersonId(), version: Text(50), at: At() },
});

export const SubjectRequestReceived = defineEvent({
  type: 'SubjectRequestReceived',
  titleRu: 'Получен запрос субъекта персональных данных',
  clauses: ['X.1'],
  data: { requestId: Id(), ...declarant, kind: OneOf(REQUESTS), receivedAt: At() },
});

export const PersonalDataRectified = defineEvent({
  type: 'PersonalDataRectified',
  titleRu: 'Персональные данные уточнены',
  clauses: ['X.1'],
  data: { requestId: Type.Optional(Id()), personId: PersonId(), fields: Type.Array(Text(100)), at: At() },
});

export const PersonalDataBlocked = defineEvent({
  type: 'PersonalDataBlocked',
  titleRu: 'Персональные данные заблокированы',
  clauses: ['X.1'],
  data: {
    blockId: Id(),
    personId: PersonId(),
    basis: Text(500),
    legalHold: Type.Boolean(),
    requestId: Type.Optional(Id()),
  },
});

export const PersonalDataUnblocked = defineEvent({
  type: 'PersonalDataUnblocked',
  titleRu: 'Блокирование персональных данных снято',
  clauses: ['X.1'],
  data: { blockId: Id(), personId: PersonId(), basis: Text(500) },
});

/** What the act of destruction and the extract of the log name alike (приказ Роскомнадзора № 179, form F11). */
const destroyed = {
  subjectId: PersonId(),
  actNo: Text(50),
  categories: Type.Array(Text(200)),
  informationSystem: Text(200),
  reason: Text(500),
};

export const DestructionActSigned = defineEvent({
  type: 'DestructionActSigned',
  titleRu: 'Подписан акт об уничтожении персональных данных',
  clauses: ['X.1'],
  data: {
    ...destroyed,
    date: Day(),
    signers: Type.Array(Type.Object({ personId: PersonId(), position: Text(200) })),
    logExportRef: Text(200),
    /** Whoever processed the data on the school’s behalf, if somebody did. */
    processor: Type.Optional(Text(500)),
  },
});

/**
 * The order to destroy. Nothing is destroyed yet when it is recorded: whoever carries it out destroys the key of
 * `subjectId` right after it, and with the key everything that is encrypted for that person.
 */
export const PersonalDataDestroyed = defineEvent({
  type: 'PersonalDataDestroyed',
  titleRu: 'Персональные данные уничтожены',
  clauses: ['X.1'],
  data: { ...destroyed, at: At(), method: OneOf(['key_destroyed']), by: PersonId() },
});

const events = [
  ConsentGiven,
  ConsentRefused,
  ConsentWithdrawn,
  AlternativeChannelProvided,
  UserAgreementAccepted,
  SubjectRequestReceived,
  PersonalDataRectified,
  PersonalDataBlocked,
  PersonalDataUnblocked,
  PersonalDataDestroyed,
  DestructionActSigned,
] as const;
export type PersonalDataEvent = EventsOf<typeof events>;

type Act = ReturnType<typeof DestructionActSigned.of>['data'];
type Block = ReturnType<typeof PersonalDataBlocked.of>['data'];

export interface PersonalData {
  /** The last word on each purpose by when it was said, not by when it arrived. */
  readonly consents: Readonly<Partial<Record<Purpose, { readonly at: string; readonly given: boolean }>>>;
  /** Content of the facts on record, so that the same fact is not recorded twice. */
  readonly facts: readonly string[];
  readonly blocks: readonly Block[];
  /** Blocks that were lifted, each with what it was lifted on. */
  readonly lifted: readonly { readonly blockId: string; readonly basis: string }[];
  readonly acts: readonly Act[];
  /** Numbers of the acts that were carried out. */
  readonly carriedOut: readonly string[];
}

/** The personal data of one person; the stream’s id is the data subject’s: the pupil’s where a parent acts for one. */
export const personalData: Concept<PersonalData, PersonalDataEvent> = {
  name: 'personaldata',
  titleRu: 'Персональные данные',
  events,
  initial: { consents: {}, facts: [], blocks: [], lifted: [], acts: [], carriedOut: [] },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ConsentGiven':
        return said(known(state, event), event.data.purpose, event.data.at, true);
      case 'ConsentRefused':
        return said(known(state, event), event.data.purpose, event.data.at, false);
      case 'ConsentWithdrawn':
        return said(known(state, event), event.data.purpose, event.data.receivedAt, false);
      case 'AlternativeChannelProvided':
      case 'UserAgreementAccepted':
      case 'SubjectRequestReceived':
      case 'PersonalDataRectified':
        return known(state, event);
      case 'PersonalDataBlocked':
        return { ...state, blocks: [...state.blocks, event.data] };
      case 'PersonalDataUnblocked':
        return { ...state, lifted: [...state.lifted, event.data] };
      case 'DestructionActSigned':
        return { ...state, acts: [...state.acts, event.data] };
      case 'PersonalDataDestroyed':
        return { ...state, carriedOut: [...state.carriedOut, event.data.actNo] };
    }
  },
};

function known(state: PersonalData, event: PersonalDataEvent): PersonalData {
  return { ...state, facts: [...state.facts, factOf(event)] };
}

/** An event's own content: what the store adds to a recorded event makes no other fact of it. */
function factOf({ type, data }: PersonalDataEvent): string {
  return contentOf({ type, data });
}

function said(state: PersonalData, purpose: Purpose, at: string, given: boolean): PersonalData {
  const before = state.consents[purpose];
  // Of a yes and a no at the same instant the no counts, whichever arrived first: processing needs a clear yes.
  const outdated = before !== undefined && (at < before.at || (at === before.at && !before.given));
  return outdated ? state : { ...state, consents: { ...state.consents, [purpose]: { at, given } } };
}

/** Whether the consent to take part in the community and its chats stands: given, and not refused or withdrawn since. */
export function hasConsent({ consents }: PersonalData): boolean {
  return consents.platform_use?.given === true;
}

/** Whether the data must be kept, whatever else asks for their destruction. */
export function isHeld({ blocks, lifted }: PersonalData): boolean {
  return blocks.some(({ blockId, legalHold }) => legalHold && !lifted.some((one) => one.blockId === blockId));
}

class Declaration {
  @field.PersonId('Who declares it') personId!: string;
  @field.PersonId('The pupil for whom a parent declares it', { optional: true }) onBehalfOf?: string;
}

class OnPurpose extends Declaration {
  @field.OneOf(PURPOSES, 'What the data are processed for') purpose!: Purpose;
}

export class RecordConsent extends OnPurpose {
  @field.Text('The consent: a document of its own (152-ФЗ, art. 9)') documentRef!: string;
}

export class RecordRefusal extends OnPurpose {}

export class WithdrawConsent extends OnPurpose {}

export class ProvideAlternativeChannel extends Declaration {
  @field.OneOf(CHANNELS, 'How the school keeps in touch instead') channel!: (typeof CHANNELS)[number];
}

export class AcceptUserAgreement {
  @field.PersonId('Who accepted it') personId!: string;
  @field.Text('Version of the agreement', { max: 50 }) version!: string;
}

export class ReceiveSubjectRequest extends Declaration {
  @field.Id('The request; assigned when absent', { optional: true }) requestId!: string;
  @field.OneOf(REQUESTS, 'What is asked for') kind!: (typeof REQUESTS)[number];
}

export class RectifyPersonalData {
  @field.PersonId('Whose data') personId!: string;
  @field.Id('The request that asked for it, if one did', { optional: true }) requestId?: string;
  @field.Texts('Names of the fields, never their values', { max: 50, length: 100 }) fields!: string[];
}

export class BlockPersonalData {
  @field.PersonId('Whose data') personId!: string;
  @field.Id('The block; assigned when absent', { optional: true }) blockId!: string;
  @field.Text('Why; names nobody', { max: 500 }) basis!: string;
  @field.Flag('Whether the data must be kept, for a court or an authority: forbids their destruction', {
    optional: true,
  })
  legalHold?: boolean;
  @field.Id('The request that asked for it, if one did', { optional: true }) requestId?: string;
}

export class UnblockPersonalData {
  @field.PersonId('Whose data') personId!: string;
  @field.Id('The block') blockId!: string;
  @field.Text('Why it ends; names nobody', { max: 500 }) basis!: string;
}

class Signer {
  @field.PersonId('Who signed') personId!: string;
  @field.Text('Position') position!: string;
}

export class SignDestructionAct {
  @field.PersonId('Whose data') subjectId!: string;
  @field.Text('Number of the act', { max: 50 }) actNo!: string;
  @field.Day('Its date') date!: string;
  @field.ListOf(Signer, 'Who signed it: two people at least', { max: 10 }) signers!: Signer[];
  @field.Texts('Categories of the data', { max: 50 }) categories!: string[];
  @field.Text('Information system that holds them') informationSystem!: string;
  @field.Text('Why they are destroyed; names nobody', { max: 500 }) reason!: string;
  @field.Text('The extract of the log that goes with the act') logExportRef!: string;
  @field.Text('Who processes the data on the school’s behalf, if somebody does', { max: 500, optional: true })
  processor?: string;
}

export class DestroyPersonalData {
  @field.PersonId('Whose data') subjectId!: string;
  @field.Text('Number of the signed act', { max: 50 }) actNo!: string;
}

const PARENT = '6b5a4c3d-2e1f-4a0b-9c8d-7e6f5a4b3c08';
const PUPIL = '3f9a1b2c-4d5e-4f60-8172-93a4b5c6d705';
const OFFICER = '0e1d2c3b-4a59-4687-9f8e-7d6c5b4a3909';
const DEPUTY = 'c4b3a291-8076-4e5d-9c4b-3a2918070615';
const REQUEST = '1d2e3f40-5162-4738-8495-a6b7c8d9e010';
const BLOCK = '2e3f4051-6273-4849-95a6-b7c8d9e0f111';

/** Papers of the school: what people declared, whenever it is entered. */
const paper = { kind: 'fact', clauses: ['X.1'], actors: ['pdn_officer', 'parent'] } as const;
const officer = { kind: 'decision', clauses: ['X.1'], actors: ['pdn_officer'] } as const;

const subjectOf = ({ personId, onBehalfOf }: Declaration): string => onBehalfOf ?? personId;

/** The fact, unless it is on record. */
function once(state: PersonalData, event: PersonalDataEvent): readonly PersonalDataEvent[] {
  return state.facts.includes(factOf(event)) ? [] : [event];
}

function mustNameSome(list: readonly string[], name: string): void {
  if (list.length === 0) {
    throw new LetopisError('invalid', `${name} names nothing`, {
      fields: [{ path: `/payload/${name}`, message: `${name} must name at least one` }],
    });
  }
}

export const personalDataCommands = [
  defineCommand({
    ...paper,
    name: 'RecordConsent',
    titleRu: 'Отметить согласие на обработку персональных данных',
    about: 'Somebody consented, for themselves or for a pupil, in a document of its own.',
    concept: personalData,
    payload: RecordConsent,
    example: {
      personId: PARENT,
      onBehalfOf: PUPIL,
      purpose: 'platform_use',
      documentRef: 'Согласие № 17 от 01.09.2025',
    },
    id: (payload) => subjectOf(payload),
    decide: (state, { payload, occurredAt }) => once(state, ConsentGiven.of({ ...payload, at: occurredAt })),
  }),
  defineCommand({
    ...paper,
    name: 'RecordRefusal',
    titleRu: 'Отметить отказ в согласии',
    about: 'Somebody refused to consent; the school then owes another channel.',
    concept: personalData,
    payload: RecordRefusal,
    example: { personId: PARENT, onBehalfOf: PUPIL, purpose: 'platform_use' },
    id: (payload) => subjectOf(payload),
    decide: (state, { payload, occurredAt }) =>
      once(state, ConsentRefused.of({ ...payload, at: occurredAt })),
  }),
  defineCommand({
    ...paper,
    name: 'WithdrawConsent',
    titleRu: 'Отметить отзыв согласия',
    about: 'A withdrawal was received; terms of destruction run from then.',
    concept: personalData,
    payload: WithdrawConsent,
    example: { personId: PARENT, onBehalfOf: PUPIL, purpose: 'platform_use' },
    id: (payload) => subjectOf(payload),
    decide: (state, { payload, occurredAt }) =>
      once(state, ConsentWithdrawn.of({ ...payload, receivedAt: occurredAt })),
  }),
  defineCommand({
    ...paper,
    name: 'ProvideAlternativeChannel',
    titleRu: 'Отметить альтернативный канал связи',
    about: 'Whoever does not take part is kept informed in another way.',
    actors: ['pdn_officer'],
    concept: personalData,
    payload: ProvideAlternativeChannel,
    example: { personId: PARENT, onBehalfOf: PUPIL, channel: 'e_diary' },
    id: (payload) => subjectOf(payload),
    decide: (state, { payload, occurredAt }) =>
      once(state, AlternativeChannelProvided.of({ ...payload, at: occurredAt })),
  }),
  defineCommand({
    name: 'AcceptUserAgreement',
    titleRu: 'Отметить принятие пользовательского соглашения',
    about: 'Somebody accepted a version of the platform’s user agreement.',
    kind: 'fact',
    clauses: ['4.5.4'],
    actors: PARTICIPANTS,
    concept: personalData,
    payload: AcceptUserAgreement,
    example: { personId: PARENT, version: '2025-09-01' },
    id: ({ personId }) => personId,
    decide: (state, { payload, occurredAt }) =>
      once(state, UserAgreementAccepted.of({ ...payload, at: occurredAt })),
  }),
  defineCommand({
    ...paper,
    name: 'ReceiveSubjectRequest',
    titleRu: 'Принять запрос субъекта персональных данных',
    about: 'Somebody asks to see, correct, block or erase personal data, or to stop their processing.',
    concept: personalData,
    payload: ReceiveSubjectRequest,
    assigns: 'requestId',
    example: { requestId: REQUEST, personId: PARENT, onBehalfOf: PUPIL, kind: 'rectify' },
    id: (payload) => subjectOf(payload),
    decide: (state, { payload, occurredAt }) =>
      once(state, SubjectRequestReceived.of({ ...payload, receivedAt: occurredAt })),
  }),
  defineCommand({
    ...paper,
    name: 'RectifyPersonalData',
    titleRu: 'Отметить уточнение персональных данных',
    about: 'Fields of a person’s data were corrected; their values stay out of this record.',
    actors: ['pdn_officer'],
    concept: personalData,
    payload: RectifyPersonalData,
    example: { personId: PUPIL, requestId: REQUEST, fields: ['фамилия'] },
    id: ({ personId }) => personId,
    decide: (state, { payload, occurredAt }) => {
      mustNameSome(payload.fields, 'fields');
      return once(state, PersonalDataRectified.of({ ...payload, at: occurredAt }));
    },
  }),
  defineCommand({
    ...officer,
    name: 'BlockPersonalData',
    titleRu: 'Заблокировать персональные данные',
    about: 'A person’s data are set aside; a legal hold also forbids their destruction.',
    concept: personalData,
    payload: BlockPersonalData,
    assigns: 'blockId',
    example: { personId: PUPIL, blockId: BLOCK, basis: 'Запрос прокуратуры № 5', legalHold: true },
    id: ({ personId }) => personId,
    decide: (state, { payload }) => {
      const block = PersonalDataBlocked.of({ ...payload, legalHold: payload.legalHold ?? false });
      const before = state.blocks.find(({ blockId }) => blockId === payload.blockId);
      if (before === undefined) return [block];
      if (contentOf(before) === contentOf(block.data)) return [];
      throw ruleViolated(
        'X.1',
        'blocked-once',
        'Блокирование с таким номером уже учтено с другими сведениями: заведите новое',
      );
    },
  }),
  defineCommand({
    ...officer,
    name: 'UnblockPersonalData',
    titleRu: 'Снять блокирование персональных данных',
    about: 'A block ends, and with it the legal hold that it was.',
    concept: personalData,
    payload: UnblockPersonalData,
    example: { personId: PUPIL, blockId: BLOCK, basis: 'Проверка завершена' },
    id: ({ personId }) => personId,
    decide: (state, { payload }) => {
      const { blockId, basis } = payload;
      if (!state.blocks.some((block) => block.blockId === blockId)) {
        throw ruleViolated('X.1', 'block-on-record', 'Такого блокирования нет: проверьте его номер');
      }
      const before = state.lifted.find((one) => one.blockId === blockId);
      if (before === undefined) return [PersonalDataUnblocked.of({ ...payload })];
      if (before.basis === basis) return [];
      throw ruleViolated('X.1', 'lifted-once', 'Это блокирование уже снято на другом основании');
    },
  }),
  defineCommand({
    ...officer,
    name: 'SignDestructionAct',
    titleRu: 'Подписать акт об уничтожении персональных данных',
    about: 'The act and the extract of the log are drawn up before a person’s data are destroyed.',
    concept: personalData,
    payload: SignDestructionAct,
    example: {
      subjectId: PUPIL,
      actNo: '3',
      date: '2025-11-17',
      signers: [
        { personId: OFFICER, position: 'Ответственный за обработку персональных данных' },
        { personId: DEPUTY, position: 'Заместитель директора' },
      ],
      categories: ['фамилия, имя, отчество', 'номер телефона'],
      informationSystem: 'Летопись',
      reason: 'Отзыв согласия',
      logExportRef: 'Выгрузка № 3 от 17.11.2025',
    },
    id: ({ subjectId }) => subjectId,
    decide: (state, { payload }) => {
      mustNameSome(payload.categories, 'categories');
      if (new Set(payload.signers.map(({ personId }) => personId)).size < 2) {
        throw ruleViolated('X.1', 'two-signers', 'Акт подписывают не менее двух разных людей');
      }
      const act = DestructionActSigned.of({ ...payload });
      const before = state.acts.find(({ actNo }) => actNo === payload.actNo);
      if (before === undefined) return [act];
      if (contentOf(before) === contentOf(act.data)) return [];
      throw ruleViolated(
        'X.1',
        'signed-once',
        'Акт с таким номером уже подписан с другими сведениями: составьте новый акт',
      );
    },
  }),
  defineCommand({
    ...officer,
    name: 'DestroyPersonalData',
    titleRu: 'Уничтожить персональные данные',
    about:
      'Orders, by a signed act, that a person’s key be destroyed: their data become unreadable for ever.',
    concept: personalData,
    payload: DestroyPersonalData,
    example: { subjectId: PUPIL, actNo: '3' },
    id: ({ subjectId }) => subjectId,
    decide: (state, { payload, actor, occurredAt }) => {
      if (state.carriedOut.includes(payload.actNo)) return [];
      if (isHeld(state)) {
        throw ruleViolated(
          'X.1',
          'no-legal-hold',
          'Данные нужно хранить: сначала снимите блокирование (UnblockPersonalData)',
        );
      }
      const act = state.acts.find(({ actNo }) => actNo === payload.actNo);
      if (act === undefined) {
        throw ruleViolated(
          'X.1',
          'act-first',
          'Сначала подпишите акт об уничтожении (SignDestructionAct): его составляют до уничтожения',
        );
      }
      const { subjectId, actNo, categories, informationSystem, reason } = act;
      return [
        PersonalDataDestroyed.of({
          subjectId,
          actNo,
          categories,
          informationSystem,
          reason,
          at: occurredAt,
          method: 'key_destroyed',
          by: actor.id,
        }),
      ];
    },
  }),
];

/** The order to destroy is carried out by destroying the key of the person whom it names. */
export const keyOfDestroyedData = defineErasure({
  on: PersonalDataDestroyed,
  subject: ({ data: { subjectId } }) => subjectId,
});
