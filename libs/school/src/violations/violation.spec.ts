import { given, idOf, NOW } from '../testing';
import {
  MeasureRecorded,
  violation,
  ViolationConfirmed,
  ViolationDismissed,
  ViolationReported,
} from './violation';

const violationId = idOf('violation');
const mother = { id: idOf('mother'), role: 'parent' };
const curator = { id: idOf('curator'), role: 'curator' };
const report = { violationId, kind: 'ethics', subjectId: idOf('pupil'), description: 'Оскорбление в чате' };
const reported = ViolationReported.of({
  violationId,
  clauseId: '4.5.3',
  kind: 'ethics',
  reporterId: mother.id,
  subjectId: idOf('pupil'),
  at: NOW,
  description: 'Оскорбление в чате',
});
const confirmation = { violationId, basis: 'Сообщение в чате' };
const confirmed = ViolationConfirmed.of({ ...confirmation, by: curator.id });
const dismissal = { violationId, reason: 'Не подтвердилось' };
const dismissed = ViolationDismissed.of({ ...dismissal, by: curator.id });

describe('ReportViolation', () => {
  it('given nothing, when somebody reports, then the report and the clause that it bears on are recorded', () => {
    given(violation).when('ReportViolation', report, { actor: mother }).then([reported]);
  });

  it('given nothing, when somebody reports anonymously, then the event names no reporter', () => {
    given(violation)
      .when('ReportViolation', { ...report, anonymous: true }, { actor: mother })
      .then([ViolationReported.of({ ...reported.data, reporterId: undefined })]);
  });

  it.each([
    ['foreign_platform', '2.1'],
    ['false_data', '4.5.1'],
    ['ethics', '4.5.3'],
    ['unlawful_content', '4.6.1'],
    ['pdn_collection', '4.6.2'],
    ['account_sharing', '4.6.3'],
  ] as const)('given nothing, when %s is reported, then it bears on %s', (kind, clauseId) => {
    given(violation)
      .when('ReportViolation', { ...report, kind }, { actor: mother })
      .then([ViolationReported.of({ ...reported.data, kind, clauseId })]);
  });

  it('given the report, when it is made again, then nothing is recorded', () => {
    given(violation, [reported]).when('ReportViolation', report, { actor: mother }).thenNothing();
  });
});

describe.each([
  ['ConfirmViolation', confirmation, confirmed, dismissed],
  ['DismissViolation', dismissal, dismissed, confirmed],
])('%s', (name, payload, decided, other) => {
  it('given a report, when a moderator decides, then who decided is recorded', () => {
    given(violation, [reported]).when(name, payload, { actor: curator }).then([decided]);
  });

  it('given no report, when a moderator decides, then the clause of manners refuses', () => {
    given(violation).when(name, payload, { actor: curator }).thenRefused('4.5.3', 'reported-first');
  });

  it('given the moderator made the report, when they decide, then its clause refuses', () => {
    const own = ViolationReported.of({ ...reported.data, clauseId: '4.6.1', reporterId: curator.id });
    given(violation, [own])
      .when(name, payload, { actor: curator })
      .thenRefused('4.6.1', 'reporter-does-not-decide');
  });

  it('given it was decided otherwise, when a moderator decides, then the clause refuses', () => {
    given(violation, [reported, other])
      .when(name, payload, { actor: curator })
      .thenRefused('4.5.3', 'decided-once');
  });

  it('given it was decided so, when it is decided again, then nothing is recorded', () => {
    given(violation, [reported, decided]).when(name, payload, { actor: curator }).thenNothing();
  });
});

describe('RecordMeasure', () => {
  const measure = { violationId, kind: 'talk' as const, date: '2025-11-20' };

  it('given a confirmed violation, when a measure is taken, then it is recorded', () => {
    given(violation, [reported, confirmed])
      .when('RecordMeasure', measure)
      .then([MeasureRecorded.of(measure)]);
  });

  it.each([
    ['only reported', [reported]],
    ['dismissed', [reported, dismissed]],
  ])('given it is %s, when a measure is taken, then its clause refuses', (_what, events) => {
    given(violation, events)
      .when('RecordMeasure', measure)
      .thenRefused('4.5.3', 'measure-after-confirmation');
  });
});
