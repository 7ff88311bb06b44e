import {
  ChatClosed,
  GroupArchived,
  InvitationLinkCreated,
  InvitationLinkExpired,
  InvitationLinkRevoked,
  InvitationLinkUsed,
} from '@letopis/school';
import { days } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Mark, type MarkOf, on, textOf } from '../marks';
import { invariant, obligation, prohibition, stretches } from '../rules';

const link = ({ data }: { data: { linkId: string } }) => ({ subject: data.linkId });

/** A link ends with its term, whether or not anybody notes that it did. */
const expires = on(InvitationLinkCreated, ({ data }) => ({ subject: data.linkId, at: data.expiresAt }));
const expired = on(InvitationLinkExpired, ({ data }) => ({ subject: data.linkId, at: data.at }));
const used = on(InvitationLinkUsed, ({ data }) => ({ subject: data.linkId, at: data.at }));
const revoked = on(InvitationLinkRevoked, link);

interface Link {
  readonly created?: Mark;
  readonly ended: boolean;
  readonly archived?: Mark;
}

export const invitationLinkHygiene = control({
  ...headingOf('C08'),
  version: 1,
  parameters: {
    unclaimedRevokeAfter: parameter('Срок аннулирования ссылки, которой никто не воспользовался', days(14)),
  },
  rules: [
    obligation({
      id: 'unclaimed-revoked',
      about: 'link',
      duty: 'аннулировать ссылку-приглашение, которой никто не воспользовался',
      dueWithin: 'unclaimedRevokeAfter',
      opens: [on(InvitationLinkCreated, link)],
      fulfils: [revoked],
      cancels: [used, expires, expired],
    }),
    prohibition({
      id: 'used-while-valid',
      about: 'link',
      severity: 'critical',
      marks: {
        created: [
          on(InvitationLinkCreated, ({ data }) => ({
            subject: data.linkId,
            detail: { expiresAt: data.expiresAt, maxUses: data.maxUses },
          })),
        ],
        used: [used],
        revoked: [revoked],
      },
      evidence: ['created', 'used'],
      spans: (marks) => {
        const created = marks.find(({ kind }) => kind === 'created');
        const revocation = marks.find(({ kind }) => kind === 'revoked');
        return marks
          .filter(({ kind }) => kind === 'used')
          .flatMap((use, index) => {
            const wrongs = wrongsOf(use, index + 1, created, revocation);
            const because = [created, revocation].filter((mark) => mark !== undefined);
            return wrongs.length === 0
              ? []
              : [{ from: use, because, what: `ссылка-приглашение использована ${wrongs.join(', ')}` }];
          });
      },
    }),
    invariant({
      id: 'ends-with-target',
      about: 'link',
      marks: {
        created: [
          on(InvitationLinkCreated, ({ data }) => ({ subject: data.linkId, refersTo: data.targetId })),
        ],
        ended: [revoked, expires, expired],
        archived: [
          on(GroupArchived, ({ data }) => ({ subject: data.groupId })),
          on(ChatClosed, ({ data }) => ({ subject: data.chatId, at: data.at })),
        ],
      },
      evidence: ['created'],
      spans: (marks) =>
        stretches<'created' | 'ended' | 'archived', Link>(marks, {
          initial: { ended: false },
          evolve: (state, mark) => {
            switch (mark.kind) {
              case 'created':
                return { ...state, created: mark };
              case 'ended':
                return { ...state, ended: true };
              case 'archived':
                return { ...state, archived: mark };
            }
          },
          broken: ({ created, ended, archived }) =>
            created !== undefined && !ended && archived !== undefined ? [created, archived] : undefined,
          what: 'ссылка-приглашение действует, хотя её группа в архиве или чат закрыт',
        }),
    }),
  ],
});

/** Why the `count`-th use was not allowed, in Russian. */
function wrongsOf(
  use: MarkOf<'used' | 'created' | 'revoked'>,
  count: number,
  created: Mark | undefined,
  revocation: Mark | undefined,
): readonly string[] {
  const expiresAt = created === undefined ? undefined : textOf(created, 'expiresAt');
  const maxUses = created?.detail?.maxUses;
  return [
    ...(revocation !== undefined && use.at > revocation.at ? ['после аннулирования'] : []),
    ...(expiresAt !== undefined && use.at > expiresAt ? ['после истечения срока'] : []),
    ...(typeof maxUses === 'number' && count > maxUses ? [`сверх разрешённого числа раз (${maxUses})`] : []),
  ];
}
