import { type Pool } from 'pg';
import { defineProjection, defineTable, on, typed } from '@letopis/projections';
import {
  InvitationLinkCreated,
  InvitationLinkExpired,
  InvitationLinkRevoked,
  InvitationLinkSent,
  InvitationLinkUsed,
} from './invitation';

/** The journal of invitation links (form F3). */
const invitationLinks = defineTable({
  name: 'invitation_links',
  columns: {
    link_id: 'uuid',
    position: 'bigint',
    target_kind: 'text',
    target_id: 'uuid',
    platform_role: 'text',
    issuer_id: 'uuid',
    issuer_role: 'text',
    created_at: 'timestamptz',
    expires_at: 'timestamptz',
    max_uses: 'integer',
    uses: 'integer',
    sent_to: 'uuid[]',
    revoked_at: 'timestamptz?',
    revoked_by: 'uuid?',
    revocation_reason: 'text?',
    status: typed<'live' | 'revoked' | 'expired'>('text'),
  },
  key: ['link_id'],
  indexes: [
    ['status', 'expires_at'],
    ['organization_id', 'position'],
  ],
});

export const invitationsProjection = defineProjection({
  name: 'invitations',
  version: 2,
  tables: [invitationLinks],
  on: [
    on(InvitationLinkCreated, (rows, { data, position, occurredAt }) => {
      rows.put(invitationLinks, {
        link_id: data.linkId,
        position,
        target_kind: data.targetKind,
        target_id: data.targetId,
        platform_role: data.platformRole,
        issuer_id: data.issuer.personId,
        issuer_role: data.issuer.role,
        created_at: occurredAt,
        expires_at: data.expiresAt,
        max_uses: data.maxUses,
        uses: 0,
        sent_to: [],
        status: 'live',
      });
    }),
    on(InvitationLinkSent, {
      reads: ({ data }) => [invitationLinks.at({ link_id: data.linkId })],
      apply: (rows, { data }) => {
        rows.change(invitationLinks, { link_id: data.linkId }, (row) => ({
          ...row,
          sent_to: [...new Set([...row.sent_to, ...data.recipientIds])],
        }));
      },
    }),
    on(InvitationLinkUsed, {
      reads: ({ data }) => [invitationLinks.at({ link_id: data.linkId })],
      apply: (rows, { data }) => {
        rows.change(invitationLinks, { link_id: data.linkId }, (row) => ({ ...row, uses: row.uses + 1 }));
      },
    }),
    on(InvitationLinkRevoked, {
      reads: ({ data }) => [invitationLinks.at({ link_id: data.linkId })],
      apply: (rows, { data, occurredAt }) => {
        rows.change(invitationLinks, { link_id: data.linkId }, (row) => ({
          ...row,
          status: 'revoked' as const,
          revoked_at: occurredAt,
          revoked_by: data.by,
          revocation_reason: data.reason,
        }));
      },
    }),
    on(InvitationLinkExpired, {
      reads: ({ data }) => [invitationLinks.at({ link_id: data.linkId })],
      apply: (rows, { data }) => {
        rows.change(invitationLinks, { link_id: data.linkId }, (row) => ({
          ...row,
          status: 'expired' as const,
        }));
      },
    }),
  ],
});

/** Links that are live in the view although their time was over before `now`: oldest first. */
export async function overdueLinks(
  views: Pool,
  now: Date,
  limit: number,
): Promise<readonly { organizationId: string; linkId: string }[]> {
  const { rows } = await views.query<{ organization_id: string; link_id: string }>(
    `SELECT organization_id, link_id FROM invitation_links
     WHERE status = 'live' AND expires_at <= $1 ORDER BY expires_at LIMIT $2`,
    [now, limit],
  );
  return rows.map((row) => ({ organizationId: row.organization_id, linkId: row.link_id }));
}
