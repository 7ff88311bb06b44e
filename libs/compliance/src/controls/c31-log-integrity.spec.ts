import {
  ChatClosed,
  ChatRosterSnapshotTaken,
  IntegrationGapDetected,
  IntegrationSubscribed,
  IntegrationUnsubscribed,
  LogIntegrityVerified,
  LogIntegrityViolated,
  OrganizationCreated,
  RetentionApplied,
} from '@letopis/school';
import {
  deadlineTable,
  evaluateOver,
  findingOf,
  type Happening,
  happened,
  history,
  idOf,
  ORGANIZATION,
  statesOf,
} from '../testing';
import { logIntegrity } from './c31-log-integrity';

const CHAT = idOf('chat');
const iso = (at: string) => new Date(at).toISOString();

const verified = (at: string, fromSeq = '1', toSeq = '5000') =>
  happened(at, LogIntegrityVerified.of({ fromSeq, toSeq, headHash: '0'.repeat(64) }));
const violated = (at: string, atSeq = '4711') =>
  happened(at, LogIntegrityViolated.of({ atSeq, expected: '0'.repeat(64), actual: 'record is missing' }));
const gap = (from: string, to: string, of: { botId?: string; chatId?: string } = { botId: '229' }) =>
  happened(to, IntegrationGapDetected.of({ from: iso(from), to: iso(to), reason: 'outage', ...of }));
const subscribed = (at: string, botId = '229') =>
  happened(at, IntegrationSubscribed.of({ botId, url: 'https://school7.example', updateTypes: [] }));
const unsubscribed = (at: string, botId = '229') =>
  happened(at, IntegrationUnsubscribed.of({ botId, url: 'https://school7.example' }));

const states = (rule: string, happenings: readonly Happening[], asOf: string) =>
  statesOf(evaluateOver(logIntegrity, history(...happenings), { asOf }), rule);

describe('C31, verified daily', () => {
  deadlineTable(logIntegrity, 'verified-daily', (since) => [verified(since)], [
    ['an ordinary day', '2025-11-17T02:30:00Z', '2025-11-18T20:59:59.999Z'],
    ['31 December', '2025-12-31T02:30:00Z', '2026-01-01T20:59:59.999Z'],
    ['the day before a leap day', '2024-02-28T02:30:00Z', '2024-02-29T20:59:59.999Z'],
    ['a leap day', '2024-02-29T02:30:00Z', '2024-03-01T20:59:59.999Z'],
    ['Tuesday in Kamchatka', '2025-11-17T13:00:00Z', '2025-11-19T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each([
    ['in the last instant', '2025-11-18T20:59:59.999Z', ['open']],
    ['a second late', '2025-11-18T21:00:00.999Z', ['fulfilled-late', 'open']],
  ])('given the next verification %s, then it is so', (_name, at, expected) => {
    expect(states('verified-daily', [verified('2025-11-17T02:30:00Z'), verified(at)], at)).toEqual(expected);
  });

  it('given the verification found the log broken, then it was verified all the same', () => {
    const happenings = [verified('2025-11-17T02:30:00Z'), violated('2025-11-18T02:30:00Z')];
    expect(states('verified-daily', happenings, '2025-11-19T12:00:00Z')).toEqual(['open']);
  });

  it('given it was never verified, then there is nothing to judge', () => {
    const created = OrganizationCreated.of({ name: 'Школа № 7', timeZone: 'Europe/Moscow' });
    const events = history(happened('2025-08-19T09:00:00Z', created));
    expect(evaluateOver(logIntegrity, events, { asOf: '2025-12-01T00:00:00Z' }).status).toBe('no-evidence');
  });
});

describe('C31, the log is intact', () => {
  const ASOF = '2025-11-30T00:00:00Z';

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['nothing more', [], ['violated']],
    ['a verification that covers the place', [verified('2025-11-18T02:30:00Z')], ['remedied']],
    ['one that begins with it', [verified('2025-11-18T02:30:00Z', '4711', '4711')], ['remedied']],
    ['one that begins after it', [verified('2025-11-18T02:30:00Z', '4712')], ['violated']],
    ['one that ends before it', [verified('2025-11-18T02:30:00Z', '1', '4710')], ['violated']],
    ['one of before', [verified('2025-11-16T02:30:00Z')], ['violated']],
    ['the same found again', [violated('2025-11-18T02:30:00Z')], ['violated']],
    ['another place', [violated('2025-11-18T02:30:00Z', '99')], ['violated', 'violated']],
    [
      'another place, and a verification of that',
      [violated('2025-11-18T02:30:00Z', '99'), verified('2025-11-19T02:30:00Z', '1', '100')],
      ['violated', 'remedied'],
    ],
  ])('given a broken place and %s, then it is so', (_name, others, expected) => {
    expect(states('log-intact', [violated('2025-11-17T14:00:00Z'), ...others], ASOF)).toEqual(expected);
  });

  it('given it is whole again, then the finding cites what found it broken and whole', () => {
    const events = history(violated('2025-11-17T14:00:00Z'), verified('2025-11-18T02:30:00Z'));
    expect(findingOf(evaluateOver(logIntegrity, events, { asOf: ASOF }), 'log-intact')).toMatchObject({
      subject: ORGANIZATION,
      severity: 'critical',
      since: '2025-11-17T14:00:00.000Z',
      closedAt: '2025-11-18T02:30:00.000Z',
      evidence: events.map(({ id }) => id),
    });
  });
});

describe('C31, no gap in the updates', () => {
  deadlineTable(
    logIntegrity,
    'no-ingestion-gap',
    (since) => [gap(since, new Date(Date.parse(since) + 1_800_000).toISOString())],
    [
      ['an ordinary hour', '2025-11-17T12:00:00Z', '2025-11-17T13:00:00.000Z'],
      ['the last hour of the year', '2025-12-31T20:30:00Z', '2025-12-31T21:30:00.000Z'],
    ],
  );

  const FROM = '2025-11-17T07:00:00Z';
  const FOUND = '2025-11-17T07:30:00Z';
  const ASOF = '2025-11-30T00:00:00Z';

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['ends in the last instant', [subscribed('2025-11-17T08:00:00Z')], ['fulfilled']],
    ['ends a second late', [subscribed('2025-11-17T08:00:01Z')], ['remedied']],
    ['ends where the bot is switched off on purpose', [unsubscribed('2025-11-17T07:45:00Z')], ['fulfilled']],
    ['does not end with another bot', [subscribed('2025-11-17T07:45:00Z', '230')], ['violated']],
    ['does not end before it was found', [subscribed('2025-11-17T07:15:00Z')], ['violated']],
  ])('given a gap that %s, then it is so', (_name, after, expected) => {
    expect(states('no-ingestion-gap', [gap(FROM, FOUND), ...after], ASOF)).toEqual(expected);
  });

  it('given two bots, then each has its gap', () => {
    const happenings = [
      gap(FROM, FOUND),
      gap(FROM, FOUND, { botId: '230' }),
      subscribed('2025-11-17T07:45:00Z', '230'),
    ];
    expect(states('no-ingestion-gap', happenings, ASOF).toSorted()).toEqual(['fulfilled', 'violated']);
  });

  it('given a gap that names no bot, then it ends with any', () => {
    const happenings = [gap(FROM, FOUND, {}), subscribed('2025-11-17T07:45:00Z', '230')];
    expect(states('no-ingestion-gap', happenings, ASOF)).toEqual(['fulfilled']);
  });

  it('given a second gap after the first, then both are told', () => {
    const happenings = [
      gap(FROM, FOUND),
      subscribed('2025-11-17T07:45:00Z'),
      gap('2025-11-18T07:00:00Z', '2025-11-18T13:00:00Z'),
    ];
    expect(states('no-ingestion-gap', happenings, ASOF)).toEqual(['fulfilled', 'violated']);
  });

  it('given it is not found yet, then nothing is known of it', () => {
    expect(states('no-ingestion-gap', [gap(FROM, '2025-11-17T13:00:00Z')], '2025-11-17T12:00:00Z')).toEqual(
      [],
    );
  });
});

describe('C31, the bot can read the chat', () => {
  const FOUND = '2025-11-17T12:00:00Z';
  const unreadable = gap('2025-09-01T09:00:00Z', FOUND, { chatId: CHAT });
  const read = (at: string, source: 'api' | 'manual' = 'api') =>
    happened(
      at,
      ChatRosterSnapshotTaken.of({ chatId: CHAT, memberIds: [idOf('curator')], takenAt: iso(at), source }),
    );

  deadlineTable(
    logIntegrity,
    'chat-readable',
    (since) => [gap('2025-09-01T09:00:00Z', since, { chatId: CHAT })],
    [
      ['an ordinary Monday', FOUND, '2025-11-20T20:59:59.999Z'],
      ['a day before the New Year holidays', '2025-12-29T12:00:00Z', '2026-01-13T20:59:59.999Z'],
    ],
  );

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['is read in the last instant', [read('2025-11-20T20:59:59.999Z')], ['fulfilled']],
    ['is read a second late', [read('2025-11-20T21:00:00.999Z')], ['remedied']],
    ['was read by hand', [read('2025-11-18T09:00:00Z', 'manual')], ['violated']],
    [
      'is closed',
      [
        happened(
          '2025-11-18T09:00:00Z',
          ChatClosed.of({ chatId: CHAT, reason: 'Не нужен', at: '2025-11-18T09:00:00.000Z' }),
        ),
      ],
      ['fulfilled'],
    ],
  ])('given the chat %s, then it is so', (_name, after, expected) => {
    expect(states('chat-readable', [unreadable, ...after], '2025-11-30T00:00:00Z')).toEqual(expected);
  });

  it('given a chat is not readable, then the updates of bots are not missing', () => {
    expect(states('no-ingestion-gap', [unreadable], '2025-11-30T00:00:00Z')).toEqual([]);
  });
});

describe('C31, records are kept long enough', () => {
  const removed = (at: string, cutoff: string, affected = 12) =>
    happened(at, RetentionApplied.of({ policyId: 'log', cutoff: iso(cutoff), affected }));

  it.each<[string, Happening, readonly string[]]>([
    ['365 days old', removed('2026-07-01T03:00:00Z', '2025-07-01T03:00:00Z'), []],
    ['364 days old', removed('2026-07-01T03:00:00Z', '2025-07-02T03:00:00Z'), ['violated']],
    ['365 days old, over a leap day', removed('2024-07-01T03:00:00Z', '2023-07-02T03:00:00Z'), []],
    ['364 days old, over a leap day', removed('2024-07-01T03:00:00Z', '2023-07-03T03:00:00Z'), ['violated']],
    ['young, but nothing was removed', removed('2026-07-01T03:00:00Z', '2026-06-01T03:00:00Z', 0), []],
  ])('given what is removed is %s, then it is so', (_name, retention, expected) => {
    expect(states('retention-kept', [retention], '2027-01-01T00:00:00Z')).toEqual(expected);
  });
});
