import { given, idOf, known, NOW, ORGANIZATION, pseudonymOf } from '../testing';
import {
  controlCheck,
  ControlCheckCompleted,
  type ControlCheckEvent,
  ControlCheckScheduled,
  ControlFindingRecorded,
  ControlReportAcknowledged,
  ControlReportApproved,
  RemediationAssigned,
  RemediationCompleted,
} from './control-check';
import { ControlPlanApproved, controlPlans } from './control-plan';

const checkId = idOf('check');
const findingId = idOf('finding');
const reportId = idOf('report');
const deputy = { id: idOf('deputy'), role: 'deputy' };
const curator = idOf('curator');
const DUE = '2025-11-28T13:00:00.000Z';

const plan = known(controlPlans, ORGANIZATION, [
  ControlPlanApproved.of({
    schoolYear: '2025/2026',
    orderRef: '№ 340',
    items: [{ controlIds: ['C13', 'C14'], dueAt: DUE, responsibleId: deputy.id, topic: 'Состав чатов' }],
  }),
]);

const adHoc = {
  checkId,
  controlIds: ['C14'],
  dueAt: DUE,
  responsibleId: deputy.id,
  subjectIds: [curator],
  basis: 'Распоряжение № 12',
  goal: 'Соответствие состава чатов спискам',
  object: 'Чаты 5-х классов',
};
const planned = {
  checkId,
  controlIds: ['C14'],
  dueAt: DUE,
  responsibleId: deputy.id,
  schoolYear: '2025/2026',
};
const scheduled = ControlCheckScheduled.of(adHoc);

const complete = { checkId, sampleSize: 24, methods: ['records'], checkerId: deputy.id };
const completed = ControlCheckCompleted.of({ ...complete, at: NOW });

const fact = 'В чате два участника, которых нет в списке';
const finding = {
  checkId,
  findingId,
  controlId: 'C14',
  clauseId: '3.3.3a',
  severity: 'high',
  evidenceRefs: [idOf('event')],
} as const;
const factDigest = pseudonymOf('control-finding', fact);
const found = ControlFindingRecorded.of({
  ...finding,
  evidenceRefs: [...finding.evidenceRefs],
  fact,
  factDigest,
});
const foundOnCurator = ControlFindingRecorded.of({
  ...finding,
  evidenceRefs: [...finding.evidenceRefs],
  subjectId: curator,
  factOnSubject: fact,
  factDigest,
});

const assign = {
  checkId,
  findingId,
  assigneeId: curator,
  dueAt: DUE,
  recommendation: 'Удалить посторонних из чата',
};
const assigned = RemediationAssigned.of(assign);
const mend = { checkId, findingId, evidenceRef: idOf('removal') };
const mended = RemediationCompleted.of({ ...mend, at: NOW });

const approve = { checkId, reportId, conclusions: 'Состав чата приведён в порядок' };
const approved = ControlReportApproved.of({ ...approve, approvedBy: deputy.id, acknowledgedBy: [] });
const acknowledge = { checkId, reportId, personId: curator };
const acknowledged = ControlReportAcknowledged.of({ ...acknowledge, at: NOW });

describe('ScheduleCheck', () => {
  it('given no plan, when a check has a basis of its own, then it is recorded with instants in UTC', () => {
    given(controlCheck)
      .when('ScheduleCheck', { ...adHoc, dueAt: '2025-11-28T18:00:00+05:00' })
      .then([scheduled]);
  });

  it('given the plan has it, when a check is scheduled by its school year, then it is recorded', () => {
    given(controlCheck, [], [plan])
      .when('ScheduleCheck', planned)
      .then([ControlCheckScheduled.of(planned)]);
  });

  it('given neither plan nor basis, when it is scheduled, then 3.2.5 refuses', () => {
    given(controlCheck)
      .when('ScheduleCheck', { ...planned, schoolYear: undefined })
      .thenRefused('3.2.5', 'plan-or-basis');
  });

  it('given the plan does not have its controls, when it is scheduled by the plan, then 3.2.5 refuses', () => {
    given(controlCheck, [], [plan])
      .when('ScheduleCheck', { ...planned, controlIds: ['C08'] })
      .thenRefused('3.2.5', 'in-plan');
  });

  it('given the responsible is among the checked, when it is scheduled, then 3.2.5 refuses', () => {
    given(controlCheck)
      .when('ScheduleCheck', { ...adHoc, responsibleId: curator })
      .thenRefused('3.2.5', 'checker-not-checked');
  });

  it('given it is scheduled, when it is scheduled again, then nothing is recorded', () => {
    given(controlCheck, [scheduled]).when('ScheduleCheck', adHoc).thenNothing();
  });

  it('given it is scheduled, when it is scheduled otherwise, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled])
      .when('ScheduleCheck', { ...adHoc, goal: 'Иная цель' })
      .thenRefused('3.2.5', 'scheduled-once');
  });
});

describe('CompleteCheck', () => {
  it('given a check, when it is completed, then the caller is who checked', () => {
    given(controlCheck, [scheduled])
      .when('CompleteCheck', { ...complete, checkerId: undefined }, { actor: deputy })
      .then([completed]);
  });

  it('given no check, when it is completed, then 3.2.5 refuses', () => {
    given(controlCheck).when('CompleteCheck', complete).thenRefused('3.2.5', 'scheduled-first');
  });

  it('given the checker is among the checked, when it is completed, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled])
      .when('CompleteCheck', { ...complete, checkerId: curator })
      .thenRefused('3.2.5', 'checker-not-checked');
  });

  it('given a finding concerns the checker, when it is completed, then 3.2.5 refuses', () => {
    given(controlCheck, [ControlCheckScheduled.of(planned), foundOnCurator])
      .when('CompleteCheck', { ...complete, checkerId: curator })
      .thenRefused('3.2.5', 'checker-not-checked');
  });

  it('given it is completed, when it is completed again later, then nothing is recorded', () => {
    given(controlCheck, [scheduled, completed])
      .when('CompleteCheck', complete, { occurredAt: DUE })
      .thenNothing();
  });

  it('given it is completed, when it is completed otherwise, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled, completed])
      .when('CompleteCheck', { ...complete, sampleSize: 25 })
      .thenRefused('3.2.5', 'completed-once');
  });
});

describe('RecordFinding', () => {
  it('given a check, when something is found that concerns nobody, then its text is in clear', () => {
    given(controlCheck, [scheduled])
      .when('RecordFinding', { ...finding, fact })
      .then([found]);
  });

  it('given a check, when something is found about a person, then its text is that person’s data', () => {
    given(controlCheck, [scheduled, completed])
      .when('RecordFinding', { ...finding, fact, subjectId: curator })
      .then([foundOnCurator]);
  });

  it('given no check, when something is found, then 3.2.5 refuses', () => {
    given(controlCheck)
      .when('RecordFinding', { ...finding, fact })
      .thenRefused('3.2.5', 'scheduled-first');
  });

  it.each<[string, readonly ControlCheckEvent[], string]>([
    ['the check is under way', [scheduled], deputy.id],
    [
      'it was completed by another',
      [scheduled, ControlCheckCompleted.of({ ...completed.data, checkerId: idOf('head') })],
      idOf('head'),
    ],
  ])('given %s, when the finding concerns who checks, then 3.2.5 refuses', (_case, events, subjectId) => {
    given(controlCheck, events)
      .when('RecordFinding', { ...finding, fact, subjectId })
      .thenRefused('3.2.5', 'checker-not-checked');
  });

  it('given the report is approved, when something is found, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled, completed, approved])
      .when('RecordFinding', { ...finding, fact })
      .thenRefused('3.2.5', 'before-report');
  });

  it('given the finding came back with its text encrypted, when it is recorded again, then nothing is recorded', () => {
    const sealed = { ...foundOnCurator, data: { ...foundOnCurator.data, factOnSubject: '…' } };
    given(controlCheck, [scheduled, sealed])
      .when('RecordFinding', { ...finding, fact, subjectId: curator })
      .thenNothing();
  });

  it('given the finding, when it is recorded with another text, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled, found])
      .when('RecordFinding', { ...finding, fact: 'В чате трое посторонних' })
      .thenRefused('3.2.5', 'recorded-once');
  });
});

describe('AssignRemediation', () => {
  it('given a finding, when it is to be mended, then by whom and when is recorded', () => {
    given(controlCheck, [scheduled, found]).when('AssignRemediation', assign).then([assigned]);
  });

  it('given no such finding, when it is to be mended, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled])
      .when('AssignRemediation', assign)
      .thenRefused('3.2.5', 'finding-on-record');
  });

  it('given its term is not ahead, when it is to be mended, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled, found])
      .when('AssignRemediation', { ...assign, dueAt: NOW })
      .thenRefused('3.2.5', 'due-ahead');
  });

  it('given it was assigned, when it is assigned again, then nothing is recorded', () => {
    given(controlCheck, [scheduled, found, assigned, mended]).when('AssignRemediation', assign).thenNothing();
  });

  it('given it was assigned, when another is to mend it, then that is recorded too', () => {
    const other = { ...assign, assigneeId: idOf('teacher') };
    given(controlCheck, [scheduled, found, assigned])
      .when('AssignRemediation', other)
      .then([RemediationAssigned.of(other)]);
  });

  it('given it was mended, when another is to mend it, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled, found, assigned, mended])
      .when('AssignRemediation', { ...assign, assigneeId: idOf('teacher') })
      .thenRefused('3.2.5', 'not-mended-yet');
  });
});

describe('CompleteRemediation', () => {
  it('given it was assigned, when it is mended, then what shows it is recorded', () => {
    given(controlCheck, [scheduled, found, assigned]).when('CompleteRemediation', mend).then([mended]);
  });

  it('given no such finding, when it is mended, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled])
      .when('CompleteRemediation', mend)
      .thenRefused('3.2.5', 'finding-on-record');
  });

  it('given it was not assigned, when it is mended, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled, found])
      .when('CompleteRemediation', mend)
      .thenRefused('3.2.5', 'assigned-first');
  });

  it('given it was mended, when it is mended again, then nothing is recorded', () => {
    given(controlCheck, [scheduled, found, assigned, mended]).when('CompleteRemediation', mend).thenNothing();
  });

  it('given it was mended, when something else shows it, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled, found, assigned, mended])
      .when('CompleteRemediation', { ...mend, evidenceRef: idOf('other') })
      .thenRefused('3.2.5', 'mended-once');
  });
});

describe('ApproveControlReport', () => {
  it('given the check is completed, when its report is approved, then the caller is who approved it', () => {
    given(controlCheck, [scheduled, completed])
      .when('ApproveControlReport', approve, { actor: deputy })
      .then([approved]);
  });

  it('given the check is not completed, when its report is approved, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled])
      .when('ApproveControlReport', approve)
      .thenRefused('3.2.5', 'completed-first');
  });

  it('given it is approved, when it is approved again, then nothing is recorded', () => {
    given(controlCheck, [scheduled, completed, approved])
      .when('ApproveControlReport', approve, { actor: deputy })
      .thenNothing();
  });

  it('given it is approved, when another report on the check is approved, then 3.2.5 refuses', () => {
    given(controlCheck, [scheduled, completed, approved])
      .when('ApproveControlReport', { ...approve, reportId: idOf('other') }, { actor: deputy })
      .thenRefused('3.2.5', 'approved-once');
  });
});

describe('AcknowledgeControlReport', () => {
  it('given a report, when somebody is shown it, then that is recorded', () => {
    given(controlCheck, [scheduled, completed, approved])
      .when('AcknowledgeControlReport', acknowledge)
      .then([acknowledged]);
  });

  it('given no report, when somebody is shown it, then that is recorded all the same', () => {
    given(controlCheck).when('AcknowledgeControlReport', acknowledge).then([acknowledged]);
  });

  it.each<[string, ControlCheckEvent]>([
    ['afterwards', acknowledged],
    ['when it was approved', ControlReportApproved.of({ ...approved.data, acknowledgedBy: [curator] })],
  ])('given it was shown %s, when it is entered again, then nothing is recorded', (_case, event) => {
    given(controlCheck, [scheduled, completed, event])
      .when('AcknowledgeControlReport', acknowledge)
      .thenNothing();
  });
});
