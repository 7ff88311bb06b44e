import { defineProjection, defineTable, nullable, on, typed } from '@letopis/projections';
import { SupportRequestOpened, SupportRequestResolved, VendorTicketOpened } from '@letopis/school';
import { type Sealed, sealedOf } from './sealed';

/** Every question; a request for help has another one where it is opened again. */
const supportQuestions = defineTable({
  name: 'support_questions',
  columns: {
    position: 'bigint',
    request_id: 'uuid',
    requester_id: 'uuid',
    topic: nullable(typed<Sealed>('jsonb')),
    asked_at: 'timestamptz',
  },
  key: ['position'],
});

const supportResolutions = defineTable({
  name: 'support_resolutions',
  columns: {
    position: 'bigint',
    request_id: 'uuid',
    resolution: nullable(typed<Sealed>('jsonb')),
    at: 'timestamptz',
  },
  key: ['position'],
  indexes: [['organization_id', 'request_id', 'at']],
});

/** Requests that were handed on to the vendor. */
const vendorReferrals = defineTable({
  name: 'vendor_referrals',
  columns: { position: 'bigint', request_id: 'uuid', at: 'timestamptz' },
  key: ['position'],
  indexes: [['organization_id', 'request_id', 'at']],
});

/** Requests for help, how they were resolved, and which were handed on to the vendor. */
export const supportProjection = defineProjection({
  name: 'support',
  version: 1,
  tables: [supportQuestions, supportResolutions, vendorReferrals],
  on: [
    on(SupportRequestOpened, (rows, event) => {
      rows.put(supportQuestions, {
        position: event.position,
        request_id: event.data.requestId,
        requester_id: event.data.requesterId,
        topic: sealedOf(event, 'topic', 'requesterId'),
        asked_at: event.data.at,
      });
    }),
    on(SupportRequestResolved, (rows, event) => {
      rows.put(supportResolutions, {
        position: event.position,
        request_id: event.data.requestId,
        resolution: sealedOf(event, 'resolution', 'requesterId'),
        at: event.data.at,
      });
    }),
    on(VendorTicketOpened, (rows, { data: { supportRequestId, at }, position }) => {
      if (supportRequestId === undefined) return;
      rows.put(vendorReferrals, { position, request_id: supportRequestId, at });
    }),
  ],
});
