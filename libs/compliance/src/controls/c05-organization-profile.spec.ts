import {
  ControlCheckCompleted,
  ControlCheckScheduled,
  MemberMovementRecorded,
  OrganizationProfileUpdated,
  OrganizationRegistrationConfirmed,
} from '@letopis/school';
import { mention } from '../mentions';
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
import { organizationProfileCurrent } from './c05-organization-profile';

const CONFIRMED = '2025-09-01T06:00:00Z';

const confirmed = (at: string) =>
  happened(at, OrganizationRegistrationConfirmed.of({ platformOrgId: 'sferum-1', confirmedAt: at }));
const updated = (at: string) =>
  happened(
    at,
    OrganizationProfileUpdated.of({
      changedFields: ['phone'],
      before: {},
      after: { phone: '+73460000007' },
    }),
  );
const headed = (at: string, name: string) =>
  happened(
    at,
    OrganizationProfileUpdated.of({
      changedFields: ['headId'],
      before: {},
      after: { headId: idOf(name) },
    }),
  );
const movement = (at: string, kind: 'hired' | 'dismissed', name = 'Olga') =>
  happened(at, MemberMovementRecorded.of({ personId: idOf(name), kind, orderRef: '№ 1', effectiveAt: at }));
const checked = (at: string, controlId: string) => [
  happened(
    '2025-10-01T06:00:00Z',
    ControlCheckScheduled.of({
      checkId: idOf('check'),
      controlIds: [controlId],
      dueAt: at,
      responsibleId: idOf('deputy'),
    }),
  ),
  happened(
    at,
    ControlCheckCompleted.of({
      checkId: idOf('check'),
      sampleSize: 1,
      methods: ['documents'],
      checkerId: idOf('deputy'),
      at,
    }),
  ),
];

const after = (happenings: readonly Happening[], asOf = '2025-12-01T00:00:00Z') =>
  evaluateOver(organizationProfileCurrent, history(...happenings), { asOf });

describe('C05, the profile is entered', () => {
  deadlineTable(organizationProfileCurrent, 'profile-entered', (since) => [confirmed(since)], [
    ['an ordinary Monday', CONFIRMED, '2025-09-08T20:59:59.999Z'],
    ['a Saturday that is worked', '2025-10-30T06:00:00Z', '2025-11-07T20:59:59.999Z'],
    ['the New Year', '2025-12-29T06:00:00Z', '2026-01-15T20:59:59.999Z'],
    ['the leap day', '2024-02-22T06:00:00Z', '2024-03-01T20:59:59.999Z'],
    ['a Monday of Kamchatka', '2025-08-31T13:00:00Z', '2025-09-08T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each([
    ['in the last second', '2025-09-08T20:59:59Z', 'fulfilled'],
    ['a second late', '2025-09-08T21:00:00Z', 'fulfilled-late'],
  ])('given it is entered %s, then it is so', (_name, at, state) => {
    expect(statesOf(after([confirmed(CONFIRMED), updated(at)]), 'profile-entered')).toEqual([state]);
  });
});

describe('C05, the profile names the head of now', () => {
  const NAMED = headed('2025-09-02T06:00:00Z', 'Olga');
  const DISMISSED = movement('2025-10-06T06:00:00Z', 'dismissed');

  it.each([
    ['works', [NAMED], []],
    ['was dismissed', [NAMED, DISMISSED], ['overdue']],
    [
      'was dismissed before the profile was entered',
      [movement('2025-09-01T06:00:00Z', 'dismissed'), NAMED],
      ['overdue'],
    ],
    [
      'gave way in the last second',
      [NAMED, DISMISSED, headed('2025-10-13T20:59:59Z', 'Pavel')],
      ['fulfilled'],
    ],
    [
      'gave way a second late',
      [NAMED, DISMISSED, headed('2025-10-13T21:00:00Z', 'Pavel')],
      ['fulfilled-late'],
    ],
    ['came back', [NAMED, DISMISSED, movement('2025-10-08T06:00:00Z', 'hired')], ['cancelled']],
    [
      'works, and somebody else was dismissed',
      [NAMED, movement('2025-10-06T06:00:00Z', 'dismissed', 'Vera')],
      [],
    ],
    [
      'was dismissed, and only the phone changed',
      [NAMED, DISMISSED, updated('2025-10-07T06:00:00Z')],
      ['overdue'],
    ],
  ])('given the head %s, then the findings are so', (_name, happenings, states) => {
    expect(statesOf(after(happenings), 'head-current')).toEqual(states);
  });

  it('given the head was dismissed, then the finding names them', () => {
    expect(findingOf(after([NAMED, DISMISSED]), 'head-current').what).toBe(
      `указать в сведениях об организации нового руководителя: прежний (${mention('person', idOf('Olga'))}) уволен`,
    );
  });
});

describe('C05, the profile is reviewed each year', () => {
  deadlineTable(organizationProfileCurrent, 'profile-reviewed', (since) => [updated(since)], [
    ['a year', '2025-09-02T06:00:00Z', '2026-09-02T20:59:59.999Z'],
    ['a year with a leap day', '2023-09-02T06:00:00Z', '2024-09-01T20:59:59.999Z'],
  ]);

  it.each([
    ['changed in the last second', [updated('2026-09-02T20:59:59Z')], ['fulfilled', 'open']],
    ['changed a second late', [updated('2026-09-02T21:00:00Z')], ['fulfilled-late', 'open']],
    ['found as it is by a check', checked('2026-06-01T06:00:00Z', 'C05'), ['fulfilled', 'open']],
    ['not in a check of something else', checked('2026-06-01T06:00:00Z', 'C06'), ['overdue']],
  ])('given it was %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = after([updated('2025-09-02T06:00:00Z'), ...happenings], '2026-09-10T00:00:00Z');
    expect(statesOf(evaluation, 'profile-reviewed')).toEqual(states);
  });
});
