import {
  OrganizationCreated,
  OrganizationRegistrationConfirmed,
  PublicationMaterialSubmitted,
  PublicationPublished,
  PublicationWithdrawn,
  SystemChannelRegistered,
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
import { systemChannels } from './c17-system-channels';

const GENERAL = idOf('general');
const MATERIAL = idOf('material');
const START = '2025-09-01T07:00:00.000Z';

const created = (at: string) =>
  happened(at, OrganizationCreated.of({ name: 'Школа № 7', timeZone: 'Europe/Moscow' }));
const confirmed = (at: string) =>
  happened(at, OrganizationRegistrationConfirmed.of({ platformOrgId: 'sferum-1', confirmedAt: at }));
const registered = (at: string, kind: 'general' | 'staff' | 'other' = 'general') =>
  happened(at, SystemChannelRegistered.of({ channelId: idOf(kind), kind, title: 'Канал' }));
const published = (at: string, materialId?: string) =>
  happened(
    at,
    PublicationPublished.of({
      publicationId: idOf(`publication ${at}`),
      channelId: GENERAL,
      channelTitle: 'Общий канал',
      title: 'Новости',
      materialId,
      by: idOf('Anna'),
      at,
      url: 'https://school7.example/news',
    }),
  );
const submitted = (at: string, dueAt = at) =>
  happened(
    at,
    PublicationMaterialSubmitted.of({
      materialId: MATERIAL,
      channelId: GENERAL,
      by: idOf('deputy'),
      titleRu: 'Расписание',
      dueAt,
      at,
    }),
  );

const states = (rule: string, happenings: readonly Happening[], asOf: string) =>
  statesOf(evaluateOver(systemChannels, history(...happenings), { asOf }), rule);

describe('C17, something is published weekly', () => {
  deadlineTable(systemChannels, 'published-weekly', (since) => [registered(since)], [
    ['an ordinary day', '2025-10-06T07:00:00.000Z', '2025-10-13T20:59:59.999Z'],
    ['the last week of a year', '2025-12-29T07:00:00.000Z', '2026-01-05T20:59:59.999Z'],
    ['a week with a leap day', '2024-02-26T07:00:00.000Z', '2024-03-04T20:59:59.999Z'],
    ['a Kamchatka night', '2025-10-06T13:00:00.000Z', '2025-10-14T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['in the last instant', [published('2025-09-08T20:59:59.999Z')], ['open']],
    ['a second late', [published('2025-09-08T21:00:00.000Z')], ['fulfilled-late', 'open']],
    [
      'in time, and withdrawn',
      [
        published('2025-09-05T07:00:00.000Z'),
        happened(
          '2025-09-06T07:00:00.000Z',
          PublicationWithdrawn.of({
            publicationId: idOf('publication 2025-09-05T07:00:00.000Z'),
            channelId: GENERAL,
            reason: 'Ошибка',
            by: idOf('Anna'),
            at: '2025-09-06T07:00:00.000Z',
          }),
        ),
      ],
      ['open'],
    ],
  ])('given a publication %s, then it is judged so', (_name, happenings, expected) => {
    const asOf = '2025-09-10T07:00:00.000Z';
    expect(states('published-weekly', [registered(START), ...happenings], asOf)).toEqual(expected);
  });

  it('given a channel of another kind, then nothing is asked of it', () => {
    expect(states('published-weekly', [registered(START, 'other')], '2025-12-01T07:00:00.000Z')).toEqual([]);
  });
});

describe('C17, what the administration supplies is published', () => {
  deadlineTable(systemChannels, 'material-published', (since) => [submitted(since)], [
    ['an ordinary day', '2025-10-06T07:00:00.000Z', '2025-10-08T20:59:59.999Z'],
    ['a week with a worked Saturday', '2025-10-30T07:00:00.000Z', '2025-11-01T20:59:59.999Z'],
    ['the last day of a year', '2025-12-30T07:00:00.000Z', '2026-01-13T20:59:59.999Z'],
    ['the eve of a leap day', '2024-02-28T07:00:00.000Z', '2024-03-01T20:59:59.999Z'],
    ['Kamchatka', '2025-10-06T13:00:00.000Z', '2025-10-09T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each([
    ['in the last instant', '2025-10-08T20:59:59.999Z', ['fulfilled']],
    ['a second late', '2025-10-08T21:00:00.000Z', ['fulfilled-late']],
  ])('given it is published %s, then it is judged so', (_name, at, expected) => {
    const material = [submitted('2025-10-06T07:00:00.000Z'), published(at, MATERIAL)];
    expect(states('material-published', material, '2025-10-10T07:00:00.000Z')).toEqual(expected);
  });

  it('given something else is published, then the material waits', () => {
    const material = [submitted('2025-10-06T07:00:00.000Z'), published('2025-10-07T07:00:00.000Z')];
    expect(states('material-published', material, '2025-10-10T07:00:00.000Z')).toEqual(['overdue']);
  });

  it.each([
    ['a later day', '2025-10-20T07:00:00.000Z', '2025-10-20T07:00:00.000Z'],
    ['the next hour', '2025-10-06T08:00:00.000Z', '2025-10-08T20:59:59.999Z'],
  ])('given it is wanted by %s, then there is time until %s at least', (_name, dueAt, due) => {
    const events = history(submitted('2025-10-06T07:00:00.000Z', dueAt));
    const evaluation = evaluateOver(systemChannels, events, { asOf: '2025-10-06T07:30:00.000Z' });
    expect(findingOf(evaluation, 'material-published')).toMatchObject({ subject: MATERIAL, dueAt: due });
  });
});

describe('C17, the school has the channels of the clause', () => {
  const asOf = '2025-09-16T07:00:00.000Z';

  it.each<[string, readonly Happening[], readonly string[]]>([
    [
      'both in time',
      [registered('2025-09-02T07:00:00.000Z'), registered(START, 'staff')],
      ['fulfilled', 'fulfilled'],
    ],
    ['none', [], ['overdue', 'overdue']],
    ['one, and another kind', [registered(START), registered(START, 'other')], ['fulfilled', 'overdue']],
  ])(
    'given a school on the platform that registered %s, then it is judged so',
    (_name, happenings, expected) => {
      const found = states('channels-registered', [created(START), confirmed(START), ...happenings], asOf);
      expect(found.toSorted()).toEqual(expected);
    },
  );

  it('given a school that is not on the platform, then nothing is asked of it', () => {
    expect(states('channels-registered', [created(START)], asOf)).toEqual([]);
  });

  it('given it was on the platform long before, then there is time from the day its record began', () => {
    const events = history(created(START), confirmed('2024-03-04T07:00:00.000Z'));
    const { findings } = evaluateOver(systemChannels, events, { asOf: START });
    expect(findings.map(({ subject, state, dueAt }) => [subject, state, dueAt])).toEqual([
      [ORGANIZATION, 'open', '2025-09-15T20:59:59.999Z'],
      [ORGANIZATION, 'open', '2025-09-15T20:59:59.999Z'],
    ]);
  });
});
