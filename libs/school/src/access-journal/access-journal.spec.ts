import { type AnyEvent } from '@letopis/kernel';
import { commandOf, given, idOf, NOW, ORGANIZATION, payloadOf, pseudonymOf } from '../testing';
import {
  AccessGranted,
  accessJournal,
  AccessRevoked,
  EvidencePackageExported,
  EvidencePackageVerified,
  LogIntegrityVerified,
  LogIntegrityViolated,
  PersonalDataViewed,
  RetentionApplied,
  SignInFailed,
  UserSignedIn,
} from './access-journal';

const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const HAPPENED = '2025-11-17T14:00:00.000Z';
const userId = idOf('user');
const officer = { id: idOf('officer'), role: 'pdn_officer' };

const attempt = { attemptId: idOf('attempt'), login: '+79000000001', ip: '192.0.2.17' };
const failed = SignInFailed.of({
  loginHash: pseudonymOf('login', attempt.login),
  ipHash: pseudonymOf('ip', attempt.ip),
  at: HAPPENED,
  reason: 'wrong_secret',
});
const right = { userId, role: 'teacher' } as const;
const view = { userId, subjectIds: [idOf('pupil'), idOf('mother')], purpose: 'F5' };
const evidence = {
  packageId: idOf('package'),
  query: 'clause=3.1.10',
  recordCount: 128,
  sha256: SHA256,
  signature: 'MEUCIQDx1c0Zr2b9',
  recipient: 'Прокуратура района',
};
const verified = { fromSeq: '1', toSeq: '9223372036854775807', headHash: SHA256 };
const violated = { atSeq: '7', expected: SHA256, actual: 'record is missing' };
const retention = { policyId: 'quarantine', cutoff: '2024-11-17T00:00:00+05:00', affected: 12 };

describe.each<[name: string, stream: string, payload: object, event: AnyEvent]>([
  [
    'RecordSignIn',
    userId,
    { userId, ip: '192.0.2.17' },
    UserSignedIn.of({ userId, ip: '192.0.2.17', at: HAPPENED }),
  ],
  ['RecordSignInFailed', attempt.attemptId, { ...attempt, reason: 'wrong_secret' }, failed],
  ['RecordAccessGranted', userId, right, AccessGranted.of({ ...right, by: officer.id })],
  ['RecordAccessRevoked', userId, right, AccessRevoked.of({ ...right, by: officer.id })],
  ['RecordPersonalDataViewed', userId, view, PersonalDataViewed.of({ ...view, at: HAPPENED })],
  [
    'RecordEvidencePackageExported',
    evidence.packageId,
    evidence,
    EvidencePackageExported.of({ ...evidence, by: officer.id }),
  ],
  [
    'RecordEvidencePackageVerified',
    evidence.packageId,
    { packageId: evidence.packageId, result: 'broken' },
    EvidencePackageVerified.of({ packageId: evidence.packageId, result: 'broken' }),
  ],
  ['RecordLogIntegrityVerified', ORGANIZATION, verified, LogIntegrityVerified.of(verified)],
  ['RecordLogIntegrityViolated', ORGANIZATION, violated, LogIntegrityViolated.of(violated)],
  [
    'RecordRetentionApplied',
    ORGANIZATION,
    retention,
    RetentionApplied.of({ ...retention, cutoff: '2024-11-16T19:00:00.000Z' }),
  ],
])('%s', (name, stream, payload, event) => {
  it('given the journal, when it is told, then it is recorded when it happened', () => {
    given(accessJournal)
      .when(name, payload, { actor: officer, occurredAt: HAPPENED, recordedAt: NOW })
      .then([event]);
  });

  it('lies in the stream of its user, attempt or package, or of the organisation', () => {
    const command = commandOf(name);
    expect(command.id(payloadOf(command, payload), ORGANIZATION)).toBe(stream);
  });
});

it.each([
  ['RecordAccessGranted', AccessGranted],
  ['RecordAccessRevoked', AccessRevoked],
])('%s, given a paper names who decided, when it is entered, then that person is recorded', (name, type) => {
  const by = idOf('director');
  given(accessJournal)
    .when(name, { ...right, by }, { actor: officer })
    .then([type.of({ ...right, by })]);
});

it('given an export was made for somebody, when it is recorded, then that person is named', () => {
  const by = idOf('director');
  given(accessJournal)
    .when('RecordEvidencePackageExported', { ...evidence, by })
    .then([EvidencePackageExported.of({ ...evidence, by })]);
});

it('given a failed attempt without an address, when it is recorded, then only the login’s digest is', () => {
  given(accessJournal)
    .when('RecordSignInFailed', { login: attempt.login, reason: 'expired' }, { occurredAt: HAPPENED })
    .then([
      SignInFailed.of({ loginHash: pseudonymOf('login', attempt.login), at: HAPPENED, reason: 'expired' }),
    ]);
});
