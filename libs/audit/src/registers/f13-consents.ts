import {
  defineProjection,
  defineTable,
  on,
  type ProjectedEvent,
  type Rows,
  typed,
} from '@letopis/projections';
import { AlternativeChannelProvided, ConsentGiven, ConsentRefused, ConsentWithdrawn } from '@letopis/school';
import { defineRegister } from './register';

/** What was declared on each purpose, each word of it. */
const consentJournal = defineTable({
  name: 'consent_journal',
  columns: {
    position: 'bigint',
    subject_id: 'uuid',
    representative_id: 'uuid?',
    purpose: 'text',
    decision: typed<'given' | 'refused' | 'withdrawn'>('text'),
    document_ref: 'text?',
    at: 'timestamptz',
  },
  key: ['position'],
  indexes: [['organization_id', 'subject_id', 'purpose', 'at']],
});

/** How the school keeps in touch with whoever does not take part. */
const alternativeChannels = defineTable({
  name: 'alternative_channels',
  columns: { position: 'bigint', subject_id: 'uuid', channel: 'text', at: 'timestamptz' },
  key: ['position'],
  indexes: [['organization_id', 'subject_id', 'at']],
});

interface Declaration {
  readonly personId: string;
  readonly onBehalfOf?: string;
  readonly purpose: string;
}

function declared(
  rows: Rows,
  { data: { personId, onBehalfOf, purpose }, position }: ProjectedEvent<Declaration>,
  said: {
    readonly decision: 'given' | 'refused' | 'withdrawn';
    readonly at: string;
    readonly document_ref?: string;
  },
): void {
  rows.put(consentJournal, {
    position,
    subject_id: onBehalfOf ?? personId,
    representative_id: onBehalfOf === undefined ? null : personId,
    purpose,
    ...said,
  });
}

/** Consents, refusals, withdrawals, and the channels that were provided instead. */
export const consentsProjection = defineProjection({
  name: 'consent-journal',
  version: 1,
  tables: [consentJournal, alternativeChannels],
  on: [
    on(ConsentGiven, (rows, event) => {
      const { at, documentRef } = event.data;
      declared(rows, event, { decision: 'given', at, document_ref: documentRef });
    }),
    on(ConsentRefused, (rows, event) => {
      declared(rows, event, { decision: 'refused', at: event.data.at });
    }),
    on(ConsentWithdrawn, (rows, event) => {
      declared(rows, event, { decision: 'withdrawn', at: event.data.receivedAt });
    }),
    on(AlternativeChannelProvided, (rows, { data, position }) => {
      rows.put(alternativeChannels, {
        position,
        subject_id: data.onBehalfOf ?? data.personId,
        channel: data.channel,
        at: data.at,
      });
    }),
  ],
});

const STATUSES_RU = {
  given: 'согласие действует',
  withdrawn: 'согласие отозвано',
  refused: 'отказ',
  reconsidered: 'отказ, позже дано согласие',
};

/**
 * F13: the register of consents and refusals (152-ФЗ ст. 9; X.1, control C28).
 *
 * A consent ends with the first withdrawal or refusal of the same subject for the same purpose from then on: of a yes and a
 * no at the same instant the no counts. A withdrawal has a row of its own only where no consent is on record for it.
 * Whoever refuses or withdraws from taking part is owed another channel: the latest one is told.
 */
export const consentsRegister = defineRegister({
  form: 'F13',
  nameRu: 'Реестр согласий и отказов',
  about:
    'One row for each consent and each refusal to process personal data, and for a withdrawal of an unknown consent.',
  columns: [
    { key: 'subject', headingRu: 'Субъект', type: 'person', width: 34 },
    { key: 'representative', headingRu: 'Представитель', type: 'person', width: 34 },
    {
      key: 'purpose',
      headingRu: 'Цель',
      type: 'text',
      width: 30,
      labels: {
        platform_use: 'участие в сообществе и чатах',
        publication: 'публикация фотографий и работ',
      },
    },
    { key: 'document', headingRu: 'Документ', type: 'text', width: 30 },
    { key: 'declaredAt', headingRu: 'Дата', type: 'instant', width: 17 },
    { key: 'withdrawnAt', headingRu: 'Отозвано', type: 'instant', width: 17 },
    {
      key: 'alternativeChannel',
      headingRu: 'Альтернативный канал',
      type: 'text',
      width: 22,
      labels: {
        e_diary: 'электронный дневник',
        paper: 'на бумаге',
        email: 'электронная почта',
        meeting: 'личная встреча',
      },
    },
    { key: 'status', headingRu: 'Состояние', type: 'text', width: 26, labels: STATUSES_RU },
  ],
  filters: { period: true, status: STATUSES_RU },
  views: ['consent-journal', 'people', 'organizations'],
  sql: `
    SELECT said.position, said.at, said.subject_id AS subject, said.representative_id AS representative,
           said.purpose, said.document_ref AS document,
           CASE WHEN said.decision <> 'withdrawn' THEN said.at END AS declared_at, ended.at AS withdrawn_at,
           CASE WHEN said.purpose = 'platform_use' AND (said.decision = 'refused' OR ended.at IS NOT NULL) THEN (
             SELECT instead.channel FROM alternative_channels instead
             WHERE instead.organization_id = $1 AND instead.subject_id = said.subject_id
             ORDER BY instead.at DESC, instead.position DESC LIMIT 1)
           END AS alternative_channel,
           CASE WHEN ended.at IS NOT NULL THEN 'withdrawn'
                WHEN said.decision = 'given' THEN 'given'
                WHEN EXISTS (
                  SELECT FROM consent_journal yes
                  WHERE yes.organization_id = $1 AND yes.subject_id = said.subject_id
                    AND yes.purpose = said.purpose AND yes.decision = 'given' AND yes.at > said.at)
                THEN 'reconsidered' ELSE 'refused'
           END AS status
    FROM consent_journal said
    CROSS JOIN LATERAL (
      SELECT CASE said.decision
        WHEN 'withdrawn' THEN said.at
        WHEN 'given' THEN (
          SELECT min(no.at) FROM consent_journal no
          WHERE no.organization_id = $1 AND no.subject_id = said.subject_id AND no.purpose = said.purpose
            AND no.decision <> 'given' AND no.at >= said.at)
      END AS at) AS ended
    WHERE said.organization_id = $1
      AND (said.decision <> 'withdrawn' OR NOT EXISTS (
        SELECT FROM consent_journal yes
        WHERE yes.organization_id = $1 AND yes.subject_id = said.subject_id AND yes.purpose = said.purpose
          AND yes.decision = 'given' AND yes.at <= said.at))`,
});
