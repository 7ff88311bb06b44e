import {
  OrganizationCreated,
  OrganizationRegistrationConfirmed,
  PublicationMaterialSubmitted,
  PublicationPublished,
  SystemChannelRegistered,
} from '@letopis/school';
import { days, deadlineOf, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, on, textOf } from '../marks';
import { isDuration } from '../parameters';
import { cadence, rule } from '../rules';

/** The channels of clause 3.1.11, as the duty to have them names them. */
const SYSTEM_CHANNELS = { general: 'Общий', staff: 'Сотрудники' } as const;

/**
 * The school has the channels General and Staff, something is published in each in time, and so is what the administration
 * supplies. A publication that was withdrawn was one: who looks for silence does not find it there.
 *
 * Not judged: how often the administration supplies material (clause 3.2.3 sets no term), and channels of other kinds,
 * which the clause does not name. No event ends a channel or takes material back.
 */
export const systemChannels = control({
  ...headingOf('C17'),
  version: 1,
  parameters: {
    registerWithin: parameter(
      'Срок внесения системных каналов в реестр после подтверждения регистрации',
      workingDays(10),
    ),
    publishEvery: parameter('Срок очередной публикации в системном канале', days(7)),
    publishAfterMaterial: parameter('Срок публикации материала администрации', workingDays(2)),
  },
  rules: [
    rule({
      id: 'channels-registered',
      about: 'organization',
      manner: 'duty',
      within: 'registerWithin',
      marks: {
        // Who was on the platform before the record began has time from then on.
        created: [on(OrganizationCreated, ({ organizationId }) => ({ subject: organizationId }))],
        confirmed: [
          on(OrganizationRegistrationConfirmed, ({ organizationId, data }) => ({
            subject: organizationId,
            at: data.confirmedAt,
          })),
        ],
        registered: [
          on(SystemChannelRegistered, ({ organizationId, data }) => ({
            subject: organizationId,
            detail: { kind: data.kind },
          })),
        ],
      },
      evidence: ['confirmed'],
      spans: (marks) => {
        const created = marks.find(({ kind }) => kind === 'created');
        const confirmed = marks.find(({ kind }) => kind === 'confirmed');
        if (created === undefined || confirmed === undefined) return [];
        const since = created.at > confirmed.at ? created.at : confirmed.at;
        return Object.entries(SYSTEM_CHANNELS).map(([kind, title]) => {
          const until = marks.find((mark) => mark.kind === 'registered' && textOf(mark, 'kind') === kind);
          return {
            from: confirmed,
            since,
            key: kind,
            what: `внести в реестр системный канал «${title}»`,
            ...(until !== undefined && { until }),
          };
        });
      },
    }),
    cadence({
      id: 'published-weekly',
      about: 'channel',
      duty: 'разместить информацию в системном канале',
      every: 'publishEvery',
      starts: [
        on(SystemChannelRegistered, ({ data }) =>
          Object.hasOwn(SYSTEM_CHANNELS, data.kind) ? { subject: data.channelId } : undefined,
        ),
      ],
      happens: [on(PublicationPublished, ({ data }) => ({ subject: data.channelId, at: data.at }))],
    }),
    rule({
      id: 'material-published',
      about: 'material',
      manner: 'duty',
      within: 'publishAfterMaterial',
      marks: {
        submitted: [
          on(PublicationMaterialSubmitted, ({ data }) => ({
            subject: data.materialId,
            at: data.at,
            detail: { dueAt: data.dueAt },
          })),
        ],
        published: [
          on(PublicationPublished, ({ data }) =>
            data.materialId === undefined ? undefined : { subject: data.materialId, at: data.at },
          ),
        ],
      },
      evidence: ['submitted'],
      spans: (marks, _subject, circumstances): readonly Span<'publishAfterMaterial'>[] => {
        const from = marks.find(({ kind }) => kind === 'submitted');
        const until = marks.find(({ kind }) => kind === 'published');
        if (from === undefined) return [];
        const value = circumstances.valueOf('publishAfterMaterial', from.at);
        const wanted = dueAtOf(from);
        // Who supplies material early names the day for which it is meant.
        const later = isDuration(value) && wanted > deadlineOf(from.at, value, circumstances).at;
        return [
          {
            from,
            what: 'разместить в системном канале материал, предоставленный администрацией',
            ...(until !== undefined && { until }),
            ...(later && { due: { at: wanted } }),
          },
        ];
      },
    }),
  ],
});

function dueAtOf(submitted: Mark): string {
  return textOf(submitted, 'dueAt') ?? submitted.at;
}
