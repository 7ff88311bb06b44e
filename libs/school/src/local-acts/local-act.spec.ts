import { given, idOf } from '../testing';
import {
  CouncilOpinionRecorded,
  LocalActIssued,
  localActs,
  LocalActTookEffect,
  LocalActRevoked,
} from './local-act';

const actId = idOf('act');
const opinionOf = (council: 'parents' | 'students' | 'staff', date = '2025-08-27') =>
  CouncilOpinionRecorded.of({ actId, council, protocolNo: '3', date, opinion: 'agree' });
const opinions = [opinionOf('parents'), opinionOf('students'), opinionOf('staff')];
const act = {
  actId,
  kind: 'polozhenie' as const,
  number: '324',
  date: '2025-08-29',
  titleRu: 'Об использовании ИКОП «Сферум» и учебного профиля мессенджера МАКС',
  clausesVersion: '2025-08-29',
  legalBasis: ['273-ФЗ', '149-ФЗ'],
  fileSha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
};
const issued = LocalActIssued.of(act);
const inForce = LocalActTookEffect.of({ actId, effectiveFrom: '2025-09-01' });
const revocation = { actId, reason: 'Протест прокурора', byOrder: '№ 41 от 12.02.2026' };
const revoked = LocalActRevoked.of(revocation);

describe('RecordCouncilOpinion', () => {
  it('given a draft, when a council gives its opinion, then it is recorded', () => {
    given(localActs)
      .when('RecordCouncilOpinion', opinionOf('parents').data)
      .then([opinionOf('parents')]);
  });

  it('given an opinion, when the same minutes are entered again, then nothing is recorded', () => {
    given(localActs, [opinionOf('parents')])
      .when('RecordCouncilOpinion', opinionOf('parents').data)
      .thenNothing();
  });

  it.each([{ opinion: 'object' as const }, { date: '2025-08-28' }, { protocolNo: '4' }])(
    'given an opinion, when one with %j is entered, then it is recorded',
    (other) => {
      const opinion = { ...opinionOf('parents').data, ...other };
      given(localActs, [opinionOf('parents')])
        .when('RecordCouncilOpinion', opinion)
        .then([CouncilOpinionRecorded.of(opinion)]);
    },
  );
});

describe('IssueLocalAct', () => {
  it('given the opinions of parents, pupils and staff, when the regulation is issued, then it is recorded', () => {
    given(localActs, opinions).when('IssueLocalAct', act).then([issued]);
  });

  it.each(['parents', 'students', 'staff'])(
    'given no opinion of the %s, when the regulation is issued, then 3.2.1 refuses',
    (council) => {
      given(
        localActs,
        opinions.filter(({ data }) => data.council !== council),
      )
        .when('IssueLocalAct', act)
        .thenRefused('3.2.1', 'opinions-before-issue');
    },
  );

  it('given an opinion from after the date of the act, when the regulation is issued, then 3.2.1 refuses', () => {
    given(localActs, [opinionOf('parents', '2025-08-30'), opinionOf('students'), opinionOf('staff')])
      .when('IssueLocalAct', act)
      .thenRefused('3.2.1', 'opinions-before-issue');
  });

  it('given no opinions, when an order is issued, then it is recorded', () => {
    given(localActs)
      .when('IssueLocalAct', { ...act, kind: 'order' })
      .then([LocalActIssued.of({ ...act, kind: 'order' })]);
  });

  it('given it is issued, when it is issued again, then nothing is recorded', () => {
    given(localActs, [...opinions, issued])
      .when('IssueLocalAct', act)
      .thenNothing();
  });

  it('given it is issued, when it is issued with another text, then 3.2.1 refuses', () => {
    given(localActs, [...opinions, issued])
      .when('IssueLocalAct', { ...act, fileSha256: 'a'.repeat(64) })
      .thenRefused('3.2.1', 'issued-once');
  });

  it('given the act names no laws, when it is issued, then 1.2 refuses', () => {
    given(localActs, opinions)
      .when('IssueLocalAct', { ...act, legalBasis: [] })
      .thenRefused('1.2', 'legal-basis');
  });

  it('given the number is taken this year, when another act is issued, then 3.2.1 refuses', () => {
    given(localActs, [issued])
      .when('IssueLocalAct', { ...act, kind: 'order', actId: idOf('other'), date: '2025-12-31' })
      .thenRefused('3.2.1', 'unique-number');
  });

  it('given the number was taken last year, when another act is issued, then it is recorded', () => {
    const next = { ...act, kind: 'order' as const, actId: idOf('other'), date: '2026-01-12' };
    given(localActs, [issued])
      .when('IssueLocalAct', next)
      .then([LocalActIssued.of(next)]);
  });
});

describe('RegisterLocalAct', () => {
  it('given no opinions, when a signed regulation is entered, then it is recorded all the same', () => {
    given(localActs).when('RegisterLocalAct', act).then([issued]);
  });

  it('given the number is taken, when another signed act is entered, then it is recorded all the same', () => {
    const other = { ...act, actId: idOf('other') };
    given(localActs, [issued])
      .when('RegisterLocalAct', other)
      .then([LocalActIssued.of(other)]);
  });

  it('given the act, when it is entered again, then nothing is recorded', () => {
    given(localActs, [issued]).when('RegisterLocalAct', act).thenNothing();
  });

  it('given the act, when it is entered with another text, then it is recorded', () => {
    const other = { ...act, fileSha256: 'a'.repeat(64) };
    given(localActs, [issued])
      .when('RegisterLocalAct', other)
      .then([LocalActIssued.of(other)]);
  });

  it('given the act is in force, when it is entered again with another text, then it stays in force', () => {
    const other = LocalActIssued.of({ ...act, fileSha256: 'a'.repeat(64) });
    given(localActs, [issued, inForce, other])
      .when('PutLocalActInForce', { actId, effectiveFrom: '2025-09-01' })
      .thenNothing();
  });
});

describe('PutLocalActInForce', () => {
  const from = (effectiveFrom: string) => ({ actId, effectiveFrom });

  it('given it is issued, when it is put in force from its date on, then that is recorded', () => {
    given(localActs, [issued])
      .when('PutLocalActInForce', from('2025-08-29'))
      .then([LocalActTookEffect.of(from('2025-08-29'))]);
  });

  it.each([
    ['was never issued', []],
    ['was revoked', [issued, revoked]],
  ])('given the act %s, when it is put in force, then 5.1 refuses', (_what, events) => {
    given(localActs, events)
      .when('PutLocalActInForce', from('2025-09-01'))
      .thenRefused('5.1', 'issued-first');
  });

  it('given it is issued, when it is put in force from an earlier day, then 5.1 refuses', () => {
    given(localActs, [issued])
      .when('PutLocalActInForce', from('2025-08-28'))
      .thenRefused('5.1', 'not-before-signing');
  });

  it('given it is in force, when it is put in force again, then nothing is recorded', () => {
    given(localActs, [issued, inForce]).when('PutLocalActInForce', from('2025-09-01')).thenNothing();
  });

  it('given it is in force, when it is put in force from another day, then 5.1 refuses', () => {
    given(localActs, [issued, inForce])
      .when('PutLocalActInForce', from('2025-10-01'))
      .thenRefused('5.1', 'in-force-once');
  });
});

describe('RevokeLocalAct', () => {
  it('given it is in force, when it is revoked, then why is recorded', () => {
    given(localActs, [issued, inForce]).when('RevokeLocalAct', revocation).then([revoked]);
  });

  it('given it was never issued, when it is revoked, then 3.2.1 refuses', () => {
    given(localActs).when('RevokeLocalAct', revocation).thenRefused('3.2.1', 'issued-first');
  });

  it('given it is revoked, when it is revoked again, then nothing is recorded', () => {
    given(localActs, [issued, revoked]).when('RevokeLocalAct', revocation).thenNothing();
  });

  it('given it is revoked, when it is revoked for another reason, then 3.2.1 refuses', () => {
    given(localActs, [issued, revoked])
      .when('RevokeLocalAct', { ...revocation, reason: 'Новая редакция' })
      .thenRefused('3.2.1', 'revoked-once');
  });
});
