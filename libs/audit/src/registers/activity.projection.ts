import { defineProjection, defineTable, on } from '@letopis/projections';
import { MessagePosted, UsageStatisticsCaptured } from '@letopis/school';

/** When each sender posted first and last on each day (UTC): enough to tell who did between any two instants of two days. */
const senderDays = defineTable({
  name: 'sender_days',
  columns: { day: 'date', sender_id: 'uuid', first_at: 'timestamptz', last_at: 'timestamptz' },
  key: ['day', 'sender_id'],
});

/** The numbers of the platform, as they were captured last for each period and source. */
const usageStatistics = defineTable({
  name: 'usage_statistics',
  columns: {
    period_to: 'timestamptz',
    period_from: 'timestamptz',
    source: 'text',
    position: 'bigint',
    active_teachers: 'integer',
  },
  key: ['period_to', 'period_from', 'source'],
});

const dayOf = (at: string): string => at.slice(0, 10);

/** Who posts, and what the platform says of it. */
export const activityProjection = defineProjection({
  name: 'activity',
  version: 1,
  tables: [senderDays, usageStatistics],
  on: [
    on(MessagePosted, {
      reads: ({ data: { senderId, at } }) =>
        senderId === undefined ? [] : [senderDays.at({ day: dayOf(at), sender_id: senderId })],
      apply: (rows, { data: { senderId, at } }) => {
        if (senderId === undefined) return;
        const key = { day: dayOf(at), sender_id: senderId };
        const { first_at: first, last_at: last } = rows.get(senderDays, key) ?? { first_at: at, last_at: at };
        rows.put(senderDays, {
          ...key,
          first_at: at < first ? at : first,
          last_at: at > last ? at : last,
        });
      },
    }),
    on(UsageStatisticsCaptured, (rows, { data: { periodFrom, periodTo, source, metrics }, position }) => {
      rows.put(usageStatistics, {
        period_to: periodTo,
        period_from: periodFrom,
        source,
        position,
        active_teachers: metrics.weeklyActive.teacher,
      });
    }),
  ],
});
