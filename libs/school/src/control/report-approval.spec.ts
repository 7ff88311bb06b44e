import { fold } from '@letopis/kernel';
import { commandOf, given, idOf, NOW, problemsOf } from '../testing';
import {
  controlReport,
  type ControlReportEvent,
  ControlReportRegistered,
  ReportAcknowledged,
  ReportApproved,
  ReportWithdrawn,
} from './report-approval';

const reportId = idOf('report');
const digest = 'a'.repeat(64);
const otherDigest = 'b'.repeat(64);
const letopis = { id: 'letopis', role: 'system' };
const director = { id: idOf('director'), role: 'director' };
const successor = { id: idOf('successor'), role: 'director' };
const teacher = { id: idOf('teacher'), role: 'teacher' };
const EARLIER = '2025-11-17T09:00:00.000Z';
const LATER = '2025-11-18T09:00:00.000Z';

const register = {
  reportId,
  digest,
  kind: 'control' as const,
  from: '2025-09-30T19:00:00.000Z',
  to: '2025-10-31T19:00:00.000Z',
};
const approve = { reportId, digest };
const withdraw = { reportId, reason: 'Запись внесена с опозданием' };

const registered = ControlReportRegistered.of(register);
const approved = ReportApproved.of({ ...approve, by: director.id, at: NOW });
const acknowledged = ReportAcknowledged.of({ reportId, personId: teacher.id, at: NOW });
const withdrawn = ReportWithdrawn.of({ ...withdraw, by: director.id, at: NOW });

describe('RegisterControlReport', () => {
  it('given nothing, when a report was made, then its digest and period are recorded in UTC', () => {
    given(controlReport)
      .when(
        'RegisterControlReport',
        { ...register, from: '2025-10-01T00:00:00+05:00', to: '2025-11-01T00:00:00+05:00' },
        { actor: letopis },
      )
      .then([registered]);
  });

  it('given nothing, when it takes the place of another, then that is recorded', () => {
    const revision = { ...register, revises: idOf('former report') };
    given(controlReport)
      .when('RegisterControlReport', revision)
      .then([ControlReportRegistered.of(revision)]);
  });

  it('given it is registered, when the same is told again, then nothing is recorded', () => {
    given(controlReport, [registered]).when('RegisterControlReport', register).thenNothing();
  });

  it('given it is registered, when another content comes under its id, then that is recorded too', () => {
    given(controlReport, [registered])
      .when('RegisterControlReport', { ...register, digest: otherDigest })
      .then([ControlReportRegistered.of({ ...register, digest: otherDigest })]);
  });

  it.each([
    ['its period is over as it begins', { to: register.from }, '/payload/to'],
    ['it takes the place of itself', { revises: reportId }, '/payload/revises'],
  ])('given %s, when it is registered, then that is not valid', (_what, wrong, path) => {
    given(controlReport)
      .when('RegisterControlReport', { ...register, ...wrong })
      .thenInvalid(path);
  });

  it('is for Letopis alone', () => {
    expect(commandOf('RegisterControlReport').actors).toEqual(['system']);
  });
});

describe('ApproveReport', () => {
  it('given a report, when the director approves it by its digest, then who and when are recorded', () => {
    given(controlReport, [registered]).when('ApproveReport', approve, { actor: director }).then([approved]);
  });

  it('given another digest, when it is approved, then 3.2.5 refuses', () => {
    given(controlReport, [registered])
      .when('ApproveReport', { reportId, digest: otherDigest })
      .thenRefused('3.2.5', 'digest-registered');
  });

  it('given another content came under its id later, when that is approved, then 3.2.5 refuses', () => {
    given(controlReport, [registered, ControlReportRegistered.of({ ...register, digest: otherDigest })])
      .when('ApproveReport', { reportId, digest: otherDigest })
      .thenRefused('3.2.5', 'digest-registered');
  });

  it('given no report, when it is approved, then 3.2.5 refuses', () => {
    given(controlReport).when('ApproveReport', approve).thenRefused('3.2.5', 'registered-first');
  });

  it('given it was withdrawn, when it is approved, then 3.2.5 refuses', () => {
    given(controlReport, [registered, withdrawn])
      .when('ApproveReport', approve)
      .thenRefused('3.2.5', 'not-withdrawn');
  });

  it('given it is approved, when the same director says so later, then nothing is recorded', () => {
    given(controlReport, [registered, approved])
      .when('ApproveReport', approve, { actor: director, occurredAt: LATER })
      .thenNothing();
  });

  it('given it is approved, when another director approves it, then 3.2.5 refuses', () => {
    given(controlReport, [registered, approved])
      .when('ApproveReport', approve, { actor: successor })
      .thenRefused('3.2.5', 'approved-once');
  });

  it('is for the director alone', () => {
    expect(commandOf('ApproveReport').actors).toEqual(['director']);
  });
});

describe('AcknowledgeReport', () => {
  it('given a report, when a teacher has seen it, then it is recorded of the teacher', () => {
    given(controlReport, [registered])
      .when('AcknowledgeReport', { reportId }, { actor: teacher })
      .then([acknowledged]);
  });

  it('given a report, when the director enters a signature, then it is recorded of who signed', () => {
    given(controlReport, [registered])
      .when('AcknowledgeReport', { reportId, personId: teacher.id }, { actor: director })
      .then([acknowledged]);
  });

  it('given a report, when a teacher names somebody else, then that is not valid', () => {
    given(controlReport, [registered])
      .when('AcknowledgeReport', { reportId, personId: director.id }, { actor: teacher })
      .thenInvalid('/payload/personId');
  });

  it.each<[string, ControlReportEvent[]]>([
    ['no report', []],
    ['it was withdrawn', [registered, withdrawn]],
  ])('given %s, when somebody has seen it, then it is recorded all the same', (_what, events) => {
    given(controlReport, events)
      .when('AcknowledgeReport', { reportId }, { actor: teacher })
      .then([acknowledged]);
  });

  it('given it was seen, when it is seen again, then nothing is recorded', () => {
    given(controlReport, [registered, acknowledged])
      .when('AcknowledgeReport', { reportId }, { actor: teacher, occurredAt: LATER })
      .thenNothing();
  });

  it('given it was seen, when it turns out to have been seen earlier, then that is recorded', () => {
    given(controlReport, [registered, acknowledged])
      .when('AcknowledgeReport', { reportId }, { actor: teacher, occurredAt: EARLIER })
      .then([ReportAcknowledged.of({ ...acknowledged.data, at: EARLIER })]);
  });

  it('is for the staff', () => {
    expect(commandOf('AcknowledgeReport').actors).toEqual([
      'director',
      'deputy',
      'platform_admin',
      'curator',
      'teacher',
      'pdn_officer',
    ]);
  });
});

describe('WithdrawReport', () => {
  it.each<[string, ControlReportEvent[]]>([
    ['before approval', [registered]],
    ['after approval', [registered, approved]],
  ])('given a report %s, when the director withdraws it, then it is recorded why', (_what, events) => {
    given(controlReport, events).when('WithdrawReport', withdraw, { actor: director }).then([withdrawn]);
  });

  it('given no report, when it is withdrawn, then 3.2.5 refuses', () => {
    given(controlReport).when('WithdrawReport', withdraw).thenRefused('3.2.5', 'registered-first');
  });

  it('given it is withdrawn, when the same is told later, then nothing is recorded', () => {
    given(controlReport, [registered, withdrawn])
      .when('WithdrawReport', withdraw, { actor: director, occurredAt: LATER })
      .thenNothing();
  });

  it('given it is withdrawn, when it is withdrawn for another reason, then 3.2.5 refuses', () => {
    given(controlReport, [registered, withdrawn])
      .when('WithdrawReport', { ...withdraw, reason: 'Иная причина' }, { actor: director })
      .thenRefused('3.2.5', 'not-withdrawn');
  });

  it('is for the director alone', () => {
    expect(commandOf('WithdrawReport').actors).toEqual(['director']);
  });
});

describe('a payload on a report', () => {
  it.each<[string, object, string]>([
    ['RegisterControlReport', { ...register, reportId: 'F6' }, '/reportId'],
    ['RegisterControlReport', { ...register, digest: digest.toUpperCase() }, '/digest'],
    ['RegisterControlReport', { ...register, kind: 'check' }, '/kind'],
    ['RegisterControlReport', { ...register, from: '2025-10-01' }, '/from'],
    ['RegisterControlReport', { ...register, to: undefined }, '/to'],
    ['RegisterControlReport', { ...register, revises: '№ 1' }, '/revises'],
    ['ApproveReport', { reportId, digest: 'a' }, '/digest'],
    ['AcknowledgeReport', { reportId, personId: 'Анна' }, '/personId'],
    ['WithdrawReport', { reportId, reason: '' }, '/reason'],
  ])('%s refuses what is not valid: %j', (name, payload, path) => {
    const paths = problemsOf(commandOf(name), payload).map((problem) => problem.split(' ')[0]);
    expect([...new Set(paths)]).toEqual([path]);
  });
});

describe('a report', () => {
  it('given somebody turns out to have seen it earlier, then the earlier instant is known of it', () => {
    const earlier = ReportAcknowledged.of({ ...acknowledged.data, at: EARLIER });
    const { acknowledged: known } = fold(controlReport, [acknowledged, earlier, acknowledged]);
    expect([...known]).toEqual([[teacher.id, EARLIER]]);
  });
});
