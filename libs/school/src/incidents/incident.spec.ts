import { given, idOf, NOW, pseudonymOf } from '../testing';
import {
  AccountContained,
  AccountRestored,
  incident,
  IncidentClosed,
  IncidentInvestigationCompleted,
  IncidentRegistered,
  PersonalDataImpactAssessed,
  RegulatorFindingsNoticeSent,
  RegulatorInitialNoticeSent,
  UnauthorizedAccessReported,
} from './incident';

const incidentId = idOf('incident');
const affectedPersonId = idOf('pupil');
const mother = { id: idOf('mother'), role: 'parent' };
const DETECTED = '2025-11-17T13:40:00.000Z';

const reported = UnauthorizedAccessReported.of({
  incidentId,
  reporterId: mother.id,
  affectedPersonId,
  detectedAt: DETECTED,
  reportedAt: NOW,
});
const LATER = '2025-11-18T08:00:00.000Z';
const ofSister = UnauthorizedAccessReported.of({ ...reported.data, affectedPersonId: idOf('sister') });
const onceMore = UnauthorizedAccessReported.of({ ...reported.data, detectedAt: LATER, reportedAt: LATER });
const contained = AccountContained.of({ incidentId, actions: ['password'], at: NOW });
const restored = AccountRestored.of({ incidentId, at: NOW });
const registered = IncidentRegistered.of({
  incidentId,
  kind: 'unauthorized_access',
  clauseIds: ['4.5.2', '3.5.4'],
  detectedAt: DETECTED,
  severity: 'high',
});
const assessed = PersonalDataImpactAssessed.of({
  incidentId,
  pdnAffected: true,
  categories: ['фамилия, имя', 'переписка'],
  subjectsCount: 27,
  harm: 'Посторонний читал переписку класса',
  detectedAt: DETECTED,
});
const unaffected = PersonalDataImpactAssessed.of({
  ...assessed.data,
  pdnAffected: false,
  categories: [],
  subjectsCount: 0,
  harm: 'Вреда нет',
});
const officer = { id: idOf('Galina'), role: 'pdn_officer' };
const initialSent = RegulatorInitialNoticeSent.of({
  incidentId,
  rknRef: '77-2025-000123',
  sentAt: NOW,
  authorisedPersonId: officer.id,
});
const findingsSent = RegulatorFindingsNoticeSent.of({
  incidentId,
  rknRef: '77-2025-000145',
  sentAt: LATER,
  culpritIds: [],
});
const investigation = { incidentId, conclusion: 'Код сообщили постороннему', causes: 'Не было разъяснений' };
const investigated = IncidentInvestigationCompleted.of(investigation);
const closed = IncidentClosed.of({ incidentId, at: LATER, approvedBy: officer.id });
const everything = [reported, contained, assessed, initialSent, findingsSent, investigated];

describe('ReportUnauthorizedAccess', () => {
  const report = { incidentId, affectedPersonId, detectedAt: '2025-11-17T18:40:00+05:00' };
  const CIRCUMSTANCES = 'Рассылка ссылок';
  const circumstantial = UnauthorizedAccessReported.of({
    ...reported.data,
    circumstances: CIRCUMSTANCES,
    circumstancesDigest: pseudonymOf('circumstances', incidentId, CIRCUMSTANCES),
  });

  it('given no report, when somebody tells the administrator, then the teller and the instants in UTC are recorded', () => {
    given(incident).when('ReportUnauthorizedAccess', report, { actor: mother }).then([reported]);
  });

  it('given a report on paper, when it is entered, then the reporter and the time of the report are those it names', () => {
    given(incident)
      .when('ReportUnauthorizedAccess', {
        ...report,
        reporterId: idOf('father'),
        reportedAt: '2025-11-17T18:50:00+05:00',
        circumstances: CIRCUMSTANCES,
      })
      .then([
        UnauthorizedAccessReported.of({
          ...reported.data,
          reporterId: idOf('father'),
          reportedAt: '2025-11-17T13:50:00.000Z',
          circumstances: CIRCUMSTANCES,
          circumstancesDigest: circumstantial.data.circumstancesDigest,
        }),
      ]);
  });

  it('given it was noticed after the report, when it is entered, then it is invalid', () => {
    given(incident)
      .when('ReportUnauthorizedAccess', { ...report, detectedAt: '2025-11-17T14:05:01Z' })
      .thenInvalid('/payload/detectedAt');
  });

  it('given a report, when the same person reports the same later, then nothing is recorded', () => {
    given(incident, [reported])
      .when('ReportUnauthorizedAccess', report, { actor: mother, occurredAt: LATER })
      .thenNothing();
  });

  it('given a report, when paper tells that it was made at another time, then that is recorded', () => {
    given(incident, [reported])
      .when('ReportUnauthorizedAccess', { ...report, reportedAt: LATER }, { actor: mother })
      .then([UnauthorizedAccessReported.of({ ...reported.data, reportedAt: LATER })]);
  });

  it('given a report, when another person reports, then that is recorded too', () => {
    const father = { id: idOf('father'), role: 'parent' };
    given(incident, [reported, contained])
      .when('ReportUnauthorizedAccess', report, { actor: father })
      .then([UnauthorizedAccessReported.of({ ...reported.data, reporterId: father.id })]);
  });

  it('given a report, when the same person reports it of another account, then that is recorded', () => {
    given(incident, [reported])
      .when('ReportUnauthorizedAccess', { ...report, affectedPersonId: idOf('sister') }, { actor: mother })
      .then([ofSister]);
  });

  it('given a report, when the same person adds circumstances, then that is recorded', () => {
    given(incident, [reported])
      .when('ReportUnauthorizedAccess', { ...report, circumstances: CIRCUMSTANCES }, { actor: mother })
      .then([circumstantial]);
  });

  it('given a report with circumstances that lie encrypted, when they are told again, then nothing is recorded', () => {
    const sealed = UnauthorizedAccessReported.of({ ...circumstantial.data, circumstances: undefined });
    given(incident, [sealed])
      .when('ReportUnauthorizedAccess', { ...report, circumstances: CIRCUMSTANCES }, { actor: mother })
      .thenNothing();
  });

  it('given a closed incident, when somebody reports further, then that is recorded', () => {
    given(incident, [...everything, closed])
      .when('ReportUnauthorizedAccess', { ...report, affectedPersonId: idOf('sister') }, { actor: mother })
      .then([ofSister]);
  });
});

describe('ContainAccount', () => {
  const contain = { incidentId, actions: ['password'] };

  it('given a report, when the account is contained, then what was done is recorded', () => {
    given(incident, [reported]).when('ContainAccount', contain).then([contained]);
  });

  it('given no report, when an account is contained, then 4.5.2 refuses', () => {
    given(incident).when('ContainAccount', contain).thenRefused('4.5.2', 'reported-first');
  });

  it('given an incident in the journal that nobody reported, when the account is contained, then that is recorded', () => {
    given(incident, [registered]).when('ContainAccount', contain).then([contained]);
  });

  it('given it is contained, when it is contained again, then nothing is recorded', () => {
    given(incident, [reported, contained]).when('ContainAccount', contain).thenNothing();
  });

  it('given it is contained, when more is done, then that is recorded', () => {
    given(incident, [reported, contained])
      .when('ContainAccount', { incidentId, actions: ['password', 'sessions_ended'] })
      .then([AccountContained.of({ ...contained.data, actions: ['password', 'sessions_ended'] })]);
  });

  it.each([
    ['another account was reported since', ofSister],
    ['it was used by another since', onceMore],
    ['the owner had it back', restored],
  ])('given it is contained and %s, when the same is done again, then that is recorded', (_what, since) => {
    given(incident, [reported, contained, since]).when('ContainAccount', contain).then([contained]);
  });
});

describe('RestoreAccount', () => {
  it('given it is contained, when the owner has it back, then that is recorded', () => {
    given(incident, [reported, contained]).when('RestoreAccount', { incidentId }).then([restored]);
  });

  it('given it is not contained, when the owner has it back, then 4.5.2 refuses', () => {
    given(incident, [reported])
      .when('RestoreAccount', { incidentId })
      .thenRefused('4.5.2', 'contained-first');
  });

  it.each([
    ['another account was reported since', ofSister],
    ['it was used by another since', onceMore],
  ])('given it is contained and %s, when the owner has it back, then 4.5.2 refuses', (_what, since) => {
    given(incident, [reported, contained, since])
      .when('RestoreAccount', { incidentId })
      .thenRefused('4.5.2', 'contained-first');
  });

  it('given it is restored, when it is restored again, then nothing is recorded', () => {
    given(incident, [reported, contained, restored]).when('RestoreAccount', { incidentId }).thenNothing();
  });

  it('given it is restored, when somebody reports it once more, then it stays restored', () => {
    const late = UnauthorizedAccessReported.of({ ...reported.data, reporterId: idOf('father') });
    given(incident, [reported, contained, restored, late])
      .when('RestoreAccount', { incidentId })
      .thenNothing();
  });
});

describe('RegisterIncident', () => {
  const register = {
    incidentId,
    kind: 'unauthorized_access',
    clauseIds: ['4.5.2', '3.5.4'],
    detectedAt: '2025-11-17T18:40:00+05:00',
    severity: 'high',
  };

  it('given nothing, when the incident enters the journal, then it is recorded', () => {
    given(incident).when('RegisterIncident', register).then([registered]);
  });

  it('given it is in the journal, when it is entered again, then nothing is recorded', () => {
    given(incident, [registered])
      .when('RegisterIncident', { ...register, clauseIds: ['3.5.4', '4.5.2'] })
      .thenNothing();
  });

  it.each([
    ['kind', 'other'],
    ['clauseIds', ['4.6.2']],
    ['detectedAt', NOW],
    ['severity', 'low'],
  ])('given it is in the journal, when it is entered with another %s, then 4.5.2 refuses', (field, value) => {
    given(incident, [registered])
      .when('RegisterIncident', { ...register, [field]: value })
      .thenRefused('4.5.2', 'registered-once');
  });
});

describe('AssessPdnImpact', () => {
  const { detectedAt: _detectedAt, ...assess } = assessed.data;
  const { detectedAt: _known, ...assessNone } = unaffected.data;

  it('given a report, when the impact is assessed, then the detection that the time limits count from goes along', () => {
    given(incident, [onceMore, reported]).when('AssessPdnImpact', assess).then([assessed]);
  });

  it('given an incident in the journal that nobody reported, when its impact is assessed, then that is recorded', () => {
    given(incident, [registered]).when('AssessPdnImpact', assess).then([assessed]);
  });

  it('given no incident, when its impact is assessed, then 4.5.2 refuses', () => {
    given(incident).when('AssessPdnImpact', assess).thenRefused('4.5.2', 'reported-first');
  });

  it.each([
    ['categories', { ...assess, categories: [] }],
    ['subjectsCount', { ...assess, subjectsCount: 0 }],
    ['categories', { ...assessNone, categories: ['переписка'] }],
    ['subjectsCount', { ...assessNone, subjectsCount: 1 }],
  ])(
    'given a report, when %s contradicts whether data were affected, then it is invalid',
    (field, payload) => {
      given(incident, [reported]).when('AssessPdnImpact', payload).thenInvalid(`/payload/${field}`);
    },
  );

  it('given the assessment, when it is made again, then nothing is recorded', () => {
    given(incident, [reported, assessed]).when('AssessPdnImpact', assess).thenNothing();
  });

  it('given the assessment, when it turns out otherwise, then the correction is recorded', () => {
    given(incident, [reported, assessed]).when('AssessPdnImpact', assessNone).then([unaffected]);
  });
});

describe('NotifyRegulator, the first notice', () => {
  const notify = {
    incidentId,
    notice: 'initial',
    rknRef: '77-2025-000123',
    authorisedPersonId: officer.id,
  };

  it('given personal data were affected, when Roskomnadzor is notified, then that is recorded', () => {
    given(incident, [reported, assessed]).when('NotifyRegulator', notify).then([initialSent]);
  });

  it('given it was sent earlier, when it is entered, then the instant of sending is recorded in UTC', () => {
    given(incident, [reported, assessed])
      .when('NotifyRegulator', { ...notify, sentAt: '2025-11-17T19:00:00+05:00' })
      .then([RegulatorInitialNoticeSent.of({ ...initialSent.data, sentAt: '2025-11-17T14:00:00.000Z' })]);
  });

  it.each([
    ['was not assessed', [reported]],
    ['affected nobody', [reported, unaffected]],
    ['affected nobody, as a correction says', [reported, assessed, unaffected]],
  ])('given the incident %s, when Roskomnadzor is notified, then 4.5.2 refuses', (_what, events) => {
    given(incident, events).when('NotifyRegulator', notify).thenRefused('4.5.2', 'pdn-affected');
  });

  it('given it was sent before the detection, when it is entered, then 4.5.2 refuses', () => {
    given(incident, [reported, assessed])
      .when('NotifyRegulator', { ...notify, sentAt: '2025-11-17T13:39:59Z' })
      .thenRefused('4.5.2', 'sent-after-detection');
  });

  it.each([
    ['authorisedPersonId', { ...notify, authorisedPersonId: undefined }],
    ['culpritIds', { ...notify, culpritIds: [idOf('stranger')] }],
    ['sentAt', { ...notify, sentAt: LATER }],
  ])('given personal data were affected, when %s does not fit, then it is invalid', (field, payload) => {
    given(incident, [reported, assessed]).when('NotifyRegulator', payload).thenInvalid(`/payload/${field}`);
  });

  it('given the notice, when it is entered again, then nothing is recorded', () => {
    given(incident, [reported, assessed, initialSent])
      .when('NotifyRegulator', notify, { occurredAt: LATER })
      .thenNothing();
  });

  it.each([
    ['rknRef', '77-2025-000124'],
    ['authorisedPersonId', idOf('Boris')],
    ['sentAt', '2025-11-17T14:00:00Z'],
  ])('given the notice, when it is entered with another %s, then 4.5.2 refuses', (field, value) => {
    given(incident, [reported, assessed, initialSent])
      .when('NotifyRegulator', { ...notify, [field]: value })
      .thenRefused('4.5.2', 'sent-once');
  });
});

describe('NotifyRegulator, the findings', () => {
  const notify = { incidentId, notice: 'findings', rknRef: '77-2025-000145' };
  const notified = [reported, assessed, initialSent];

  it('given the first notice, when the findings are sent and nobody caused it, then that is recorded', () => {
    given(incident, notified).when('NotifyRegulator', notify, { occurredAt: LATER }).then([findingsSent]);
  });

  it('given the first notice, when the findings name culprits, then they are recorded', () => {
    const culpritIds = [idOf('stranger')];
    given(incident, notified)
      .when('NotifyRegulator', { ...notify, culpritIds }, { occurredAt: LATER })
      .then([RegulatorFindingsNoticeSent.of({ ...findingsSent.data, culpritIds })]);
  });

  it('given no first notice, when the findings are sent, then 4.5.2 refuses', () => {
    given(incident, [reported, assessed])
      .when('NotifyRegulator', notify)
      .thenRefused('4.5.2', 'initial-first');
  });

  it('given the findings were sent before the first notice, when they are entered, then 4.5.2 refuses', () => {
    given(incident, notified)
      .when('NotifyRegulator', { ...notify, sentAt: '2025-11-17T14:04:59Z' })
      .thenRefused('4.5.2', 'initial-first');
  });

  it('given the first notice, when the findings name a contact, then it is invalid', () => {
    given(incident, notified)
      .when('NotifyRegulator', { ...notify, authorisedPersonId: officer.id })
      .thenInvalid('/payload/authorisedPersonId');
  });

  it('given the findings, when they are entered again, then nothing is recorded', () => {
    given(incident, [...notified, findingsSent])
      .when('NotifyRegulator', notify)
      .thenNothing();
  });

  it('given the findings, when they are entered with other culprits, then 4.5.2 refuses', () => {
    given(incident, [...notified, findingsSent])
      .when('NotifyRegulator', { ...notify, culpritIds: [idOf('stranger')] })
      .thenRefused('4.5.2', 'sent-once');
  });
});

describe('CompleteInvestigation', () => {
  it('given a report, when the investigation comes to a conclusion, then that is recorded', () => {
    given(incident, [reported]).when('CompleteInvestigation', investigation).then([investigated]);
  });

  it('given no incident, when an investigation comes to a conclusion, then 4.5.2 refuses', () => {
    given(incident).when('CompleteInvestigation', investigation).thenRefused('4.5.2', 'reported-first');
  });

  it('given the conclusion, when it is entered again, then nothing is recorded', () => {
    given(incident, [reported, investigated]).when('CompleteInvestigation', investigation).thenNothing();
  });

  it.each(['conclusion', 'causes'])(
    'given the conclusion, when it is entered with another %s, then 4.5.2 refuses',
    (field) => {
      given(incident, [reported, investigated])
        .when('CompleteInvestigation', { ...investigation, [field]: 'Иное' })
        .thenRefused('4.5.2', 'completed-once');
    },
  );

  it('given a report opened the closed incident, when it is investigated anew, then that is recorded', () => {
    given(incident, [...everything, closed, onceMore])
      .when('CompleteInvestigation', investigation)
      .then([investigated]);
  });
});

describe('CloseIncident', () => {
  const close = { incidentId };
  const circumstance = { actor: officer, occurredAt: LATER };

  it('given everything is done, when it is closed, then who approved is recorded', () => {
    given(incident, everything).when('CloseIncident', close, circumstance).then([closed]);
  });

  it('given nobody’s data were affected, when it is closed, then no notices are needed', () => {
    given(incident, [reported, contained, unaffected, investigated])
      .when('CloseIncident', close, circumstance)
      .then([closed]);
  });

  it('given an incident in the journal that nobody reported, when it is closed, then no account needs to be contained', () => {
    given(incident, [registered, unaffected, investigated])
      .when('CloseIncident', close, circumstance)
      .then([closed]);
  });

  it('given no incident, when it is closed, then 4.5.2 refuses', () => {
    given(incident).when('CloseIncident', close).thenRefused('4.5.2', 'reported-first');
  });

  it.each([
    ['взять под контроль аккаунты', everything.filter((event) => event !== contained)],
    ['взять под контроль аккаунты', [...everything, ofSister]],
    ['взять под контроль аккаунты', [...everything, onceMore]],
    ['оценить, затронуты ли персональные данные', [reported, contained, investigated]],
    ['первичное уведомление', everything.filter((event) => event !== initialSent)],
    ['уведомление о результатах расследования', everything.filter((event) => event !== findingsSent)],
    ['завершить расследование', everything.filter((event) => event !== investigated)],
  ])(
    'given it is left to do: %s, when it is closed, then 4.5.2 refuses and names just that',
    (left, events) => {
      const closing = given(incident, events).when('CloseIncident', close, circumstance);
      closing.thenRefused('4.5.2', 'obligations-closed');
      expect(() => closing.then([])).toThrow(new RegExp(`Осталось: [^;]*${left}[^;]*$`));
    },
  );

  it('given it is closed, when it is closed again, then nothing is recorded', () => {
    given(incident, [...everything, closed])
      .when('CloseIncident', close, circumstance)
      .thenNothing();
  });

  it('given a late witness of what was contained opened it again, when it is closed, then it is to be investigated anew', () => {
    const late = UnauthorizedAccessReported.of({ ...reported.data, reporterId: idOf('father') });
    given(incident, [...everything, closed, late])
      .when('CloseIncident', close, circumstance)
      .thenRefused('4.5.2', 'obligations-closed');
  });

  it('given a correction of the assessment opened it again, when it is closed, then that is recorded', () => {
    given(incident, [...everything, closed, unaffected])
      .when('CloseIncident', close, circumstance)
      .then([closed]);
  });
});
