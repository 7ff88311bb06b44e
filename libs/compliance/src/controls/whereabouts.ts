import {
  AccountLinked,
  AccountUnlinked,
  ChatClosed,
  ChatMemberAdded,
  ChatMemberLeft,
  ChatMemberRemoved,
  GuardianRecorded,
  GuardianshipEnded,
  InvitationLinkUsed,
  MemberJoined,
  memberOf,
  MemberRemoved,
  MemberRoleChanged,
} from '@letopis/school';
import { type Mark, type MarkOf, on, type Recorders, textOf, type Trace } from '../marks';

/** Who is whose guardian: marks of the guardian. */
export const guardianship = {
  guards: [
    on(GuardianRecorded, ({ data }) => ({
      subject: data.personId,
      at: data.at,
      detail: { child: data.childId },
    })),
  ],
  guardsNoMore: [
    on(GuardianshipEnded, ({ data }) => ({
      subject: data.personId,
      at: data.at,
      detail: { child: data.childId },
    })),
  ],
};

/** Where somebody is who joined the community rather than one chat. */
export const COMMUNITY = 'community';

export type WhereaboutsKind = 'came' | 'accountCame' | 'left' | 'closed' | 'linked' | 'unlinked';

const place = (chatId: string | undefined, role: string | undefined): Pick<Trace, 'refersTo' | 'detail'> => ({
  // A chat ends for everybody who is in it.
  ...(chatId !== undefined && { refersTo: chatId }),
  detail: { place: chatId ?? COMMUNITY, ...(role !== undefined && { role }) },
});

const leftChat = ({
  data,
}: {
  data: { chatId: string; personId?: string; externalUserId?: string; at: string };
}): Trace => ({ subject: memberOf(data), at: data.at, detail: { place: data.chatId } });

const account = ({ data }: { data: { personId: string; externalUserId: string } }): Trace => ({
  subject: data.personId,
  refersTo: data.externalUserId,
});

/**
 * Marks of where people are: in the community and in chats, as persons or as accounts of the messenger. Of an account
 * that nobody is linked to, nobody is known to be there.
 */
export const whereabouts: Recorders<WhereaboutsKind> = {
  came: [
    on(InvitationLinkUsed, ({ data: { personId, at, targetKind, targetId, platformRole } }) => {
      if (platformRole === undefined) return undefined;
      return { subject: personId, at, ...place(targetKind === 'chat' ? targetId : undefined, platformRole) };
    }),
    on(MemberJoined, ({ data: { personId, at, platformRole } }) => ({
      subject: personId,
      at,
      ...place(undefined, platformRole),
    })),
    on(ChatMemberAdded, ({ data: { chatId, personId, at, platformRole } }) =>
      personId === undefined ? undefined : { subject: personId, at, ...place(chatId, platformRole) },
    ),
  ],
  accountCame: [
    on(ChatMemberAdded, ({ data: { chatId, personId, externalUserId, at, platformRole } }) =>
      personId !== undefined || externalUserId === undefined
        ? undefined
        : { subject: externalUserId, at, ...place(chatId, platformRole) },
    ),
  ],
  left: [
    on(ChatMemberRemoved, leftChat),
    on(ChatMemberLeft, leftChat),
    on(MemberRemoved, ({ data }) => ({ subject: data.personId, at: data.at, detail: { place: COMMUNITY } })),
    // On the platform another role is another joining: the person leaves in the old one.
    on(MemberRoleChanged, ({ data }) => ({
      subject: data.personId,
      at: data.at,
      detail: { place: COMMUNITY, role: data.from },
    })),
  ],
  closed: [on(ChatClosed, ({ data }) => ({ subject: data.chatId, at: data.at }))],
  linked: [on(AccountLinked, account)],
  unlinked: [on(AccountUnlinked, account)],
};

const KINDS: ReadonlySet<string> = new Set(Object.keys(whereabouts));

/** Somebody's being in a place since a mark. */
export interface Stay {
  readonly since: Mark;
  /** The chat's id, or `COMMUNITY`. */
  readonly place: string;
  /** The role in which they came, where it was told. */
  readonly role?: string;
}

/**
 * Where a person is, from marks taken in order of time; those of other kinds are passed over. Whoever was brought in under
 * two ids, the person's and an account's, is out when either is: MAX tells of accounts only.
 */
export class Whereabouts {
  /** By id, then by place and role. */
  private readonly staysById = new Map<string, Map<string, Stay>>();
  private readonly ids: Set<string>;

  constructor(private readonly person: string) {
    this.ids = new Set([person]);
  }

  /** @returns the stay that begins with the mark, also where the person is not linked to the account yet */
  take(mark: Mark): Stay | undefined {
    if (!isWhereabouts(mark)) return undefined;
    switch (mark.kind) {
      case 'came':
        return this.enter(mark);
      case 'accountCame':
        // Whether the account is a person's stands in that person's marks.
        return mark.subject === this.person ? undefined : this.enter(mark);
      case 'left':
        this.leave(mark);
        return undefined;
      case 'closed':
        for (const stays of this.staysById.values()) stays.delete(mark.subject);
        return undefined;
      case 'linked':
        if (mark.refersTo !== undefined) this.ids.add(mark.refersTo);
        return undefined;
      case 'unlinked':
        if (mark.refersTo !== undefined) this.ids.delete(mark.refersTo);
        return undefined;
    }
  }

  /** Every place that the person is in now. */
  now(): readonly Stay[] {
    return [...this.ids].flatMap((id) => [...(this.staysById.get(id)?.values() ?? [])]);
  }

  private enter(mark: Mark): Stay | undefined {
    const stays = this.staysById.get(mark.subject) ?? new Map<string, Stay>();
    this.staysById.set(mark.subject, stays);
    const at = textOf(mark, 'place') ?? COMMUNITY;
    const role = textOf(mark, 'role');
    const key = at === COMMUNITY ? `${COMMUNITY} ${role ?? ''}` : at;
    const before = stays.get(key);
    const stay: Stay = { since: mark, place: at, ...(role !== undefined && { role }) };
    if (before === undefined || before.role === undefined) stays.set(key, { ...stay, ...before });
    return before === undefined ? stay : undefined;
  }

  private leave(mark: Mark): void {
    const gone = this.ids.has(mark.subject) ? this.ids : new Set([mark.subject]);
    for (const id of gone) {
      const stays = this.staysById.get(id);
      for (const [key, stay] of stays ?? []) if (isEndOf(stay, mark)) stays?.delete(key);
    }
  }
}

function isWhereabouts(mark: Mark): mark is MarkOf<WhereaboutsKind> {
  return KINDS.has(mark.kind);
}

function isEndOf({ place: at, role }: Stay, left: Mark): boolean {
  const leftRole = textOf(left, 'role');
  return at === textOf(left, 'place') && (leftRole === undefined || leftRole === role);
}
