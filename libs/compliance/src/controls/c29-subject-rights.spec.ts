import {
  ConsentGiven,
  ConsentWithdrawn,
  PersonalDataBlocked,
  PersonalDataDestroyed,
  PersonalDataRectified,
  PersonalDataUnblocked,
  SubjectRequestReceived,
} from '@letopis/school';
import {
  deadlineTable,
  evaluateOver,
  findingOf,
  type Happening,
  happened,
  history,
  idOf,
  statesOf,
} from '../testing';
import { subjectRights } from './c29-subject-rights';

const PUPIL = idOf('pupil');
const MOTHER = idOf('mother');
const REQUEST = idOf('request');
const SINCE = '2025-11-17T12:00:00Z';
const END = '2026-07-31T00:00:00Z';
const iso = (at: string) => new Date(at).toISOString();

type RequestKind = 'access' | 'rectify' | 'block' | 'erase' | 'stop';
const asked = (kind: RequestKind, at = SINCE) =>
  happened(
    at,
    SubjectRequestReceived.of({
      requestId: REQUEST,
      personId: MOTHER,
      onBehalfOf: PUPIL,
      kind,
      receivedAt: iso(at),
    }),
  );
const rectified = (at: string, requestId: string | undefined = REQUEST, personId = PUPIL) =>
  happened(at, PersonalDataRectified.of({ requestId, personId, fields: ['фамилия'], at: iso(at) }));
const rectifiedUnasked = (at: string, personId = PUPIL) =>
  happened(at, PersonalDataRectified.of({ personId, fields: ['фамилия'], at: iso(at) }));
const blocked = (at: string, { legalHold = false, block = 'block', personId = PUPIL } = {}) =>
  happened(at, PersonalDataBlocked.of({ blockId: idOf(block), personId, basis: 'Проверка', legalHold }));
const unblocked = (at: string, block = 'block') =>
  happened(at, PersonalDataUnblocked.of({ blockId: idOf(block), personId: PUPIL, basis: 'Завершена' }));
const destroyed = (at: string, subjectId = PUPIL) =>
  happened(
    at,
    PersonalDataDestroyed.of({
      subjectId,
      actNo: '3',
      categories: ['фамилия, имя, отчество'],
      informationSystem: 'Летопись',
      reason: 'Отзыв согласия',
      at: iso(at),
      method: 'key_destroyed',
      by: idOf('officer'),
    }),
  );
const declared = { personId: MOTHER, onBehalfOf: PUPIL };
const withdrawn = (at = SINCE, purpose: 'platform_use' | 'publication' = 'platform_use') =>
  happened(at, ConsentWithdrawn.of({ ...declared, purpose, receivedAt: iso(at) }));
const consented = (at: string) =>
  happened(
    at,
    ConsentGiven.of({ ...declared, purpose: 'platform_use', documentRef: 'Согласие № 17', at: iso(at) }),
  );

const states = (rule: string, happenings: readonly Happening[], asOf = END) =>
  statesOf(evaluateOver(subjectRights, history(...happenings), { asOf }), rule);

describe('C29, rectified in seven working days', () => {
  deadlineTable(subjectRights, 'rectified', (since) => [asked('rectify', since)], [
    ['an ordinary Monday', '2025-11-17T12:00:00Z', '2025-11-26T20:59:59.999Z'],
    ['the New Year holidays in between', '2025-12-25T12:00:00Z', '2026-01-15T20:59:59.999Z'],
    ['a leap day in between', '2024-02-26T12:00:00Z', '2024-03-06T20:59:59.999Z'],
    ['a working Saturday and holidays in between', '2025-10-30T12:00:00Z', '2025-11-11T20:59:59.999Z'],
    ['Tuesday in Kamchatka', '2025-11-17T13:00:00Z', '2025-11-27T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each<[string, Happening, readonly string[]]>([
    ['in the last instant', rectified('2025-11-26T20:59:59.999Z'), ['fulfilled']],
    ['a second late', rectified('2025-11-26T21:00:00.999Z'), ['fulfilled-late']],
    [
      'in the name of the parent who asked',
      rectified('2025-11-18T09:00:00Z', REQUEST, MOTHER),
      ['fulfilled'],
    ],
    ['naming no request', rectifiedUnasked('2025-11-18T09:00:00Z'), ['fulfilled']],
    ['naming no request, before it', rectifiedUnasked('2025-11-16T09:00:00Z'), ['overdue']],
    ['for another request', rectified('2025-11-18T09:00:00Z', idOf('another')), ['overdue']],
    ['of somebody else', rectifiedUnasked('2025-11-18T09:00:00Z', idOf('other')), ['overdue']],
  ])('given a rectification %s, then it is so', (_name, act, expected) => {
    expect(states('rectified', [asked('rectify'), act])).toEqual(expected);
  });

  it('given the data were destroyed, then there is nothing to rectify', () => {
    expect(states('rectified', [asked('rectify'), destroyed('2025-11-18T09:00:00Z')])).toEqual(['cancelled']);
  });

  it('given it was rectified, then the finding is the request’s and cites both events', () => {
    const events = history(asked('rectify'), rectified('2025-11-18T09:00:00Z'));
    expect(findingOf(evaluateOver(subjectRights, events, { asOf: END }), 'rectified')).toMatchObject({
      subject: REQUEST,
      subjectKind: 'request',
      severity: 'critical',
      evidence: events.map(({ id }) => id),
    });
  });
});

describe('C29, processing stopped in three working days', () => {
  deadlineTable(subjectRights, 'processing-stopped', (since) => [asked('stop', since)], [
    ['a demand to stop', '2025-11-17T12:00:00Z', '2025-11-20T20:59:59.999Z'],
    ['one before the New Year holidays', '2025-12-29T12:00:00Z', '2026-01-13T20:59:59.999Z'],
  ]);

  it.each<[string, RequestKind, readonly Happening[], readonly string[]]>([
    ['a block in the last instant', 'block', [blocked('2025-11-20T20:59:59.999Z')], ['fulfilled']],
    ['a block a second late', 'block', [blocked('2025-11-20T21:00:00.999Z')], ['fulfilled-late']],
    ['destruction', 'stop', [destroyed('2025-11-18T09:00:00Z')], ['fulfilled']],
    ['a block that was there', 'stop', [blocked('2025-11-10T09:00:00Z')], ['fulfilled']],
    [
      'a block that had ended',
      'stop',
      [blocked('2025-11-10T09:00:00Z'), unblocked('2025-11-11T09:00:00Z')],
      ['overdue'],
    ],
    [
      'a block that ended again',
      'block',
      [blocked('2025-11-18T09:00:00Z'), unblocked('2025-12-01T09:00:00Z')],
      ['fulfilled'],
    ],
    [
      'a block of somebody else',
      'block',
      [blocked('2025-11-18T09:00:00Z', { personId: MOTHER })],
      ['overdue'],
    ],
  ])('given %s, then it is so', (_name, kind, acts, expected) => {
    expect(states('processing-stopped', [asked(kind), ...acts])).toEqual(expected);
  });

  it('given a request for access, then no event could answer it, and nothing is said', () => {
    const evaluation = evaluateOver(subjectRights, history(asked('access')), { asOf: END });
    expect([evaluation.findings, evaluation.status]).toEqual([[], 'no-evidence']);
  });
});

describe('C29, destroyed on request in ten working days', () => {
  deadlineTable(subjectRights, 'destroyed-on-request', (since) => [asked('erase', since)], [
    ['an ordinary Monday', '2025-11-17T12:00:00Z', '2025-12-01T20:59:59.999Z'],
    ['the New Year holidays in between', '2025-12-22T12:00:00Z', '2026-01-15T20:59:59.999Z'],
  ]);

  it.each<[string, Happening, readonly string[]]>([
    ['in the last instant', destroyed('2025-12-01T20:59:59.999Z'), ['fulfilled']],
    ['a second late', destroyed('2025-12-01T21:00:00.999Z'), ['fulfilled-late']],
    ['of the parent who asked', destroyed('2025-11-18T09:00:00Z', MOTHER), ['overdue']],
    ['before the request', destroyed('2025-11-10T09:00:00Z'), ['fulfilled']],
  ])('given a destruction %s, then it is so', (_name, act, expected) => {
    expect(states('destroyed-on-request', [asked('erase'), act])).toEqual(expected);
  });
});

describe('C29, destroyed in thirty days after a withdrawal', () => {
  deadlineTable(subjectRights, 'destroyed-after-withdrawal', (since) => [withdrawn(since)], [
    ['an ordinary day', '2025-11-17T12:00:00Z', '2025-12-17T20:59:59.999Z'],
    ['31 December in between', '2025-12-15T12:00:00Z', '2026-01-14T20:59:59.999Z'],
    ['a leap day in between', '2024-02-10T12:00:00Z', '2024-03-11T20:59:59.999Z'],
    ['no leap day', '2025-02-10T12:00:00Z', '2025-03-12T20:59:59.999Z'],
    ['Tuesday in Kamchatka', '2025-11-17T13:00:00Z', '2025-12-18T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['they are in the last instant', [destroyed('2025-12-17T20:59:59.999Z')], ['fulfilled']],
    ['they are a second late', [destroyed('2025-12-17T21:00:00.999Z')], ['fulfilled-late']],
    ['consent is given anew', [consented('2025-12-01T09:00:00Z')], ['cancelled']],
    ['they are held for an authority', [blocked('2025-12-01T09:00:00Z', { legalHold: true })], ['cancelled']],
    [
      'the hold ends',
      [blocked('2025-12-01T09:00:00Z', { legalHold: true }), unblocked('2026-02-02T09:00:00Z')],
      ['cancelled', 'overdue'],
    ],
    [
      'they were held before, and another hold lasts',
      [
        blocked('2025-11-01T09:00:00Z', { legalHold: true }),
        blocked('2025-11-02T09:00:00Z', { legalHold: true, block: 'second' }),
        unblocked('2025-12-01T09:00:00Z'),
      ],
      [],
    ],
    [
      'they are blocked and then destroyed',
      [blocked('2025-12-01T09:00:00Z'), destroyed('2026-05-30T09:00:00Z')],
      ['cancelled', 'fulfilled'],
    ],
    [
      'they are blocked for longer than six months',
      [blocked('2025-12-01T09:00:00Z')],
      ['cancelled', 'overdue'],
    ],
    [
      'they are blocked too late',
      [blocked('2025-12-18T09:00:00Z'), destroyed('2026-01-30T09:00:00Z')],
      ['remedied', 'fulfilled'],
    ],
    [
      'there is consent anew, and it is withdrawn anew',
      [
        destroyed('2025-12-01T09:00:00Z'),
        consented('2026-01-19T09:00:00Z'),
        withdrawn('2026-02-02T09:00:00Z'),
      ],
      ['fulfilled', 'overdue'],
    ],
  ])('given %s, then it is so', (_name, after, expected) => {
    expect(states('destroyed-after-withdrawal', [withdrawn(), ...after])).toEqual(expected);
  });

  it('given the hold ended, then the term runs anew from its end', () => {
    const events = history(
      withdrawn(),
      blocked('2025-12-01T09:00:00Z', { legalHold: true }),
      unblocked('2026-02-02T09:00:00Z'),
    );
    const { findings } = evaluateOver(subjectRights, events, { asOf: '2026-02-03T00:00:00Z' });
    expect(findings.at(-1)).toMatchObject({
      state: 'open',
      since: '2026-02-02T09:00:00.000Z',
      dueAt: '2026-03-04T20:59:59.999Z',
      evidence: [events[2]!.id, events[0]!.id],
    });
  });

  it('given consent to make photographs public is withdrawn, then the person’s data stay', () => {
    expect(states('destroyed-after-withdrawal', [withdrawn(SINCE, 'publication')])).toEqual([]);
  });
});
