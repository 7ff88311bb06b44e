import {
  GroupArchived,
  GroupCreated,
  MemberJoined,
  MemberMovementRecorded,
  MemberRemoved,
  MemberRoleChanged,
  OrganizationRegistrationConfirmed,
} from '@letopis/school';
import {
  deadlineTable,
  evaluateOver,
  findingOf,
  happened,
  type Happening,
  history,
  idOf,
  statesOf,
} from '../testing';
import { staffRoomComplete } from './c06-staff-room';

const HIRED = '2025-09-01T06:00:00Z';

const confirmed = (at: string) =>
  happened(at, OrganizationRegistrationConfirmed.of({ platformOrgId: 'sferum-1', confirmedAt: at }));
const created = (at: string, group = 'staff room', kind: 'staff_room' | 'class' = 'staff_room') =>
  happened(at, GroupCreated.of({ groupId: idOf(group), kind, title: group }));
const archived = (at: string, group = 'staff room') =>
  happened(at, GroupArchived.of({ groupId: idOf(group), reason: 'Замена' }));
const movement = (at: string, kind: 'hired' | 'dismissed' | 'leave') =>
  happened(
    at,
    MemberMovementRecorded.of({ personId: idOf('Maria'), kind, orderRef: '№ 1', effectiveAt: at }),
  );
const joined = (
  at: string,
  group: string | undefined = 'staff room',
  platformRole: 'teacher' | 'parent' = 'teacher',
) =>
  happened(
    at,
    MemberJoined.of({ personId: idOf('Maria'), platformRole, via: 'link', groupId: idOf(group), at }),
  );
const synchronized = (at: string) =>
  happened(at, MemberJoined.of({ personId: idOf('Maria'), platformRole: 'teacher', via: 'auto_sync', at }));
const removed = (at: string) =>
  happened(at, MemberRemoved.of({ personId: idOf('Maria'), scope: 'community', reason: 'Ошибка', at }));
const becameParent = (at: string) =>
  happened(
    at,
    MemberRoleChanged.of({ personId: idOf('Maria'), from: 'teacher', to: 'parent', basis: 'Приказ', at }),
  );

const ROOM = created('2024-01-10T06:00:00Z');
const after = (happenings: readonly Happening[], asOf = '2025-12-01T00:00:00Z') =>
  evaluateOver(staffRoomComplete, history(...happenings), { asOf });

describe('C06, there is «Учительская»', () => {
  deadlineTable(staffRoomComplete, 'staff-room-exists', (since) => [confirmed(since)], [
    ['an ordinary Monday', HIRED, '2025-09-08T20:59:59.999Z'],
  ]);

  it.each([
    ['created in the last second', [created('2025-09-08T20:59:59Z')], ['fulfilled']],
    ['created a second late', [created('2025-09-08T21:00:00Z')], ['remedied']],
    [
      'archived, with another in its place',
      [created(HIRED), created('2025-10-01T06:00:00Z', 'new'), archived('2025-10-02T06:00:00Z')],
      [],
    ],
    ['archived', [created(HIRED), archived('2025-10-02T06:00:00Z')], ['violated']],
    ['there, and a class is archived', [created(HIRED), archived('2025-10-02T06:00:00Z', '5A')], []],
  ])('given it was %s, then the findings are so', (_name, happenings, states) => {
    expect(statesOf(after([confirmed(HIRED), ...happenings]), 'staff-room-exists')).toEqual(states);
  });
});

describe('C06, every teacher joins', () => {
  deadlineTable(staffRoomComplete, 'staff-room-joined', (since) => [ROOM, movement(since, 'hired')], [
    ['an ordinary Monday', HIRED, '2025-09-08T20:59:59.999Z'],
    ['a Saturday that is worked', '2025-10-30T06:00:00Z', '2025-11-07T20:59:59.999Z'],
    ['the New Year', '2025-12-29T06:00:00Z', '2026-01-15T20:59:59.999Z'],
    ['the leap day', '2024-02-22T06:00:00Z', '2024-03-01T20:59:59.999Z'],
    ['a Monday of Kamchatka', '2025-08-31T13:00:00Z', '2025-09-08T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each([
    ['in the last second', [joined('2025-09-08T20:59:59Z')], ['fulfilled']],
    ['a second late', [joined('2025-09-08T21:00:00Z')], ['fulfilled-late']],
    ['before the order of hiring', [joined('2025-08-29T06:00:00Z')], []],
    [
      'by the synchronisation, where the group is not known',
      [synchronized('2025-09-02T06:00:00Z')],
      ['fulfilled'],
    ],
    ['a group that is not in the register', [joined('2025-09-02T06:00:00Z', 'unknown')], ['fulfilled']],
    ['only a class', [created(HIRED, '5A', 'class'), joined('2025-09-02T06:00:00Z', '5A')], ['overdue']],
    ['as a parent', [joined('2025-09-02T06:00:00Z', 'staff room', 'parent')], ['overdue']],
    ['never, dismissed in time', [movement('2025-09-04T06:00:00Z', 'dismissed')], ['cancelled']],
    ['never, on leave', [movement('2025-09-04T06:00:00Z', 'leave')], ['cancelled']],
    ['and was removed', [joined(HIRED), removed('2025-10-06T06:00:00Z')], ['overdue']],
    [
      'and was removed and joined again',
      [joined(HIRED), removed('2025-10-06T06:00:00Z'), joined('2025-10-07T06:00:00Z')],
      ['fulfilled'],
    ],
    ['and left the role', [joined(HIRED), becameParent('2025-10-06T06:00:00Z')], ['overdue']],
    [
      'and another room takes its place',
      [joined(HIRED), archived('2025-10-06T06:00:00Z'), created('2025-10-07T06:00:00Z', 'new')],
      [],
    ],
    [
      'and was dismissed, removed and hired again',
      [
        joined(HIRED),
        movement('2025-10-06T06:00:00Z', 'dismissed'),
        removed('2025-10-06T08:00:00Z'),
        movement('2025-11-10T06:00:00Z', 'hired'),
      ],
      ['overdue'],
    ],
  ])('given somebody joined %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = after([ROOM, movement(HIRED, 'hired'), ...happenings]);
    expect(statesOf(evaluation, 'staff-room-joined')).toEqual(states);
  });

  it('given somebody who was hired long before there was a room, then from its creation on', () => {
    const events = [movement('2015-09-01T06:00:00Z', 'hired'), created(HIRED)];
    expect(findingOf(after(events, '2025-09-02T00:00:00Z'), 'staff-room-joined')).toMatchObject({
      subject: idOf('Maria'),
      state: 'open',
      since: '2025-09-01T06:00:00.000Z',
    });
  });
});

describe('C06, nobody stays who was dismissed', () => {
  const DISMISSED = movement('2025-10-06T06:00:00Z', 'dismissed');

  it.each([
    [
      'was removed in the last second',
      [ROOM, joined(HIRED), DISMISSED, removed('2025-10-07T06:00:00Z')],
      ['fulfilled'],
    ],
    [
      'was removed a second late',
      [ROOM, joined(HIRED), DISMISSED, removed('2025-10-07T06:00:01Z')],
      ['remedied'],
    ],
    ['stays', [ROOM, joined(HIRED), DISMISSED], ['violated']],
    [
      'stays as a parent',
      [ROOM, joined(HIRED), DISMISSED, becameParent('2025-10-06T08:00:00Z')],
      ['fulfilled'],
    ],
    [
      'is hired again',
      [ROOM, joined(HIRED), DISMISSED, movement('2025-10-07T00:00:00Z', 'hired')],
      ['fulfilled'],
    ],
    ['never joined', [ROOM, DISMISSED], []],
    ['joined nobody knows which group', [ROOM, synchronized(HIRED), DISMISSED], []],
    ['joined a class', [created(HIRED, '5A', 'class'), joined(HIRED, '5A'), DISMISSED], []],
  ])('given somebody who was dismissed %s, then the findings are so', (_name, happenings, states) => {
    expect(statesOf(after(happenings), 'departed-left-staff-room')).toEqual(states);
  });
});
