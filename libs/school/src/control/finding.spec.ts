import { fold } from '@letopis/kernel';
import { commandOf, given, idOf, NOW, problemsOf } from '../testing';
import {
  finding,
  FindingDismissed,
  type FindingEvent,
  FindingExcepted,
  FindingRemediationAssigned,
  FindingRemedied,
  FindingRemedyVerified,
  FindingReopened,
  FindingReturned,
  type FindingWorkflowStatus,
} from './finding';

const findingId = idOf('finding');
const director = { id: idOf('director'), role: 'director' };
const deputy = { id: idOf('deputy'), role: 'deputy' };
const curator = { id: idOf('curator'), role: 'curator' };
const teacher = { id: idOf('teacher'), role: 'teacher' };
const DUE = '2025-11-28T13:00:00.000Z';
const UNTIL = '2026-01-31T13:00:00.000Z';
const LATER = '2025-11-18T09:00:00.000Z';

const about = { findingId, controlId: 'C14' };
const ofAnother = { findingId, controlId: 'C15' };
const byDeputy = { by: deputy.id, at: NOW };
const byDirector = { by: director.id, at: NOW };

const assign = {
  ...about,
  assigneeId: curator.id,
  dueAt: DUE,
  recommendation: 'Удалить посторонних из чата',
};
const mend = { ...about, evidenceRef: 'акт № 4', note: 'Состав сверен со списком' };
const send = { ...about, reason: 'В чате остался посторонний' };
const except = { ...about, reason: 'Второй администратор с февраля', until: UNTIL };
const dismiss = { ...about, reason: 'Список обновлён с опозданием' };
const reopen = { ...about, reason: 'Посторонний снова в чате' };

const assigned = FindingRemediationAssigned.of({ ...assign, ...byDeputy });
const remedied = FindingRemedied.of({ ...mend, by: curator.id, at: NOW });
const verified = FindingRemedyVerified.of({ ...about, ...byDeputy });
const returned = FindingReturned.of({ ...send, ...byDeputy });
const excepted = FindingExcepted.of({ ...except, ...byDirector });
const dismissed = FindingDismissed.of({ ...dismiss, ...byDeputy });
const reopened = FindingReopened.of({ ...reopen, ...byDeputy });

const settled: [string, FindingEvent[]][] = [
  ['verified as mended', [remedied, verified]],
  ['dismissed', [dismissed]],
];

describe('AssignFindingRemediation', () => {
  it('given nothing, when the deputy assigns it, then who, by when and by whom are recorded in UTC', () => {
    given(finding)
      .when('AssignFindingRemediation', { ...assign, dueAt: '2025-11-28T18:00:00+05:00' }, { actor: deputy })
      .then([assigned]);
  });

  it('given its term is not ahead, when it is assigned, then 3.2.5 refuses', () => {
    given(finding)
      .when('AssignFindingRemediation', { ...assign, dueAt: NOW })
      .thenRefused('3.2.5', 'due-ahead');
  });

  it('given it is assigned, when the same is told later, then nothing is recorded', () => {
    given(finding, [assigned])
      .when('AssignFindingRemediation', assign, { actor: deputy, occurredAt: LATER })
      .thenNothing();
  });

  it('given it was mended, when the same assignment is told again, then nothing is recorded', () => {
    given(finding, [assigned, remedied])
      .when('AssignFindingRemediation', assign, { actor: deputy })
      .thenNothing();
  });

  it('given it is assigned, when it is assigned to another, then that takes its place', () => {
    const other = { ...assign, assigneeId: teacher.id };
    given(finding, [assigned])
      .when('AssignFindingRemediation', other, { actor: deputy })
      .then([FindingRemediationAssigned.of({ ...other, ...byDeputy })]);
  });

  it('given it is excepted, when the assignment of before is given again, then it is recorded', () => {
    given(finding, [assigned, excepted])
      .when('AssignFindingRemediation', assign, { actor: deputy })
      .then([assigned]);
  });

  it.each(settled)('given it was %s, when it is assigned, then 3.2.5 refuses', (_what, events) => {
    given(finding, events)
      .when('AssignFindingRemediation', assign, { actor: deputy })
      .thenRefused('3.2.5', 'not-settled');
  });
});

describe('ReportFindingRemedied', () => {
  it('given no assignment, when a curator reports it, then what shows it is recorded', () => {
    given(finding).when('ReportFindingRemedied', mend, { actor: curator }).then([remedied]);
  });

  it('given an assignment, when the assignee reports it, then it is recorded', () => {
    given(finding, [assigned]).when('ReportFindingRemedied', mend, { actor: curator }).then([remedied]);
  });

  it.each([director, deputy])(
    'given an assignment, when the $role reports it, then it is recorded',
    (actor) => {
      given(finding, [assigned])
        .when('ReportFindingRemedied', mend, { actor })
        .then([FindingRemedied.of({ ...mend, by: actor.id, at: NOW })]);
    },
  );

  it('given an assignment to another, when a teacher reports it, then 3.2.5 refuses', () => {
    given(finding, [assigned])
      .when('ReportFindingRemedied', mend, { actor: teacher })
      .thenRefused('3.2.5', 'by-assignee');
  });

  it('given it is excepted, when it is mended all the same, then it is recorded', () => {
    given(finding, [excepted]).when('ReportFindingRemedied', mend, { actor: curator }).then([remedied]);
  });

  it('given it is reported, when the same is told later, then nothing is recorded', () => {
    given(finding, [remedied])
      .when('ReportFindingRemedied', mend, { actor: curator, occurredAt: LATER })
      .thenNothing();
  });

  it.each([
    ['something else shows it', { ...mend, evidenceRef: 'акт № 5' }, curator],
    ['somebody else says so', mend, teacher],
  ])('given it is reported, when %s, then 3.2.5 refuses', (_what, payload, actor) => {
    given(finding, [remedied])
      .when('ReportFindingRemedied', payload, { actor })
      .thenRefused('3.2.5', 'remedied-once');
  });

  it('given it was returned, when the same is reported again, then it is recorded', () => {
    given(finding, [assigned, remedied, returned])
      .when('ReportFindingRemedied', mend, { actor: curator })
      .then([remedied]);
  });

  it.each(settled)('given it was %s, when it is reported as mended, then 3.2.5 refuses', (_what, events) => {
    given(finding, events)
      .when('ReportFindingRemedied', mend, { actor: curator })
      .thenRefused('3.2.5', 'not-settled');
  });
});

describe('VerifyFindingRemedied', () => {
  it('given somebody mended it, when the deputy has checked, then that is recorded', () => {
    given(finding, [assigned, remedied])
      .when('VerifyFindingRemedied', about, { actor: deputy })
      .then([verified]);
  });

  it('given the deputy reported it as mended, when the same deputy checks, then 3.2.5 refuses', () => {
    given(finding, [FindingRemedied.of({ ...mend, ...byDeputy })])
      .when('VerifyFindingRemedied', about, { actor: deputy })
      .thenRefused('3.2.5', 'checker-not-checked');
  });

  it.each<[string, FindingEvent[]]>([
    ['nothing', []],
    ['an assignment', [assigned]],
    ['it was returned', [remedied, returned]],
    ['it is excepted', [remedied, excepted]],
  ])('given %s, when it is verified, then 3.2.5 refuses', (_what, events) => {
    given(finding, events)
      .when('VerifyFindingRemedied', about, { actor: deputy })
      .thenRefused('3.2.5', 'remedied-first');
  });

  it('given it is verified, when the same is told later, then nothing is recorded', () => {
    given(finding, [remedied, verified])
      .when('VerifyFindingRemedied', about, { actor: deputy, occurredAt: LATER })
      .thenNothing();
  });

  it('given it is verified, when another verifies it, then 3.2.5 refuses', () => {
    given(finding, [remedied, verified])
      .when('VerifyFindingRemedied', about, { actor: director })
      .thenRefused('3.2.5', 'not-settled');
  });
});

describe('ReturnFinding', () => {
  it('given it is reported as mended, when that is not enough, then it is recorded why', () => {
    given(finding, [assigned, remedied]).when('ReturnFinding', send, { actor: deputy }).then([returned]);
  });

  it('given it is not reported as mended, when it is returned, then 3.2.5 refuses', () => {
    given(finding, [assigned]).when('ReturnFinding', send).thenRefused('3.2.5', 'remedied-first');
  });

  it('given it is returned, when the same is told later, then nothing is recorded', () => {
    given(finding, [assigned, remedied, returned])
      .when('ReturnFinding', send, { actor: deputy, occurredAt: LATER })
      .thenNothing();
  });

  it.each(settled)('given it was %s, when it is returned, then 3.2.5 refuses', (_what, events) => {
    given(finding, events).when('ReturnFinding', send).thenRefused('3.2.5', 'not-settled');
  });
});

describe('ExceptFinding', () => {
  it('given nothing, when the director excepts it, then why and until when are recorded in UTC', () => {
    given(finding)
      .when('ExceptFinding', { ...except, until: '2026-01-31T18:00:00+05:00' }, { actor: director })
      .then([excepted]);
  });

  it('given its end is not ahead, when it is excepted, then 3.2.5 refuses', () => {
    given(finding)
      .when('ExceptFinding', { ...except, until: NOW })
      .thenRefused('3.2.5', 'until-ahead');
  });

  it('given it is excepted, when the same is told later, then nothing is recorded', () => {
    given(finding, [excepted])
      .when('ExceptFinding', except, { actor: director, occurredAt: LATER })
      .thenNothing();
  });

  it('given it is excepted, when it is excepted for longer, then that is recorded too', () => {
    const longer = { ...except, until: '2026-02-28T13:00:00.000Z' };
    given(finding, [excepted])
      .when('ExceptFinding', longer, { actor: director })
      .then([FindingExcepted.of({ ...longer, ...byDirector })]);
  });

  it.each(settled)('given it was %s, when it is excepted, then 3.2.5 refuses', (_what, events) => {
    given(finding, events).when('ExceptFinding', except).thenRefused('3.2.5', 'not-settled');
  });
});

describe('DismissFinding', () => {
  it.each<[string, FindingEvent[]]>([
    ['nothing', []],
    ['an assignment', [assigned]],
    ['it is reported as mended', [remedied]],
    ['it is excepted', [excepted]],
  ])('given %s, when it is no breach, then it is recorded why', (_what, events) => {
    given(finding, events).when('DismissFinding', dismiss, { actor: deputy }).then([dismissed]);
  });

  it('given it is dismissed, when the same is told later, then nothing is recorded', () => {
    given(finding, [dismissed])
      .when('DismissFinding', dismiss, { actor: deputy, occurredAt: LATER })
      .thenNothing();
  });

  it.each(settled)(
    'given it was %s, when it is dismissed for another reason, then 3.2.5 refuses',
    (_w, events) => {
      given(finding, events)
        .when('DismissFinding', { ...dismiss, reason: 'Иное' }, { actor: deputy })
        .thenRefused('3.2.5', 'not-settled');
    },
  );
});

describe('ReopenFinding', () => {
  it.each<[string, FindingEvent[]]>([...settled, ['excepted', [excepted]]])(
    'given it was %s, when it is looked at again, then it is recorded why',
    (_what, events) => {
      given(finding, events).when('ReopenFinding', reopen, { actor: deputy }).then([reopened]);
    },
  );

  it.each<[string, FindingEvent[]]>([
    ['nothing', []],
    ['an assignment', [assigned]],
    ['it is reported as mended', [remedied]],
  ])('given %s, when it is reopened, then 3.2.5 refuses', (_what, events) => {
    given(finding, events)
      .when('ReopenFinding', reopen, { actor: deputy })
      .thenRefused('3.2.5', 'settled-first');
  });

  it('given it is reopened, when the same is told later, then nothing is recorded', () => {
    given(finding, [dismissed, reopened])
      .when('ReopenFinding', reopen, { actor: deputy, occurredAt: LATER })
      .thenNothing();
  });
});

describe('every decision on a finding', () => {
  it.each<[string, object, FindingEvent[]]>([
    ['AssignFindingRemediation', { ...assign, ...ofAnother }, [assigned]],
    ['ReportFindingRemedied', { ...mend, ...ofAnother }, [assigned]],
    ['VerifyFindingRemedied', ofAnother, [remedied]],
    ['ReturnFinding', { ...send, ...ofAnother }, [remedied]],
    ['ExceptFinding', { ...except, ...ofAnother }, [assigned]],
    ['DismissFinding', { ...dismiss, ...ofAnother }, [assigned]],
    ['ReopenFinding', { ...reopen, ...ofAnother }, [dismissed]],
  ])('given it is of one control, when %s names another, then 3.2.5 refuses', (name, payload, events) => {
    given(finding, events).when(name, payload).thenRefused('3.2.5', 'one-control');
  });

  it.each<[string, object, string]>([
    ['AssignFindingRemediation', { ...assign, controlId: 'C99' }, '/controlId'],
    ['AssignFindingRemediation', { ...assign, assigneeId: 'Анна' }, '/assigneeId'],
    ['AssignFindingRemediation', { ...assign, dueAt: '2025-11-28' }, '/dueAt'],
    ['AssignFindingRemediation', { ...assign, recommendation: ' ' }, '/recommendation'],
    ['ReportFindingRemedied', { ...mend, evidenceRef: '' }, '/evidenceRef'],
    ['ReportFindingRemedied', { ...mend, note: 'н'.repeat(2_001) }, '/note'],
    ['VerifyFindingRemedied', { ...about, findingId: 'C14' }, '/findingId'],
    ['ReturnFinding', about, '/reason'],
    ['ExceptFinding', { ...except, until: undefined }, '/until'],
    ['DismissFinding', about, '/reason'],
    ['ReopenFinding', about, '/reason'],
  ])('%s refuses what is not valid: %j', (name, payload, path) => {
    const paths = problemsOf(commandOf(name), payload).map((problem) => problem.split(' ')[0]);
    expect([...new Set(paths)]).toEqual([path]);
  });

  it.each([
    ['AssignFindingRemediation', ['director', 'deputy']],
    ['ReportFindingRemedied', ['director', 'deputy', 'platform_admin', 'curator', 'teacher', 'pdn_officer']],
    ['VerifyFindingRemedied', ['director', 'deputy']],
    ['ReturnFinding', ['director', 'deputy']],
    ['ExceptFinding', ['director']],
    ['DismissFinding', ['director', 'deputy']],
    ['ReopenFinding', ['director', 'deputy']],
  ])('%s is for %j', (name, actors) => {
    expect(commandOf(name).actors).toEqual(actors);
  });
});

describe('where a finding stands', () => {
  it.each<[FindingWorkflowStatus, string, FindingEvent[]]>([
    ['untouched', 'nothing was decided', []],
    ['assigned', 'somebody is to mend it', [assigned]],
    ['remedied', 'it was mended', [assigned, remedied]],
    ['verified', 'that was checked', [assigned, remedied, verified]],
    ['assigned', 'what was done is not enough', [assigned, remedied, returned]],
    ['untouched', 'what was done is not enough, and nobody is to mend it', [remedied, returned]],
    ['excepted', 'it may rest', [assigned, excepted]],
    ['dismissed', 'it is no breach', [dismissed]],
    ['assigned', 'it is looked at again after somebody was to mend it', [assigned, dismissed, reopened]],
    ['untouched', 'it is looked at again', [dismissed, reopened]],
  ])('%s: %s', (status, _what, events) => {
    expect(fold(finding, events).status).toBe(status);
  });

  it('keeps the assignment in force through what else is decided', () => {
    const { assigned: kept } = fold(finding, [assigned, remedied, verified, reopened]);
    expect(kept).toEqual(assigned.data);
  });
});
