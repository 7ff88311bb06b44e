import {
  IncidentClosed,
  SupportRequestOpened,
  SupportRequestResolved,
  VendorTicketAnswered,
  VendorTicketOpened,
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
import { support } from './c19-support';

const REQUEST = idOf('request');
const INCIDENT = idOf('incident');
const TICKET = idOf('ticket');
const START = '2025-10-06T07:00:00.000Z';

const asked = (at: string, topic = 'login') =>
  happened(
    at,
    SupportRequestOpened.of({
      requestId: REQUEST,
      requesterId: idOf('mother'),
      topic: 'Не приходит код',
      topicDigest: idOf(topic),
      at,
    }),
  );
const resolved = (at: string) =>
  happened(
    at,
    SupportRequestResolved.of({
      requestId: REQUEST,
      requesterId: idOf('mother'),
      resolution: 'Вход выполнен',
      resolutionDigest: idOf('resolution'),
      by: idOf('Anna'),
      at,
    }),
  );
interface Sending {
  readonly ticket?: string;
  readonly role?: string;
  readonly about?: { readonly supportRequestId?: string; readonly incidentId?: string };
}

const sent = (
  at: string,
  { ticket = 'ticket', role = 'platform_admin', about = { supportRequestId: REQUEST } }: Sending = {},
) =>
  happened(
    at,
    VendorTicketOpened.of({
      ticketId: idOf(ticket),
      ...about,
      by: idOf('Anna'),
      sentTo: 'info@sferum.ru',
      at,
    }),
    { by: { id: idOf('Anna'), role } },
  );
const answered = (at: string) =>
  happened(at, VendorTicketAnswered.of({ ticketId: TICKET, answer: 'Исправлено', at }));

const states = (rule: string, happenings: readonly Happening[], asOf = '2025-11-30T07:00:00.000Z') =>
  statesOf(evaluateOver(support, history(...happenings), { asOf }), rule);

describe('C19, requests are resolved or handed on within two working days', () => {
  deadlineTable(support, 'request-resolved', (since) => [asked(since)], [
    ['an ordinary day', '2025-10-06T07:00:00.000Z', '2025-10-08T20:59:59.999Z'],
    ['a week with a worked Saturday', '2025-10-30T07:00:00.000Z', '2025-11-01T20:59:59.999Z'],
    ['the last day of a year', '2025-12-30T07:00:00.000Z', '2026-01-13T20:59:59.999Z'],
    ['the eve of a leap day', '2024-02-28T07:00:00.000Z', '2024-03-01T20:59:59.999Z'],
    ['a Kamchatka night', '2025-10-06T13:00:00.000Z', '2025-10-09T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  const IN_TIME = '2025-10-08T20:59:59.999Z';
  const LATE = '2025-10-08T21:00:00.000Z';

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['resolved in the last instant', [resolved(IN_TIME)], ['fulfilled']],
    ['resolved a second late', [resolved(LATE)], ['fulfilled-late']],
    ['handed on in the last instant', [sent(IN_TIME)], ['fulfilled']],
    ['handed on before it was entered', [sent('2025-10-05T07:00:00.000Z')], ['fulfilled']],
    [
      'asked once more, and resolved in time',
      [asked('2025-10-07T07:00:00.000Z', 'other'), resolved(IN_TIME)],
      ['fulfilled'],
    ],
    [
      'resolved, and asked once more',
      [resolved('2025-10-07T07:00:00.000Z'), asked('2025-10-20T07:00:00.000Z', 'other')],
      ['fulfilled', 'overdue'],
    ],
    ['not resolved, while another was handed on', [sent(IN_TIME, { about: {} })], ['overdue']],
  ])('given a request that was %s, then it is judged so', (_name, happenings, expected) => {
    expect(states('request-resolved', [asked(START), ...happenings])).toEqual(expected);
  });
});

describe('C19, the vendor is reminded within five working days', () => {
  deadlineTable(support, 'vendor-followed-up', (since) => [sent(since)], [
    ['an ordinary day', '2025-10-06T07:00:00.000Z', '2025-10-13T20:59:59.999Z'],
    ['a week with a worked Saturday', '2025-10-30T07:00:00.000Z', '2025-11-07T20:59:59.999Z'],
  ]);

  const IN_TIME = '2025-10-13T20:59:59.999Z';
  const LATE = '2025-10-13T21:00:00.000Z';
  const incident = { incidentId: INCIDENT };
  const incidentClosed = happened(
    IN_TIME,
    IncidentClosed.of({ incidentId: INCIDENT, at: IN_TIME, approvedBy: idOf('director') }),
  );

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['answered in the last instant', [sent(START), answered(IN_TIME)], ['fulfilled']],
    ['answered a second late', [sent(START), answered(LATE)], ['fulfilled-late']],
    ['about a request that was resolved', [sent(START), resolved(IN_TIME)], ['fulfilled']],
    ['about an incident that was closed', [sent(START, { about: incident }), incidentClosed], ['fulfilled']],
    [
      'followed by another one on the same request',
      [sent(START), sent(IN_TIME, { ticket: 'reminder' })],
      ['fulfilled', 'overdue'],
    ],
    [
      'followed by one on something else',
      [sent(START), sent(IN_TIME, { ticket: 'other', about: incident })],
      ['overdue', 'overdue'],
    ],
    ['about nothing in particular', [sent(START, { about: {} })], ['overdue']],
    ['sent by a parent', [sent(START, { role: 'parent' })], []],
  ])('given a ticket %s, then it is judged so', (_name, happenings, expected) => {
    expect(states('vendor-followed-up', happenings)).toEqual(expected);
  });

  it('given nobody answers, then the finding is about the ticket', () => {
    const events = history(sent(START));
    const evaluation = evaluateOver(support, events, { asOf: LATE });
    expect(findingOf(evaluation, 'vendor-followed-up')).toMatchObject({
      subject: TICKET,
      severity: 'low',
      state: 'overdue',
      evidence: [events[0]!.id],
    });
  });
});
