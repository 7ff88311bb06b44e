import { given, idOf, NOW } from '../testing';
import {
  AccountContained,
  AccountRestored,
  incident,
  IncidentRegistered,
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
const contained = AccountContained.of({ incidentId, actions: ['password'], at: NOW });
const restored = AccountRestored.of({ incidentId, at: NOW });
const registered = IncidentRegistered.of({
  incidentId,
  kind: 'unauthorized_access',
  clauseIds: ['4.5.2'],
  detectedAt: DETECTED,
  severity: 'high',
});

describe('ReportUnauthorizedAccess', () => {
  const report = { incidentId, affectedPersonId, detectedAt: '2025-11-17T18:40:00+05:00' };

  it('given no report, when somebody tells the administrator, then the teller and the instants in UTC are recorded', () => {
    given(incident).when('ReportUnauthorizedAccess', report, { actor: mother }).then([reported]);
  });

  it('given a report on paper, when it is entered, then the reporter and the time of the report are those it names', () => {
    given(incident)
      .when('ReportUnauthorizedAccess', {
        ...report,
        reporterId: idOf('father'),
        reportedAt: '2025-11-17T18:50:00+05:00',
        circumstances: 'Рассылка ссылок',
      })
      .then([
        UnauthorizedAccessReported.of({
          ...reported.data,
          reporterId: idOf('father'),
          reportedAt: '2025-11-17T13:50:00.000Z',
          circumstances: 'Рассылка ссылок',
        }),
      ]);
  });

  it('given it was noticed after the report, when it is entered, then it is invalid', () => {
    given(incident)
      .when('ReportUnauthorizedAccess', { ...report, detectedAt: '2025-11-17T14:05:01Z' })
      .thenInvalid('/payload/detectedAt');
  });

  it('given a report, when the same person reports again, then nothing is recorded', () => {
    given(incident, [reported]).when('ReportUnauthorizedAccess', report, { actor: mother }).thenNothing();
  });

  it('given a report, when another person reports, then that is recorded too', () => {
    const father = { id: idOf('father'), role: 'parent' };
    given(incident, [reported, contained])
      .when('ReportUnauthorizedAccess', report, { actor: father })
      .then([UnauthorizedAccessReported.of({ ...reported.data, reporterId: father.id })]);
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

  it('given it is contained, when it is contained again, then nothing is recorded', () => {
    given(incident, [reported, contained]).when('ContainAccount', contain).thenNothing();
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
    clauseIds: ['4.5.2'],
    detectedAt: '2025-11-17T18:40:00+05:00',
    severity: 'high',
  };

  it('given nothing, when the incident enters the journal, then it is recorded', () => {
    given(incident).when('RegisterIncident', register).then([registered]);
  });

  it('given it is in the journal, when it is entered again, then nothing is recorded', () => {
    given(incident, [registered]).when('RegisterIncident', register).thenNothing();
  });
});
