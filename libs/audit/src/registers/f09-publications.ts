import { defineProjection, defineTable, on, typed } from '@letopis/projections';
import { PublicationPublished, PublicationWithdrawn } from '@letopis/school';
import { defineRegister } from './register';

const publicationJournal = defineTable({
  name: 'publication_journal',
  columns: {
    publication_id: 'uuid',
    position: 'bigint',
    published_at: 'timestamptz',
    channel: 'text',
    topic: 'text',
    supplied_by: 'uuid?',
    published_by: 'uuid',
    url: 'text',
    withdrawn_at: 'timestamptz?',
    withdrawal_reason: 'text?',
    status: typed<'published' | 'withdrawn'>('text'),
  },
  key: ['publication_id'],
  indexes: [['organization_id', 'position']],
});

/** What was published in the channels of the school, and what was taken down again. */
export const publicationsProjection = defineProjection({
  name: 'publication-journal',
  version: 1,
  tables: [publicationJournal],
  on: [
    on(PublicationPublished, (rows, { data, position }) => {
      rows.putIfAbsent(publicationJournal, {
        publication_id: data.publicationId,
        position,
        published_at: data.at,
        channel: data.channelTitle,
        topic: data.title,
        supplied_by: data.suppliedBy ?? null,
        published_by: data.by,
        url: data.url,
        status: 'published',
      });
    }),
    on(PublicationWithdrawn, {
      reads: ({ data }) => [publicationJournal.at({ publication_id: data.publicationId })],
      apply: (rows, { data }) => {
        rows.change(publicationJournal, { publication_id: data.publicationId }, (row) => ({
          ...row,
          withdrawn_at: data.at,
          withdrawal_reason: data.reason,
          status: 'withdrawn' as const,
        }));
      },
    }),
  ],
});

/** F9: the journal of publications (clauses 3.1.11, 3.2.3). A publication that was taken down stays, with the reason. */
export const publicationsRegister = defineRegister({
  form: 'F9',
  nameRu: 'Журнал публикаций системных каналов',
  about: 'One row for each publication in a channel of the school, those that were withdrawn too.',
  columns: [
    { key: 'publishedAt', headingRu: 'Дата', type: 'instant', width: 17 },
    { key: 'channel', headingRu: 'Канал', type: 'text', width: 28 },
    { key: 'topic', headingRu: 'Тема', type: 'text', width: 40 },
    { key: 'suppliedBy', headingRu: 'Материал предоставил', type: 'person', width: 32 },
    { key: 'publishedBy', headingRu: 'Опубликовал', type: 'person', width: 32 },
    { key: 'url', headingRu: 'Ссылка', type: 'text', width: 44 },
    {
      key: 'status',
      headingRu: 'Состояние',
      type: 'text',
      width: 14,
      labels: { published: 'опубликовано', withdrawn: 'снято' },
    },
    { key: 'withdrawnAt', headingRu: 'Снято', type: 'instant', width: 17 },
    { key: 'withdrawalReason', headingRu: 'Причина снятия', type: 'text', width: 36 },
  ],
  filters: { period: true, status: { published: 'опубликовано', withdrawn: 'снято' } },
  views: ['publication-journal', 'people', 'organizations'],
  sql: `SELECT *, published_at AS at FROM publication_journal WHERE organization_id = $1`,
});
