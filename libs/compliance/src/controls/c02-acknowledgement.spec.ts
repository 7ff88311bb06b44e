import {
  GuardianRecorded,
  GuardianshipEnded,
  LocalActAcknowledged,
  LocalActIssued,
  LocalActRevoked,
  LocalActTookEffect,
  MemberMovementRecorded,
} from '@letopis/school';
import { deadlineTable, evaluateOver, findingOf, happened, history, idOf, statesOf } from '../testing';
import { mention } from '../mentions';
import { localActAcknowledged } from './c02-acknowledgement';

type Movement = Parameters<typeof MemberMovementRecorded.of>[0]['kind'];

const issued = (at: string, act = 'act', clausesVersion = '1') =>
  happened(
    at,
    LocalActIssued.of({
      actId: idOf(act),
      kind: 'polozhenie',
      number: '324',
      date: at.slice(0, 10),
      titleRu: 'Положение',
      clausesVersion,
      legalBasis: ['273-ФЗ'],
      fileSha256: '0'.repeat(64),
    }),
  );
const inForce = (at: string, effectiveFrom: string, act = 'act') =>
  happened(at, LocalActTookEffect.of({ actId: idOf(act), effectiveFrom }));
const revoked = (at: string, act = 'act') =>
  happened(at, LocalActRevoked.of({ actId: idOf(act), reason: 'Протест', byOrder: '№ 41' }));
const acknowledged = (
  at: string,
  act = 'act',
  { clausesVersion, who = 'Maria' }: { clausesVersion?: string; who?: string } = { clausesVersion: '1' },
) =>
  happened(
    at,
    LocalActAcknowledged.of({
      actId: idOf(act),
      personId: idOf(who),
      method: 'signature',
      at,
      clausesVersion,
    }),
  );
const movement = (at: string, kind: Movement, who = 'Maria', effectiveAt = at) =>
  happened(at, MemberMovementRecorded.of({ personId: idOf(who), kind, orderRef: '№ 1', effectiveAt }));
const guardian = (at: string, child = 'pupil') =>
  happened(
    at,
    GuardianRecorded.of({ personId: idOf('Maria'), childId: idOf(child), relation: 'mother', at }),
  );
const guardianshipEnded = (at: string, child = 'pupil') =>
  happened(
    at,
    GuardianshipEnded.of({ personId: idOf('Maria'), childId: idOf(child), reason: 'Решение суда', at }),
  );

const ACT = [issued('2024-01-09T09:00:00Z'), inForce('2024-01-09T09:00:00Z', '2024-01-10')];
const HIRED = '2025-09-01T06:00:00Z';

describe('C02, employees acknowledge the acts in force', () => {
  deadlineTable(localActAcknowledged, 'staff-acknowledged', (since) => [...ACT, movement(since, 'hired')], [
    ['an ordinary Monday', HIRED, '2025-09-15T20:59:59.999Z'],
    ['a Saturday that is worked', '2025-10-24T06:00:00Z', '2025-11-10T20:59:59.999Z'],
    ['the New Year', '2025-12-22T06:00:00Z', '2026-01-15T20:59:59.999Z'],
    ['the leap day', '2024-02-19T06:00:00Z', '2024-03-05T20:59:59.999Z'],
    ['a Monday of Kamchatka', '2025-08-31T13:00:00Z', '2025-09-15T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each([
    ['in the last second', [acknowledged('2025-09-15T20:59:59Z')], ['fulfilled']],
    ['a second late', [acknowledged('2025-09-15T21:00:00Z')], ['fulfilled-late']],
    ['never', [], ['overdue']],
    ['never, and was dismissed in time', [movement('2025-09-10T06:00:00Z', 'dismissed')], ['cancelled']],
    ['never, and went on leave', [movement('2025-09-10T06:00:00Z', 'leave')], ['cancelled']],
    ['never, and the act was revoked', [revoked('2025-09-10T06:00:00Z')], ['cancelled']],
    [
      'before the act was on record, whatever its version',
      [acknowledged('2024-01-01T06:00:00Z', 'act', {})],
      [],
    ],
    [
      'and came back after a dismissal',
      [
        acknowledged('2025-09-02T06:00:00Z'),
        movement('2025-10-01T06:00:00Z', 'dismissed'),
        movement('2025-11-10T06:00:00Z', 'hired'),
      ],
      ['fulfilled'],
    ],
    [
      'never, and came back after a dismissal',
      [movement('2025-09-10T06:00:00Z', 'dismissed'), movement('2025-11-10T06:00:00Z', 'hired')],
      ['cancelled', 'overdue'],
    ],
  ])('given an employee acknowledged the act %s, then the findings are so', (_name, happenings, states) => {
    const events = history(...ACT, movement(HIRED, 'hired'), ...happenings);
    const evaluation = evaluateOver(localActAcknowledged, events, { asOf: '2025-12-01T00:00:00Z' });
    expect(statesOf(evaluation, 'staff-acknowledged')).toEqual(states);
  });

  it.each([
    ['nobody acknowledged', [], ['overdue', 'overdue']],
    [
      'was acknowledged instead',
      [acknowledged('2025-10-10T06:00:00Z', 'act', { clausesVersion: '2' })],
      ['fulfilled-late', 'fulfilled'],
    ],
    ['was not, only the one before it', [acknowledged('2025-09-10T06:00:00Z')], ['fulfilled', 'overdue']],
  ])('given a new version that %s, then it asks anew', (_name, happenings, states) => {
    const events = history(
      ...ACT,
      movement(HIRED, 'hired'),
      issued('2025-10-06T06:00:00Z', 'act', '2'),
      ...happenings,
    );
    const evaluation = evaluateOver(localActAcknowledged, events, { asOf: '2025-12-01T00:00:00Z' });
    expect(statesOf(evaluation, 'staff-acknowledged')).toEqual(states);
  });

  it('given the act is entered anew with the same version, then nothing is asked anew', () => {
    const events = history(
      ...ACT,
      movement(HIRED, 'hired'),
      acknowledged('2025-09-02T06:00:00Z'),
      issued('2025-10-06T06:00:00Z'),
    );
    const evaluation = evaluateOver(localActAcknowledged, events, { asOf: '2025-12-01T00:00:00Z' });
    expect(statesOf(evaluation, 'staff-acknowledged')).toEqual(['fulfilled']);
  });

  it('given two acts take effect on one day, then they are one duty from its first instant, done with the last', () => {
    const events = history(
      movement('2025-08-25T06:00:00Z', 'hired'),
      issued('2025-08-20T06:00:00Z'),
      issued('2025-08-20T06:00:00Z', 'order'),
      inForce('2025-08-20T06:00:00Z', '2025-09-01'),
      inForce('2025-08-20T06:01:00Z', '2025-09-01', 'order'),
      acknowledged('2025-09-02T06:00:00Z'),
      acknowledged('2025-09-03T06:00:00Z', 'order'),
    );
    const evaluation = evaluateOver(localActAcknowledged, events, { asOf: '2025-12-01T00:00:00Z' });
    expect(findingOf(evaluation, 'staff-acknowledged')).toMatchObject({
      state: 'fulfilled',
      since: '2025-08-31T21:00:00.000Z',
      closedAt: '2025-09-03T06:00:00.000Z',
      evidence: [3, 4, 0, 6].map((index) => events[index]!.id),
      what: `ознакомить с локальными актами: ${mention('act', idOf('act'))}, ${mention('act', idOf('order'))}`,
    });
  });

  it('given an act that takes effect tomorrow, then nothing is asked today', () => {
    const events = history(
      movement('2025-08-25T06:00:00Z', 'hired'),
      issued('2025-08-20T06:00:00Z'),
      inForce('2025-08-20T06:00:00Z', '2025-09-01'),
    );
    const at = (asOf: string) =>
      statesOf(evaluateOver(localActAcknowledged, events, { asOf }), 'staff-acknowledged');
    expect([at('2025-08-31T20:59:59.999Z'), at('2025-08-31T21:00:00Z')]).toEqual([[], ['open']]);
  });
});

describe('C02, parents acknowledge the acts on admission', () => {
  const ADMITTED = '2025-09-01T06:00:00Z';

  deadlineTable(
    localActAcknowledged,
    'parent-acknowledged',
    (since) => [...ACT, guardian('2024-01-20T06:00:00Z'), movement(since, 'enrolled', 'pupil')],
    [
      ['an ordinary Monday', ADMITTED, '2025-09-15T20:59:59.999Z'],
      ['the New Year', '2025-12-22T06:00:00Z', '2026-01-15T20:59:59.999Z'],
    ],
  );

  it.each([
    ['acknowledged in the last second', [acknowledged('2025-09-15T20:59:59Z')], ['fulfilled']],
    ['acknowledged a second late', [acknowledged('2025-09-15T21:00:00Z')], ['fulfilled-late']],
    [
      'whose child alone acknowledged',
      [acknowledged('2025-09-02T06:00:00Z', 'act', { who: 'pupil' })],
      ['overdue'],
    ],
    ['whose child left', [movement('2025-09-10T06:00:00Z', 'departed', 'pupil')], ['cancelled']],
    ['who is no representative any more', [guardianshipEnded('2025-09-10T06:00:00Z')], ['cancelled']],
    [
      'whose second child was admitted, too',
      [guardian('2025-09-03T06:00:00Z', 'sister'), movement('2025-09-03T06:00:00Z', 'enrolled', 'sister')],
      ['overdue'],
    ],
    [
      'who acknowledged, when a new version came',
      [acknowledged('2025-09-02T06:00:00Z'), issued('2025-10-06T06:00:00Z', 'act', '2')],
      ['fulfilled'],
    ],
    [
      'who acknowledged, and whose second child was admitted under a new version',
      [
        acknowledged('2025-09-02T06:00:00Z'),
        issued('2025-10-06T06:00:00Z', 'act', '2'),
        guardian('2025-10-07T06:00:00Z', 'sister'),
        movement('2025-10-07T06:00:00Z', 'enrolled', 'sister'),
      ],
      ['fulfilled', 'overdue'],
    ],
  ])('given a parent %s, then the findings are so', (_name, happenings, states) => {
    const events = history(
      ...ACT,
      guardian(ADMITTED),
      movement(ADMITTED, 'enrolled', 'pupil'),
      ...happenings,
    );
    const evaluation = evaluateOver(localActAcknowledged, events, { asOf: '2025-12-01T00:00:00Z' });
    expect(statesOf(evaluation, 'parent-acknowledged')).toEqual(states);
  });

  it('given the parent is entered after the admission, then from then on', () => {
    const events = history(...ACT, movement(ADMITTED, 'enrolled', 'pupil'), guardian('2025-09-08T06:00:00Z'));
    const evaluation = evaluateOver(localActAcknowledged, events, { asOf: '2025-12-01T00:00:00Z' });
    expect(findingOf(evaluation, 'parent-acknowledged')).toMatchObject({
      subject: idOf('Maria'),
      since: '2025-09-08T06:00:00.000Z',
      evidence: [3, 2, 1].map((index) => events[index]!.id),
    });
  });

  it('given a child that was admitted before there was an act, then its parents are asked nothing', () => {
    const events = history(movement('2020-09-01T06:00:00Z', 'enrolled', 'pupil'), ...ACT, guardian(ADMITTED));
    const evaluation = evaluateOver(localActAcknowledged, events, { asOf: '2025-12-01T00:00:00Z' });
    expect([evaluation.status, evaluation.findings]).toEqual(['compliant', []]);
  });

  it('given an act takes effect in the instant of the admission, then it is asked for', () => {
    const events = history(
      guardian('2025-08-27T06:00:00Z'),
      movement('2025-08-27T06:00:00Z', 'enrolled', 'pupil', '2025-08-31T21:00:00Z'),
      issued('2025-08-28T06:00:00Z'),
      inForce('2025-08-28T06:00:00Z', '2025-09-01'),
    );
    const evaluation = evaluateOver(localActAcknowledged, events, { asOf: '2025-09-02T00:00:00Z' });
    expect(statesOf(evaluation, 'parent-acknowledged')).toEqual(['open']);
  });
});
