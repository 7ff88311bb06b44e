import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, type Role, ROLES } from '@letopis/kernel';
import { At, defineEvent, type EventsOf, Id, OneOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';

const FAILURES = ['unknown_login', 'wrong_secret', 'expired', 'no_right', 'other'] as const;
const RESULTS = ['intact', 'broken'] as const;

const Digest = () => Type.String({ pattern: '^[0-9a-f]{64}$' });
/** A position in the record: 64 bits, so a string. */
const Seq = () => Type.String({ pattern: '^-?\\d{1,19}$' });

export const UserSignedIn = defineEvent({
  type: 'UserSignedIn',
  titleRu: 'Пользователь вошёл в систему',
  clauses: ['X.2'],
  data: { userId: PersonId(), ip: Type.Optional(Personal(Text(45), '/userId')), at: At() },
});

/** Nobody is known to have failed, so nobody’s key could encrypt login and address: keyed digests stand for them. */
export const SignInFailed = defineEvent({
  type: 'SignInFailed',
  titleRu: 'Неудачная попытка входа',
  clauses: ['X.2'],
  data: { loginHash: Id(), ipHash: Type.Optional(Id()), at: At(), reason: OneOf(FAILURES) },
});

export const AccessGranted = defineEvent({
  type: 'AccessGranted',
  titleRu: 'Предоставлено право доступа',
  clauses: ['X.2'],
  data: { userId: PersonId(), role: OneOf(ROLES), by: PersonId() },
});

export const AccessRevoked = defineEvent({
  type: 'AccessRevoked',
  titleRu: 'Право доступа отозвано',
  clauses: ['X.2'],
  data: { userId: PersonId(), role: OneOf(ROLES), by: PersonId() },
});

export const PersonalDataViewed = defineEvent({
  type: 'PersonalDataViewed',
  titleRu: 'Просмотрены персональные данные',
  clauses: ['X.2'],
  data: { userId: PersonId(), subjectIds: Type.Array(PersonId()), purpose: Text(200), at: At() },
});

export const EvidencePackageExported = defineEvent({
  type: 'EvidencePackageExported',
  titleRu: 'Выгружен пакет доказательств',
  clauses: ['X.2'],
  data: {
    packageId: Id(),
    query: Text(),
    recordCount: Type.Integer({ minimum: 0 }),
    sha256: Digest(),
    signature: Text(),
    by: PersonId(),
    recipient: Text(200),
  },
});

export const EvidencePackageVerified = defineEvent({
  type: 'EvidencePackageVerified',
  titleRu: 'Проверен пакет доказательств',
  clauses: ['X.2'],
  data: { packageId: Id(), result: OneOf(RESULTS) },
});

export const LogIntegrityVerified = defineEvent({
  type: 'LogIntegrityVerified',
  titleRu: 'Подтверждена целостность журнала',
  clauses: ['X.2'],
  data: { fromSeq: Seq(), toSeq: Seq(), headHash: Digest() },
});

export const LogIntegrityViolated = defineEvent({
  type: 'LogIntegrityViolated',
  titleRu: 'Нарушена целостность журнала',
  clauses: ['X.2'],
  data: { atSeq: Seq(), expected: Text(200), actual: Text(200) },
});

export const RetentionApplied = defineEvent({
  type: 'RetentionApplied',
  titleRu: 'Применён срок хранения',
  clauses: ['X.2'],
  data: { policyId: Text(100), cutoff: At(), affected: Type.Integer({ minimum: 0 }) },
});

const events = [
  UserSignedIn,
  SignInFailed,
  AccessGranted,
  AccessRevoked,
  PersonalDataViewed,
  EvidencePackageExported,
  EvidencePackageVerified,
  LogIntegrityVerified,
  LogIntegrityViolated,
  RetentionApplied,
] as const;
export type AccessJournalEvent = EventsOf<typeof events>;

/**
 * Who came in, who looked at what, and how the record itself was looked after (152-ФЗ, art. 19(2)(8)). One stream for
 * each user, each failed attempt and each package of evidence, so that none is busy or without end; what concerns the
 * whole record, about once a day, lies in one stream of the organisation.
 */
export const accessJournal: Concept<null, AccessJournalEvent> = {
  name: 'access',
  titleRu: 'Журнал доступа',
  events,
  journal: true,
  initial: null,
  evolve: (state) => state,
};

export class RecordSignIn {
  @field.PersonId('Who signed in') userId!: string;
  @field.Text('Address of the network (stored encrypted)', { max: 45, optional: true }) ip?: string;
}

export class RecordSignInFailed {
  @field.Id('The attempt; assigned when absent', { optional: true }) attemptId!: string;
  @field.Text('What was given as login (only a keyed digest is stored)') login!: string;
  @field.Text('Address of the network (only a keyed digest is stored)', { max: 45, optional: true })
  ip?: string;
  @field.OneOf(FAILURES, 'Why it failed') reason!: (typeof FAILURES)[number];
}

export class RecordAccessGranted {
  @field.PersonId('Who may') userId!: string;
  @field.OneOf(ROLES, 'In which role') role!: Role;
  @field.PersonId('Who granted it; the caller when absent', { optional: true }) by?: string;
}

export class RecordAccessRevoked {
  @field.PersonId('Who may no longer') userId!: string;
  @field.OneOf(ROLES, 'In which role') role!: Role;
  @field.PersonId('Who revoked it; the caller when absent', { optional: true }) by?: string;
}

export class RecordPersonalDataViewed {
  @field.PersonId('Who looked') userId!: string;
  @field.Ids('Whose data were shown', { max: 1_000 }) subjectIds!: string[];
  @field.Text('What for: the register, timeline or report; names nobody') purpose!: string;
}

export class RecordEvidencePackageExported {
  @field.Id('The package') packageId!: string;
  @field.Text('What was asked for; names nobody', { max: 2_000 }) query!: string;
  @field.Count('How many records are in it', { min: 0, max: Number.MAX_SAFE_INTEGER }) recordCount!: number;
  @field.Sha256('SHA-256 of the package') sha256!: string;
  @field.Text('Signature of the package', { max: 2_000 }) signature!: string;
  @field.PersonId('Who exported it; the caller when absent', { optional: true }) by?: string;
  @field.Text('The authority that it is for; names nobody') recipient!: string;
}

export class RecordEvidencePackageVerified {
  @field.Id('The package') packageId!: string;
  @field.OneOf(RESULTS, 'What came out') result!: (typeof RESULTS)[number];
}

export class RecordLogIntegrityVerified {
  @field.Int64('First position that was verified') fromSeq!: string;
  @field.Int64('Last position that was verified') toSeq!: string;
  @field.Sha256('Hash of the head of the record') headHash!: string;
}

export class RecordLogIntegrityViolated {
  @field.Int64('First position that is not as it was') atSeq!: string;
  @field.Text('Hash that was expected') expected!: string;
  @field.Text('Hash that was found, or what was found instead') actual!: string;
}

export class RecordRetentionApplied {
  @field.Text('Which policy', { max: 100 }) policyId!: string;
  @field.Instant('What is older was affected') cutoff!: string;
  @field.Count('How many records', { min: 0, max: Number.MAX_SAFE_INTEGER }) affected!: number;
}

const USER = '0e1d2c3b-4a59-4687-9f8e-7d6c5b4a3909';
const PUPIL = '3f9a1b2c-4d5e-4f60-8172-93a4b5c6d705';
const PACKAGE = 'a3b4c5d6-e7f8-4091-92a3-b4c5d6e7f817';
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** Letopis itself sees it. */
const ownFact = { kind: 'fact', clauses: ['X.2'], actors: ['system'] } as const;
/** Letopis itself sees it, or a person enters what another system recorded. */
const enteredFact = { ...ownFact, actors: ['system', 'pdn_officer', 'platform_admin'] } as const;

export const accessJournalCommands = [
  defineCommand({
    ...enteredFact,
    name: 'RecordSignIn',
    titleRu: 'Отметить вход в систему',
    about: 'Somebody signed in.',
    concept: accessJournal,
    payload: RecordSignIn,
    example: { userId: USER, ip: '192.0.2.17' },
    id: ({ userId }) => userId,
    decide: (_state, { payload, occurredAt }) => [UserSignedIn.of({ ...payload, at: occurredAt })],
  }),
  defineCommand({
    ...enteredFact,
    name: 'RecordSignInFailed',
    titleRu: 'Отметить неудачную попытку входа',
    about: 'Somebody could not sign in; neither login nor address is stored.',
    concept: accessJournal,
    payload: RecordSignInFailed,
    assigns: 'attemptId',
    example: { login: 'a.kovaleva', ip: '192.0.2.17', reason: 'wrong_secret' },
    id: ({ attemptId }) => attemptId,
    decide: (_state, command) => {
      const { login, ip, reason } = command.payload;
      return [
        SignInFailed.of({
          loginHash: command.pseudonym('login', login),
          ipHash: ip === undefined ? undefined : command.pseudonym('ip', ip),
          at: command.occurredAt,
          reason,
        }),
      ];
    },
  }),
  defineCommand({
    ...enteredFact,
    name: 'RecordAccessGranted',
    titleRu: 'Отметить предоставление права доступа',
    about: 'Somebody was given a role in Letopis.',
    concept: accessJournal,
    payload: RecordAccessGranted,
    example: { userId: USER, role: 'pdn_officer' },
    id: ({ userId }) => userId,
    decide: (_state, { payload, actor }) => [AccessGranted.of({ ...payload, by: payload.by ?? actor.id })],
  }),
  defineCommand({
    ...enteredFact,
    name: 'RecordAccessRevoked',
    titleRu: 'Отметить отзыв права доступа',
    about: 'A role in Letopis was taken from somebody.',
    concept: accessJournal,
    payload: RecordAccessRevoked,
    example: { userId: USER, role: 'pdn_officer' },
    id: ({ userId }) => userId,
    decide: (_state, { payload, actor }) => [AccessRevoked.of({ ...payload, by: payload.by ?? actor.id })],
  }),
  defineCommand({
    ...enteredFact,
    name: 'RecordPersonalDataViewed',
    titleRu: 'Отметить просмотр персональных данных',
    about: 'Somebody was shown personal data: one record for all people on a page.',
    concept: accessJournal,
    payload: RecordPersonalDataViewed,
    example: { userId: USER, subjectIds: [PUPIL], purpose: 'Журнал движения (F5)' },
    id: ({ userId }) => userId,
    decide: (_state, { payload, occurredAt }) => [PersonalDataViewed.of({ ...payload, at: occurredAt })],
  }),
  defineCommand({
    ...ownFact,
    name: 'RecordEvidencePackageExported',
    titleRu: 'Отметить выгрузку пакета доказательств',
    about: 'A package of evidence was handed out.',
    concept: accessJournal,
    payload: RecordEvidencePackageExported,
    example: {
      packageId: PACKAGE,
      query: 'from=2025-09-01&to=2025-12-31&clause=3.1.10',
      recordCount: 128,
      sha256: SHA256,
      signature: 'MEUCIQDx1c0Zr2b9',
      by: USER,
      recipient: 'Прокуратура района',
    },
    id: ({ packageId }) => packageId,
    decide: (_state, { payload, actor }) => [
      EvidencePackageExported.of({ ...payload, by: payload.by ?? actor.id }),
    ],
  }),
  defineCommand({
    ...enteredFact,
    name: 'RecordEvidencePackageVerified',
    titleRu: 'Отметить проверку пакета доказательств',
    about: 'Somebody checked a package of evidence.',
    concept: accessJournal,
    payload: RecordEvidencePackageVerified,
    example: { packageId: PACKAGE, result: 'intact' },
    id: ({ packageId }) => packageId,
    decide: (_state, { payload }) => [EvidencePackageVerified.of({ ...payload })],
  }),
  defineCommand({
    ...ownFact,
    name: 'RecordLogIntegrityVerified',
    titleRu: 'Отметить подтверждение целостности журнала',
    about: 'The record was verified, and is as it was written.',
    concept: accessJournal,
    payload: RecordLogIntegrityVerified,
    example: { fromSeq: '1', toSeq: '20480', headHash: SHA256 },
    id: (_payload, organizationId) => organizationId,
    decide: (_state, { payload }) => [LogIntegrityVerified.of({ ...payload })],
  }),
  defineCommand({
    ...ownFact,
    name: 'RecordLogIntegrityViolated',
    titleRu: 'Отметить нарушение целостности журнала',
    about: 'The record was verified, and is not as it was written.',
    concept: accessJournal,
    payload: RecordLogIntegrityViolated,
    example: { atSeq: '4711', expected: SHA256, actual: 'record is missing' },
    id: (_payload, organizationId) => organizationId,
    decide: (_state, { payload }) => [LogIntegrityViolated.of({ ...payload })],
  }),
  defineCommand({
    ...ownFact,
    name: 'RecordRetentionApplied',
    titleRu: 'Отметить применение срока хранения',
    about: 'What had been kept long enough was removed where removal is allowed.',
    concept: accessJournal,
    payload: RecordRetentionApplied,
    example: { policyId: 'quarantine', cutoff: '2024-11-17T00:00:00Z', affected: 12 },
    id: (_payload, organizationId) => organizationId,
    decide: (_state, { payload }) => [
      RetentionApplied.of({ ...payload, cutoff: new Date(payload.cutoff).toISOString() }),
    ],
  }),
];
