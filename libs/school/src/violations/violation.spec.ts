import { incident, IncidentRegistered } from '../incidents/incident';
import { commandOf, given, idOf, NOW, payloadOf, pseudonymOf } from '../testing';
import {
  ContentPreserved,
  ContentRemovalRequested,
  ContentRemoved,
  incidentOfPdnCollection,
  incidentOfViolation,
  MeasureRecorded,
  violation,
  ViolationConfirmed,
  ViolationDismissed,
  ViolationReported,
} from './violation';

const violationId = idOf('violation');
const subjectId = idOf('pupil');
const mother = { id: idOf('mother'), role: 'parent' };
const curator = { id: idOf('curator'), role: 'curator' };
const father = { id: idOf('father'), role: 'parent' };
const LATER = '2025-11-18T08:00:00.000Z';
const mid = 'mid.1';
const report = { violationId, kind: 'ethics', subjectId, description: 'Оскорбление в чате' };
const reported = ViolationReported.of({
  violationId,
  clauseId: '4.5.3',
  kind: 'ethics',
  reporterId: mother.id,
  subjectId,
  at: NOW,
  description: 'Оскорбление в чате',
  descriptionDigest: pseudonymOf('description', violationId, 'Оскорбление в чате'),
});
const ofFather = ViolationReported.of({ ...reported.data, reporterId: father.id });
const confirmation = { violationId, basis: 'Сообщение в чате' };
const confirmed = ViolationConfirmed.of({
  ...confirmation,
  by: curator.id,
  kind: 'ethics',
  reportedAt: NOW,
  subjectId,
});
const dismissal = { violationId, reason: 'Не подтвердилось' };
const dismissed = ViolationDismissed.of({ ...dismissal, by: curator.id });
const preservation = { violationId, mid, fileSha256: 'a'.repeat(64) };
const preserved = ContentPreserved.of({ ...preservation, by: curator.id });

const KINDS = [
  ['foreign_platform', '2.1'],
  ['false_data', '4.5.1'],
  ['ethics', '4.5.3'],
  ['unlawful_content', '4.6.1'],
  ['pdn_collection', '4.6.2'],
  ['account_sharing', '4.6.3'],
] as const;

describe('ReportViolation', () => {
  it('given nothing, when somebody reports, then the report and the clause that it bears on are recorded', () => {
    given(violation).when('ReportViolation', report, { actor: mother }).then([reported]);
  });

  it('given nothing, when somebody reports anonymously, then the event names no reporter', () => {
    given(violation)
      .when('ReportViolation', { ...report, anonymous: true }, { actor: mother })
      .then([ViolationReported.of({ ...reported.data, reporterId: undefined })]);
  });

  it.each(KINDS)('given nothing, when %s is reported, then it bears on %s', (kind, clauseId) => {
    given(violation)
      .when('ReportViolation', { ...report, kind }, { actor: mother })
      .then([ViolationReported.of({ ...reported.data, kind, clauseId })]);
  });

  it('given the report, when it is made again later, then nothing is recorded', () => {
    given(violation, [reported])
      .when('ReportViolation', report, { actor: mother, occurredAt: LATER })
      .thenNothing();
  });

  it('given the report with its description encrypted, when it is made again, then nothing is recorded', () => {
    const sealed = ViolationReported.of({ ...reported.data, description: undefined });
    given(violation, [sealed]).when('ReportViolation', report, { actor: mother }).thenNothing();
  });

  it('given the report, when a second witness makes it, then that is recorded', () => {
    given(violation, [reported]).when('ReportViolation', report, { actor: father }).then([ofFather]);
  });

  it.each([
    ['description', { description: 'И угрозы' }],
    ['message', { mid }],
    ['chat', { chatId: idOf('chat') }],
    ['person', { subjectId: idOf('classmate') }],
    ['kind', { kind: 'unlawful_content' as const }],
  ])('given a decision, when the same person reports another %s, then that is recorded', (_what, other) => {
    const { description = reported.data.description ?? '', kind = 'ethics' } = { ...report, ...other };
    given(violation, [reported, confirmed])
      .when('ReportViolation', { ...report, ...other }, { actor: mother })
      .then([
        ViolationReported.of({
          ...reported.data,
          ...other,
          clauseId: kind === 'ethics' ? '4.5.3' : '4.6.1',
          descriptionDigest: pseudonymOf('description', violationId, description),
        }),
      ]);
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

  it('given the moderator is a second witness, when they decide, then the clause refuses', () => {
    const own = ViolationReported.of({ ...reported.data, reporterId: curator.id });
    given(violation, [reported, own])
      .when(name, payload, { actor: curator })
      .thenRefused('4.5.3', 'reporter-does-not-decide');
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

  it('given it was decided so, when another moderator decides so, then the clause refuses', () => {
    given(violation, [reported, decided])
      .when(name, payload, { actor: { id: idOf('Boris'), role: 'platform_admin' } })
      .thenRefused('4.5.3', 'decided-once');
  });

  it('given it was decided so, when it is decided so with other words, then the clause refuses', () => {
    const [words = ''] = Object.keys(payload).filter((field) => field !== 'violationId');
    given(violation, [reported, decided])
      .when(name, { ...payload, [words]: 'Иначе' }, { actor: curator })
      .thenRefused('4.5.3', 'decided-once');
  });

  it('given it was dismissed before a further witness reported, when it is decided anew, then that is recorded', () => {
    given(violation, [reported, dismissed, ofFather]).when(name, payload, { actor: curator }).then([decided]);
  });

  it('given it was confirmed before a further witness reported, when it is decided anew, then that stands', () => {
    const other = { [name === 'ConfirmViolation' ? 'basis' : 'reason']: 'Иначе' };
    given(violation, [reported, confirmed, ofFather])
      .when(name, { ...payload, ...other }, { actor: curator })
      .thenRefused('4.5.3', 'decided-once');
  });
});

describe('ConfirmViolation', () => {
  const HEARD = '2025-11-17T14:00:00.000Z';
  const EXPLANATION = 'Перепутал класс';
  const explained = {
    heardAt: HEARD,
    explanation: EXPLANATION,
    explanationDigest: pseudonymOf('explanation', violationId, EXPLANATION),
  };
  const reportedAs = (kind: (typeof KINDS)[number][0], clauseId: string, subject?: string) =>
    ViolationReported.of({ violationId, clauseId, kind, reporterId: mother.id, subjectId: subject, at: NOW });
  const falseData = reportedAs('false_data', '4.5.1', subjectId);

  it.each(KINDS)('given %s was reported, when it is confirmed, then the event tells so', (kind, clauseId) => {
    given(violation, [reportedAs(kind, clauseId, subjectId)])
      .when('ConfirmViolation', { ...confirmation, heardAt: HEARD }, { actor: curator })
      .then([ViolationConfirmed.of({ ...confirmed.data, kind, heardAt: HEARD })]);
  });

  it('given several reports, when it is confirmed, then it was reported when the earliest was made', () => {
    const earlier = ViolationReported.of({ ...ofFather.data, at: HEARD });
    given(violation, [reported, earlier])
      .when('ConfirmViolation', confirmation, { actor: curator })
      .then([ViolationConfirmed.of({ ...confirmed.data, reportedAt: HEARD })]);
  });

  it('given the report names nobody, when it is confirmed, then who did it may be named', () => {
    given(violation, [reportedAs('ethics', '4.5.3')])
      .when('ConfirmViolation', { ...confirmation, subjectId }, { actor: curator })
      .then([confirmed]);
  });

  it('given false data, when they are confirmed after the person was heard, then the explanation is recorded', () => {
    given(violation, [falseData])
      .when(
        'ConfirmViolation',
        { ...confirmation, heardAt: '2025-11-17T19:00:00+05:00', explanation: EXPLANATION },
        { actor: curator },
      )
      .then([ViolationConfirmed.of({ ...confirmed.data, kind: 'false_data', ...explained })]);
  });

  it('given false data, when they are confirmed unheard, then 4.5.1 refuses', () => {
    given(violation, [falseData])
      .when('ConfirmViolation', confirmation, { actor: curator })
      .thenRefused('4.5.1', 'person-heard');
  });

  it('given false data of nobody in particular, when they are confirmed, then 4.5.1 refuses', () => {
    given(violation, [reportedAs('false_data', '4.5.1')])
      .when('ConfirmViolation', { ...confirmation, heardAt: HEARD }, { actor: curator })
      .thenRefused('4.5.1', 'person-heard');
  });

  it('given the person is to be heard later, when it is confirmed, then it is invalid', () => {
    given(violation, [falseData])
      .when('ConfirmViolation', { ...confirmation, heardAt: LATER }, { actor: curator })
      .thenInvalid('/payload/heardAt');
  });

  it('given the report names nobody, when somebody’s explanation is entered, then it is invalid', () => {
    given(violation, [reportedAs('ethics', '4.5.3')])
      .when(
        'ConfirmViolation',
        { ...confirmation, heardAt: HEARD, explanation: EXPLANATION },
        { actor: curator },
      )
      .thenInvalid('/payload/subjectId');
  });

  it('given an explanation without a hearing, then the payload is invalid', () => {
    const act = () => payloadOf(commandOf('ConfirmViolation'), { ...confirmation, explanation: EXPLANATION });
    expect(act).toThrow('/explanation explanation needs heardAt');
  });

  it('given it was confirmed with an explanation that lies encrypted, when that is repeated, then nothing is recorded', () => {
    const sealed = ViolationConfirmed.of({ ...confirmed.data, ...explained, explanation: undefined });
    given(violation, [reported, sealed])
      .when(
        'ConfirmViolation',
        { ...confirmation, heardAt: HEARD, explanation: EXPLANATION },
        { actor: curator },
      )
      .thenNothing();
  });
});

describe('PreserveContent', () => {
  it('given a report, when a copy is put by, then that is recorded', () => {
    given(violation, [reported]).when('PreserveContent', preservation, { actor: curator }).then([preserved]);
  });

  it('given no report, when a copy is put by, then the clause of manners refuses', () => {
    given(violation).when('PreserveContent', preservation).thenRefused('4.5.3', 'reported-first');
  });

  it('given the copy, when it is put by again, then nothing is recorded', () => {
    given(violation, [reported, preserved]).when('PreserveContent', preservation).thenNothing();
  });

  it('given a copy, when another is put by, then that is recorded', () => {
    const fileSha256 = 'b'.repeat(64);
    given(violation, [reported, preserved])
      .when('PreserveContent', { ...preservation, fileSha256 }, { actor: curator })
      .then([ContentPreserved.of({ ...preserved.data, fileSha256 })]);
  });
});

describe('RequestRemoval', () => {
  const request = { violationId, mid, to: 'author' as const };
  const requested = ContentRemovalRequested.of(request);

  it('given a copy was put by, when removal is requested, then that is recorded', () => {
    given(violation, [reported, preserved]).when('RequestRemoval', request).then([requested]);
  });

  it('given no report, when removal is requested, then the clause of manners refuses', () => {
    given(violation).when('RequestRemoval', request).thenRefused('4.5.3', 'reported-first');
  });

  it('given only another message was put by, when removal is requested, then 4.6.1 refuses', () => {
    const another = ContentPreserved.of({ ...preserved.data, mid: 'mid.2' });
    given(violation, [reported, another])
      .when('RequestRemoval', request)
      .thenRefused('4.6.1', 'preserve-first');
  });

  it('given the request, when it is made again, then nothing is recorded', () => {
    given(violation, [reported, preserved, requested]).when('RequestRemoval', request).thenNothing();
  });

  it('given the request, when another is asked, then that is recorded', () => {
    given(violation, [reported, preserved, requested])
      .when('RequestRemoval', { ...request, to: 'vendor' })
      .then([ContentRemovalRequested.of({ ...request, to: 'vendor' })]);
  });
});

describe('RecordContentRemoved', () => {
  const removal = { violationId, mid, removedById: subjectId };
  const removed = ContentRemoved.of({ violationId, mid, by: subjectId, at: NOW });

  it.each([
    ['a copy that was put by', [reported, preserved]],
    ['no copy', [reported]],
    ['no report', []],
  ])('given %s, when the message is gone, then that is recorded', (_what, events) => {
    given(violation, events).when('RecordContentRemoved', removal).then([removed]);
  });

  it('given the moderator removed it, when it is entered, then the moderator is named', () => {
    given(violation, [reported])
      .when('RecordContentRemoved', { violationId, mid }, { actor: curator })
      .then([ContentRemoved.of({ ...removed.data, by: curator.id })]);
  });

  it('given the removal, when it is entered again, then nothing is recorded', () => {
    given(violation, [reported, removed]).when('RecordContentRemoved', removal).thenNothing();
  });

  it('given the removal, when the message was posted again and removed later, then that is recorded', () => {
    given(violation, [reported, removed])
      .when('RecordContentRemoved', removal, { occurredAt: LATER })
      .then([ContentRemoved.of({ ...removed.data, at: LATER })]);
  });
});

describe('RecordMeasure', () => {
  const measure = { violationId, kind: 'talk' as const, date: '2025-11-20' };

  it('given a confirmed violation, when a measure is taken, then it is recorded', () => {
    given(violation, [reported, confirmed])
      .when('RecordMeasure', measure)
      .then([MeasureRecorded.of(measure)]);
  });

  it('given the measure, when it is entered again, then nothing is recorded', () => {
    given(violation, [reported, confirmed, MeasureRecorded.of(measure)])
      .when('RecordMeasure', measure)
      .thenNothing();
  });

  it.each([
    ['kind', { kind: 'warning' as const }],
    ['order', { orderRef: '№ 12 от 20.11.2025' }],
    ['date', { date: '2025-11-21' }],
  ])('given a measure, when one with another %s is taken, then that is recorded', (_what, other) => {
    given(violation, [reported, confirmed, MeasureRecorded.of(measure)])
      .when('RecordMeasure', { ...measure, ...other })
      .then([MeasureRecorded.of({ ...measure, ...other })]);
  });

  it.each([
    ['only reported', [reported]],
    ['dismissed', [reported, dismissed]],
    ['reported again after its dismissal', [reported, dismissed, ofFather]],
  ])('given it is %s, when a measure is taken, then its clause refuses', (_what, events) => {
    given(violation, events)
      .when('RecordMeasure', measure)
      .thenRefused('4.5.3', 'measure-after-confirmation');
  });
});

describe('incident-of-pdn-collection', () => {
  const follow = (data: Partial<typeof confirmed.data>) =>
    incidentOfPdnCollection.follow({ data: { ...confirmed.data, ...data }, occurredAt: LATER });
  const collected = IncidentRegistered.of({
    incidentId: incidentOfViolation(violationId),
    kind: 'data_leak',
    clauseIds: ['4.6.2'],
    detectedAt: NOW,
    severity: 'high',
  });
  const system = { id: 'letopis', role: 'system' };

  it('given unlawful collection is confirmed, then an incident is registered as detected when it was reported', () => {
    expect(follow({ kind: 'pdn_collection' })).toEqual([
      { command: 'RegisterIncident', payload: collected.data },
    ]);
  });

  it('given it follows, when Letopis registers the incident, then that is recorded', () => {
    const [{ payload } = { payload: {} }] = follow({ kind: 'pdn_collection' });
    given(incident).when('RegisterIncident', payload, { actor: system }).then([collected]);
  });

  it('given it follows once more, when Letopis registers the incident, then nothing is recorded', () => {
    const [{ payload } = { payload: {} }] = follow({ kind: 'pdn_collection' });
    given(incident, [collected]).when('RegisterIncident', payload, { actor: system }).thenNothing();
  });

  it('given it follows, then Letopis may register it', () => {
    expect(commandOf('RegisterIncident').actors).toContain('system');
  });

  it.each(KINDS.map(([kind]) => kind).filter((kind) => kind !== 'pdn_collection'))(
    'given %s is confirmed, then no incident follows',
    (kind) => {
      expect(follow({ kind })).toEqual([]);
    },
  );
});
