import {
  AccountLinked,
  AccountUnlinked,
  ChatAutoProvisioned,
  ChatClosed,
  type ChatKind,
  ChatMemberAdded,
  ChatMemberLeft,
  ChatMemberRemoved,
  ChatRegistered,
  ChatRosterDiscrepancyDetected,
  MemberJoined,
  MemberMovementRecorded,
  memberOf,
  MemberRemoved,
  MemberRoleChanged,
  OrganizationCreated,
  PLATFORM_ROLES,
  type PlatformRole,
} from '@letopis/school';
import { hours, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, textOf } from '../marks';
import { mention } from '../mentions';
import { rule } from '../rules';
import { guardianship } from './whereabouts';

type Movement = ReturnType<typeof MemberMovementRecorded.of>['data']['kind'];

/** Movements after which somebody is not where they were. */
const AWAY: ReadonlySet<Movement> = new Set<Movement>(['departed', 'dismissed', 'transferred']);

/** In which roles one may be in a chat of this kind (clauses 1.3, 3.2.4, 3.3.3, 3.4.3). */
const ROLES_OF: Record<ChatKind, readonly PlatformRole[]> = {
  head_deputies: ['teacher'],
  head_teachers: ['teacher'],
  management: ['teacher'],
  class_students: ['teacher', 'student'],
  class_parents: ['teacher', 'parent'],
  subject: ['teacher', 'student'],
  other: PLATFORM_ROLES,
};

/** The chat of an event as the rule's register of chats has it. */
const entry = (data: { chatId: string; kind: ChatKind; groupId?: string }) => ({
  subject: data.chatId,
  detail: { kind: data.kind, ...(data.groupId !== undefined && { group: data.groupId }) },
});

/** A coming or going of the member of an event. */
const member = (data: { chatId: string; personId?: string; externalUserId?: string; at: string }) => ({
  subject: memberOf(data),
  at: data.at,
  refersTo: data.chatId,
});

const recorders = {
  away: [
    on(MemberMovementRecorded, ({ data: { personId, kind, effectiveAt, fromGroup, toGroup } }) =>
      AWAY.has(kind)
        ? {
            subject: personId,
            at: effectiveAt,
            detail: {
              kind,
              ...(fromGroup !== undefined && { from: fromGroup }),
              ...(toGroup !== undefined && { to: toGroup }),
            },
          }
        : undefined,
    ),
  ],
  came: [
    on(MemberMovementRecorded, ({ data: { personId, kind, effectiveAt } }) =>
      kind === 'hired' || kind === 'enrolled'
        ? { subject: personId, at: effectiveAt, detail: { kind } }
        : undefined,
    ),
  ],
  ...guardianship,
  joined: [
    on(MemberJoined, ({ data }) => ({
      subject: data.personId,
      at: data.at,
      detail: { role: data.platformRole },
    })),
  ],
  left: [
    on(MemberRemoved, ({ data }) => ({ subject: data.personId, at: data.at })),
    on(MemberRoleChanged, ({ data }) => ({
      subject: data.personId,
      at: data.at,
      detail: { role: data.from },
    })),
  ],
  entered: [on(ChatMemberAdded, ({ data }) => member(data))],
  gone: [
    on(ChatMemberRemoved, ({ data }) => member(data)),
    on(ChatMemberLeft, ({ data }) => member(data)),
    // Who is not in the list that was read has gone, whether or not the messenger told of it.
    on(ChatRosterDiscrepancyDetected, ({ data: { chatId, missing, takenAt } }) =>
      [...new Set(missing)].map((id) => ({ subject: id, at: takenAt, refersTo: chatId })),
    ),
  ],
  linked: [on(AccountLinked, ({ data }) => ({ subject: data.personId, refersTo: data.externalUserId }))],
  unlinked: [on(AccountUnlinked, ({ data }) => ({ subject: data.personId, refersTo: data.externalUserId }))],
  chat: [
    on(ChatRegistered, ({ data }) => entry(data)),
    on(ChatAutoProvisioned, ({ data }) => ({ ...entry(data), at: data.at })),
  ],
  closed: [on(ChatClosed, ({ data }) => ({ subject: data.chatId, at: data.at }))],
};
type Kind = keyof typeof recorders;

/**
 * C12. Counted are chats that the rule knows by the register. Whoever was only ever seen under an account of the messenger
 * is followed by the link of that account, as far as the marks given reach: from the person to the account, and from there to
 * the chats. Members whom the register does not know, and parents of a pupil who has left, are a matter of C14; rights of an
 * administrator end with the membership, or are a matter of C15.
 */
export const movementReflected = control({
  ...headingOf('C12'),
  version: 1,
  parameters: {
    removeWithin: parameter('Срок исключения выбывшего из сообщества и чатов', hours(24)),
    correctWithin: parameter('Срок внесения приказа о движении со дня его действия', workingDays(3)),
  },
  rules: [
    rule({
      id: 'removed-after-departure',
      about: 'person',
      manner: 'duty',
      within: 'removeWithin',
      marks: recorders,
      evidence: ['away'],
      spans: (marks, subject) => staysOf(marks, subject),
    }),
    rule({
      id: 'movement-recorded',
      about: 'person',
      severity: 'medium',
      manner: 'duty',
      within: 'correctWithin',
      marks: {
        holds: [
          on(MemberMovementRecorded, ({ organizationId, data }) =>
            AWAY.has(data.kind)
              ? { subject: data.personId, at: data.effectiveAt, refersTo: organizationId }
              : undefined,
          ),
        ],
        recorded: [
          on(MemberMovementRecorded, ({ data }) =>
            AWAY.has(data.kind) ? { subject: data.personId } : undefined,
          ),
        ],
        founded: [on(OrganizationCreated, ({ organizationId }) => ({ subject: organizationId }))],
      },
      evidence: ['holds'],
      spans: (marks) => {
        // What held before the school kept its record here could not be entered in time.
        const founded = marks.find(({ kind }) => kind === 'founded');
        const recorded = new Map(
          marks.filter(({ kind }) => kind === 'recorded').map((mark) => [mark.eventId, mark]),
        );
        return marks
          .filter(({ kind, at }) => kind === 'holds' && founded !== undefined && founded.at <= at)
          .map((from) => ({
            from,
            until: recorded.get(from.eventId),
            what: 'внести приказ о выбытии, увольнении или переводе',
          }));
      },
    }),
  ],
});

/** Somebody who has gone and still is where they do not belong. */
interface Stay {
  readonly from: Mark;
  /** How each place was entered, by its name. */
  readonly places: Map<string, Mark>;
  readonly exits: Mark[];
}

/** A movement after which somebody must not be in some places, and whether they are. */
interface Cause {
  readonly movement: Mark;
  stay?: Stay;
}

/** In the community itself, rather than in a chat. */
const COMMUNITY = '';

/** When the person was where a movement had ended that they belong. */
function staysOf(marks: readonly MarkOf<Kind>[], person: string): readonly Span[] {
  const spans: Span[] = [];
  const where = new Whereabouts(person, accountsOf(marks, person));
  let departure: Cause | undefined;
  const transfers = new Map<string, Cause>();

  const look = (cause: Cause, mark: MarkOf<Kind>, places: ReadonlyMap<string, Mark>): void => {
    const { stay } = cause;
    if (places.size > 0) {
      cause.stay ??= { from: mark, places: new Map(), exits: [] };
      for (const [place, entered] of places) cause.stay.places.set(place, entered);
      if (stay !== undefined && isExit(mark)) stay.exits.push(mark);
    } else if (stay !== undefined) {
      if (mark.at > stay.from.at)
        spans.push({ ...spanOf(cause.movement, stay), until: mark, ceased: !isExit(mark) });
      cause.stay = undefined;
    }
  };
  const end = (cause: Cause | undefined, mark: MarkOf<Kind>): void => {
    if (cause !== undefined) look(cause, mark, new Map());
  };

  for (const mark of marks) {
    if (!where.take(mark)) continue;
    if (mark.kind === 'came') {
      end(departure, mark);
      departure = undefined;
    }
    if (mark.kind === 'away') {
      const from = textOf(mark, 'from');
      if (textOf(mark, 'kind') !== 'transferred') {
        for (const cause of transfers.values()) end(cause, mark);
        transfers.clear();
        departure ??= { movement: mark };
      } else if (from !== undefined && !where.roles.has('teacher')) {
        const to = textOf(mark, 'to') ?? '';
        end(transfers.get(to), mark);
        transfers.delete(to);
        if (from !== to && !transfers.has(from)) transfers.set(from, { movement: mark });
      }
    }
    if (departure !== undefined) look(departure, mark, where.beyondRoles());
    for (const [group, cause] of transfers) look(cause, mark, where.inChatsOf(group));
  }
  for (const { movement, stay } of [...(departure === undefined ? [] : [departure]), ...transfers.values()]) {
    if (stay !== undefined) spans.push(spanOf(movement, stay));
  }
  return spans;
}

/** Whether the person went by themselves or was removed. */
function isExit({ kind }: MarkOf<Kind>): boolean {
  return kind === 'gone' || kind === 'left';
}

/** The accounts that are the person's by the latest word on them, so that what was seen of one before its link counts. */
function accountsOf(marks: readonly MarkOf<Kind>[], person: string): ReadonlySet<string> {
  const accounts = new Set<string>();
  for (const { kind, subject, refersTo } of marks) {
    if (subject !== person || refersTo === undefined) continue;
    if (kind === 'linked') accounts.add(refersTo);
    if (kind === 'unlinked') accounts.delete(refersTo);
  }
  return accounts;
}

/** Where a person is and belongs, mark by mark. */
class Whereabouts {
  /** In which roles the rosters hold the person. */
  readonly roles = new Set<PlatformRole>();
  private readonly children = new Set<string>();
  /** How the person joined the community, by role. */
  private readonly community = new Map<string, Mark>();
  /** By chat: how the person, or an account, entered it. */
  private readonly entries = new Map<string, Map<string, Mark>>();
  /** Accounts that are known to be the person's by now. */
  private readonly linked = new Set<string>();
  /** Chats of the register that are not closed. */
  private readonly chats = new Map<
    string,
    { readonly roles: readonly PlatformRole[]; readonly group?: string }
  >();

  constructor(
    private readonly person: string,
    private readonly accounts: ReadonlySet<string>,
  ) {}

  /** @returns whether the mark says anything of the person, or of a chat */
  take(mark: MarkOf<Kind>): boolean {
    const { subject, refersTo = '' } = mark;
    const child = textOf(mark, 'child');
    switch (mark.kind) {
      case 'chat':
        this.chats.set(subject, chatOf(mark));
        return true;
      case 'closed':
        this.chats.delete(subject);
        return true;
      case 'entered':
        if (!this.isOwn(subject)) return false;
        this.entries.set(
          refersTo,
          (this.entries.get(refersTo) ?? new Map<string, Mark>()).set(subject, mark),
        );
        return true;
      case 'gone':
        if (!this.isOwn(subject)) return false;
        this.leave(refersTo, subject);
        return true;
      case 'away':
      case 'came':
      case 'guards':
      case 'guardsNoMore':
      case 'joined':
      case 'left':
      case 'linked':
      case 'unlinked':
        if (subject !== this.person) return false;
    }
    switch (mark.kind) {
      case 'away':
        if (textOf(mark, 'kind') === 'dismissed') this.roles.delete('teacher');
        if (textOf(mark, 'kind') === 'departed') this.roles.delete('student');
        break;
      case 'came':
        this.roles.add(textOf(mark, 'kind') === 'hired' ? 'teacher' : 'student');
        break;
      case 'guards':
        this.children.add(child ?? '');
        this.roles.add('parent');
        break;
      case 'guardsNoMore':
        this.children.delete(child ?? '');
        if (this.children.size === 0) this.roles.delete('parent');
        break;
      case 'joined':
        this.community.set(textOf(mark, 'role') ?? '', mark);
        break;
      case 'left': {
        const role = textOf(mark, 'role');
        if (role === undefined) this.community.clear();
        else this.community.delete(role);
        break;
      }
      case 'linked':
        this.linked.add(refersTo);
        break;
      case 'unlinked':
        this.linked.delete(refersTo);
        break;
    }
    return true;
  }

  /** Where the person is in no role in which the rosters hold them. */
  beyondRoles(): ReadonlyMap<string, Mark> {
    const places = new Map<string, Mark>();
    for (const [role, joined] of this.community) {
      if (![...this.roles].some((held) => held === role)) places.set(COMMUNITY, joined);
    }
    for (const [id, entered] of this.present()) {
      if (this.chats.get(id)?.roles.every((role) => !this.roles.has(role)) === true) places.set(id, entered);
    }
    return places;
  }

  /** The chats of a group in which the person is. */
  inChatsOf(group: string): ReadonlyMap<string, Mark> {
    return new Map([...this.present()].filter(([id]) => this.chats.get(id)?.group === group));
  }

  private *present(): Iterable<readonly [chat: string, entered: Mark]> {
    for (const [chat, entries] of this.entries) {
      for (const [id, entered] of entries) {
        if (id === this.person || this.linked.has(id)) yield [chat, entered];
      }
    }
  }

  private isOwn(id: string): boolean {
    return id === this.person || this.accounts.has(id);
  }

  /** Who goes under one account may be there under another; who is told to be gone as a person is gone. */
  private leave(chat: string, id: string): void {
    const entries = this.entries.get(chat);
    entries?.delete(id);
    entries?.delete(this.person);
    if (id === this.person || entries?.size === 0) this.entries.delete(chat);
  }
}

function chatOf(mark: Mark): { readonly roles: readonly PlatformRole[]; readonly group?: string } {
  const group = textOf(mark, 'group');
  const kind = textOf(mark, 'kind');
  const roles = Object.entries(ROLES_OF).find(([known]) => known === kind)?.[1] ?? PLATFORM_ROLES;
  return { roles, ...(group !== undefined && { group }) };
}

/** More chats than these are counted, not named. */
const NAMED_CHATS = 10;

function spanOf(movement: Mark, { from, places, exits }: Stay): Span {
  const chats = [...places.keys()].filter((place) => place !== COMMUNITY);
  const more = chats.length > NAMED_CHATS ? ` и ещё ${chats.length - NAMED_CHATS}` : '';
  const named = `${chats
    .slice(0, NAMED_CHATS)
    .map((id) => mention('chat', id))
    .join(', ')}${more}`;
  return {
    from,
    because: [...(from === movement ? [] : [movement]), ...places.values(), ...exits],
    what: whatOf(movement, places.has(COMMUNITY), chats.length > 0 ? named : undefined),
  };
}

/** What is to be done, by the movement and the places. */
function whatOf(movement: Mark, community: boolean, chats: string | undefined): string {
  if (textOf(movement, 'kind') === 'transferred') {
    return `исключить переведённого обучающегося из чатов прежней группы: ${chats ?? ''}`;
  }
  const who = textOf(movement, 'kind') === 'dismissed' ? 'уволенного работника' : 'выбывшего обучающегося';
  const places = [...(community ? ['сообщества'] : []), ...(chats === undefined ? [] : [`чатов: ${chats}`])];
  return `исключить ${who} из ${places.join(' и ')}`;
}
