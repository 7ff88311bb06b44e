import {
  CouncilOpinionRecorded,
  LocalActIssued,
  LocalActRevoked,
  LocalActTookEffect,
  OrganizationCreated,
} from '@letopis/school';
import {
  deadlineTable,
  evaluateOver,
  explained,
  findingOf,
  happened,
  history,
  idOf,
  ORGANIZATION,
  statesOf,
} from '../testing';
import { localActInForce } from './c01-local-act';

type Council = Parameters<typeof CouncilOpinionRecorded.of>[0]['council'];
type ActKind = Parameters<typeof LocalActIssued.of>[0]['kind'];

const created = (at: string) =>
  happened(at, OrganizationCreated.of({ name: 'Школа № 7', timeZone: 'Europe/Moscow' }));
const issued = (
  at: string,
  act = 'act',
  {
    kind = 'polozhenie',
    date = at.slice(0, 10),
    legalBasis = ['273-ФЗ'],
  }: {
    kind?: ActKind;
    date?: string;
    legalBasis?: string[];
  } = {},
) =>
  happened(
    at,
    LocalActIssued.of({
      actId: idOf(act),
      kind,
      number: '324',
      date,
      titleRu: 'Положение',
      clausesVersion: '1',
      legalBasis,
      fileSha256: '0'.repeat(64),
    }),
  );
const inForce = (at: string, effectiveFrom: string, act = 'act') =>
  happened(at, LocalActTookEffect.of({ actId: idOf(act), effectiveFrom }));
const revoked = (at: string, act = 'act') =>
  happened(at, LocalActRevoked.of({ actId: idOf(act), reason: 'Протест', byOrder: '№ 41' }));
const opinion = (at: string, council: Council, date = at.slice(0, 10)) =>
  happened(
    at,
    CouncilOpinionRecorded.of({ actId: idOf('act'), council, protocolNo: '3', date, opinion: 'agree' }),
  );

describe('C01, a Положение in force', () => {
  deadlineTable(localActInForce, 'polozhenie-in-force', (since) => [created(since)], [
    ['a school in August', '2025-08-18T06:00:00Z', '2025-09-01T20:59:59.999Z'],
    ['the first instant of July', '2025-06-30T21:00:00Z', '2025-09-01T20:59:59.999Z'],
    ['the last second of June', '2025-06-30T20:59:59Z', '2025-07-14T20:59:59.999Z'],
    ['a Saturday that is worked', '2025-10-24T06:00:00Z', '2025-11-10T20:59:59.999Z'],
    ['a stretch over the New Year', '2025-12-22T06:00:00Z', '2026-01-15T20:59:59.999Z'],
    ['a stretch over the leap day', '2024-02-19T06:00:00Z', '2024-03-05T20:59:59.999Z'],
    ['Kamchatka', '2025-08-18T06:00:00Z', '2025-09-01T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  const before = [created('2025-08-18T06:00:00Z'), issued('2025-08-20T12:00:00Z')];

  it.each([
    ['on the last day', '2025-09-01', 'Europe/Moscow', '2025-08-31T21:00:00.000Z', 'fulfilled'],
    ['on the last day', '2025-09-01', 'Asia/Kamchatka', '2025-08-31T12:00:00.000Z', 'fulfilled'],
    ['a day late', '2025-09-02', 'Europe/Moscow', '2025-09-01T21:00:00.000Z', 'remedied'],
    ['a day late', '2025-09-02', 'Asia/Kamchatka', '2025-09-01T12:00:00.000Z', 'remedied'],
  ])(
    'given an act takes effect %s (%s, %s), then from its first instant on, %s',
    (_name, day, timeZone, closedAt, state) => {
      const events = history(...before, inForce('2025-08-20T12:05:00Z', day));
      const evaluation = evaluateOver(localActInForce, events, { asOf: '2025-10-01T00:00:00Z', timeZone });
      expect(findingOf(evaluation, 'polozhenie-in-force')).toMatchObject({ state, closedAt });
    },
  );

  it('given an act that takes effect tomorrow, then there is none today, and in the first instant of its day there is', () => {
    const events = history(...before, inForce('2025-08-20T12:05:00Z', '2025-09-01'));
    const at = (asOf: string) =>
      statesOf(evaluateOver(localActInForce, events, { asOf }), 'polozhenie-in-force');
    expect([at('2025-08-31T20:59:59.999Z'), at('2025-08-31T21:00:00Z')]).toEqual([['open'], ['fulfilled']]);
  });

  const acts = [...before, inForce('2025-08-20T12:05:00Z', '2025-09-01')];

  it.each([
    ['without another', [revoked('2026-02-12T09:00:00Z')], ['fulfilled', 'violated']],
    [
      'with another in force on that day',
      [
        issued('2026-02-10T09:00:00Z', 'new'),
        inForce('2026-02-10T09:00:00Z', '2026-02-12', 'new'),
        revoked('2026-02-12T09:00:00Z'),
      ],
      ['fulfilled'],
    ],
    [
      'with only an order in force',
      [
        issued('2026-02-10T09:00:00Z', 'new', { kind: 'order' }),
        inForce('2026-02-10T09:00:00Z', '2026-02-12', 'new'),
        revoked('2026-02-12T09:00:00Z'),
      ],
      ['fulfilled', 'violated'],
    ],
    [
      'with another entered late',
      [
        revoked('2026-02-12T09:00:00Z'),
        issued('2026-03-10T09:00:00Z', 'new', { date: '2026-02-11' }),
        inForce('2026-03-10T09:05:00Z', '2026-02-12', 'new'),
      ],
      ['fulfilled'],
    ],
    [
      'before it ever took effect',
      [
        issued('2026-02-01T09:00:00Z', 'new'),
        inForce('2026-02-01T09:00:00Z', '2026-02-20', 'new'),
        revoked('2026-02-12T09:00:00Z', 'new'),
        revoked('2026-02-12T09:00:00Z'),
      ],
      ['fulfilled', 'violated'],
    ],
  ])('given an act is revoked %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(localActInForce, history(...acts, ...happenings), {
      asOf: '2026-04-01T00:00:00Z',
      timeZone: 'Asia/Yekaterinburg',
    });
    expect(statesOf(evaluation, 'polozhenie-in-force')).toEqual(states);
  });

  it('given a Положение and no order, then the order is missing', () => {
    const evaluation = evaluateOver(localActInForce, history(...acts), { asOf: '2025-09-02T00:00:00Z' });
    expect(findingOf(evaluation, 'order-in-force')).toMatchObject({
      subject: ORGANIZATION,
      state: 'violated',
      what: 'нет действующего приказа об использовании ИКОП «Сферум»',
    });
  });
});

describe('C01, the opinions of the councils before the issue', () => {
  const heard = [
    opinion('2025-08-19T09:00:00Z', 'students'),
    opinion('2025-08-19T09:00:00Z', 'staff'),
    opinion('2025-08-20T09:00:00Z', 'parents'),
  ];

  it.each([
    ['of all councils', [...heard, issued('2025-08-20T12:00:00Z')], []],
    ['of no council', [issued('2025-08-20T12:00:00Z')], ['violated']],
    ['of all councils but one', [...heard.slice(0, 2), issued('2025-08-20T12:00:00Z')], ['violated']],
    [
      'a day too late',
      [...heard, issued('2025-08-20T12:00:00Z', 'act', { date: '2025-08-19' })],
      ['violated'],
    ],
    [
      'in minutes that are entered later',
      [
        ...heard.slice(0, 2),
        issued('2025-08-20T12:00:00Z'),
        opinion('2025-09-20T09:00:00Z', 'parents', '2025-08-20'),
      ],
      [],
    ],
    ['of no council on an order', [issued('2025-08-20T12:00:00Z', 'act', { kind: 'order' })], []],
    [
      'of no council, and the act is revoked',
      [issued('2025-08-20T12:00:00Z'), revoked('2025-08-25T12:00:00Z')],
      ['remedied'],
    ],
    [
      'a day too late by a date that is put right',
      [
        ...heard,
        issued('2025-08-20T12:00:00Z', 'act', { date: '2025-08-19' }),
        issued('2025-08-21T12:00:00Z', 'act', { date: '2025-08-20' }),
      ],
      ['remedied'],
    ],
  ])('given an act with the opinions %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(localActInForce, history(...happenings), {
      asOf: '2025-10-01T00:00:00Z',
    });
    expect(statesOf(evaluation, 'opinions-before-issue')).toEqual(states);
  });

  it('given an act without the parents, then the finding is about the act and names their council', () => {
    const events = history(
      ...heard.slice(0, 2),
      issued('2025-08-20T12:00:00Z'),
      opinion('2025-08-22T09:00:00Z', 'parents'),
    );
    const evaluation = evaluateOver(localActInForce, events, { asOf: '2025-10-01T00:00:00Z' });
    expect(findingOf(evaluation, 'opinions-before-issue')).toMatchObject({
      subject: idOf('act'),
      severity: 'high',
      evidence: [events[2]!.id, events[3]!.id],
    });
    expect(explained(evaluation, 'opinions-before-issue')).toContain(
      'Положение издано без учёта мнения совета родителей: с 20.08.2025, 15:00.',
    );
  });
});

it.each([
  ['names its basis', ['273-ФЗ'], []],
  ['names none', [], ['violated']],
])('C01: given an act that %s, then the findings are so', (_name, legalBasis, states) => {
  const events = history(issued('2025-08-20T12:00:00Z', 'act', { legalBasis }));
  const evaluation = evaluateOver(localActInForce, events, { asOf: '2025-10-01T00:00:00Z' });
  expect(statesOf(evaluation, 'legal-basis-named')).toEqual(states);
});
