import {
  AccountLinked,
  AccountUnlinked,
  ChatAdminGranted,
  ChatAdminRevoked,
  ChatAutoProvisioned,
  ChatClosed,
  ChatMemberLeft,
  ChatMemberRemoved,
  ChatOwnerTransferred,
  ChatRegistered,
  MemberMovementRecorded,
  memberOf,
} from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, textOf } from '../marks';
import { mention } from '../mentions';
import { invariant, stretches } from '../rules';
import { guardianship } from './whereabouts';

/** Who comes or goes in a chat: the person, or the pseudonym of an account, to whose link the mark leads. */
const somebody = (data: { chatId: string; personId?: string; externalUserId?: string; at: string }) => ({
  subject: data.chatId,
  at: data.at,
  refersTo: memberOf(data),
  detail: { known: data.personId !== undefined },
});

/** Who keeps a chat, as far as its own marks tell. */
const keepers = {
  entered: [
    on(ChatRegistered, ({ data }) => ({
      subject: data.chatId,
      refersTo: data.ownerId,
      detail: { known: true },
    })),
  ],
  provisioned: [on(ChatAutoProvisioned, ({ data }) => ({ subject: data.chatId, at: data.at }))],
  transferred: [
    on(ChatOwnerTransferred, ({ data }) => ({ subject: data.chatId, at: data.at, refersTo: data.to })),
  ],
  granted: [on(ChatAdminGranted, ({ data }) => somebody(data))],
  revoked: [on(ChatAdminRevoked, ({ data }) => somebody(data))],
  // Whoever is out of the chat administers it no more, whether or not that is told as well.
  gone: [
    on(ChatMemberRemoved, ({ data }) => somebody(data)),
    on(ChatMemberLeft, ({ data }) => somebody(data)),
  ],
  closed: [on(ChatClosed, ({ data }) => ({ subject: data.chatId, at: data.at }))],
  linked: [on(AccountLinked, ({ data }) => ({ subject: data.externalUserId, refersTo: data.personId }))],
  unlinked: [on(AccountUnlinked, ({ data }) => ({ subject: data.externalUserId, refersTo: data.personId }))],
};
type KeeperKind = keyof typeof keepers;

/** What the rosters say of people. */
const rosters = {
  moved: [
    on(MemberMovementRecorded, ({ data: { personId, kind, effectiveAt } }) =>
      kind === 'transferred' || kind === 'leave'
        ? undefined
        : { subject: personId, at: effectiveAt, detail: { kind } },
    ),
  ],
  ...guardianship,
};
type Kind = KeeperKind | keyof typeof rosters;

/**
 * C15. An account that is linked to nobody says nothing of whose it is (C14 asks who it is); one that is linked is judged by
 * the rosters as far as the marks given reach: from the chat to the account, and from there to the person.
 */
export const chatAdministrators = control({
  ...headingOf('C15'),
  version: 1,
  parameters: {
    fixWithin: parameter('Срок заменить владельца или администратора чата', workingDays(3)),
    adminsAtLeast: parameter('Сколько администраторов у чата, не меньше', { count: 2 }),
  },
  rules: [
    invariant({
      id: 'admins-are-staff',
      about: 'chat',
      toleratedFor: 'fixWithin',
      marks: { ...keepers, ...rosters },
      evidence: ['granted', 'transferred', 'entered'],
      spans: (marks) => strangersOf(marks),
    }),
    invariant<KeeperKind, 'fixWithin' | 'adminsAtLeast'>({
      id: 'enough-admins',
      about: 'chat',
      toleratedFor: 'fixWithin',
      marks: keepers,
      evidence: ['granted'],
      spans: (marks, _chat, { valueOf }) => {
        const keeping = new Keeping();
        let told = false;
        return stretches<KeeperKind, Shortage>(marks, {
          initial: {},
          evolve: (_state, mark) => {
            keeping.take(mark);
            // Before the first administrator is told of, it is not known who administers the chat.
            told ||= mark.kind === 'granted';
            const value = valueOf('adminsAtLeast', mark.at);
            const least = 'count' in value ? value.count : 0;
            const present = [...keeping.people.values()];
            return told && keeping.isLive && present.length < least ? { present } : {};
          },
          broken: ({ present }) => present,
          what: 'у чата меньше администраторов, чем нужно',
        });
      },
    }),
  ],
});

interface Shortage {
  /** How those became administrators who are there, where they are too few. */
  readonly present?: readonly Mark[];
}

/** Who owns and who administers a chat, mark by mark. */
class Keeping {
  private live = false;
  private owner: Mark | undefined;
  private readonly admins = new Map<string, Mark>();
  /** Whose an account is. */
  private readonly owners = new Map<string, string>();

  take(mark: MarkOf<KeeperKind>): void {
    const { subject, refersTo = '' } = mark;
    switch (mark.kind) {
      case 'entered':
        this.live = true;
        this.owner = mark;
        break;
      case 'provisioned':
        this.live = true;
        break;
      case 'transferred':
        this.owner = mark;
        break;
      case 'granted':
        this.admins.set(refersTo, mark);
        break;
      case 'revoked':
      case 'gone':
        this.withdraw(refersTo);
        break;
      case 'closed':
        this.live = false;
        break;
      case 'linked':
        this.owners.set(subject, refersTo);
        break;
      case 'unlinked':
        this.owners.delete(subject);
        break;
    }
  }

  get isLive(): boolean {
    return this.live;
  }

  /** Whoever owns or administers the chat, by person where it is known whose an account is, and how they came to it. */
  get people(): ReadonlyMap<string, Mark> {
    const people = new Map([...this.admins].map(([id, mark]) => [this.personOf(id), mark]));
    if (this.owner !== undefined) people.set(this.personOf(this.owner.refersTo ?? ''), this.owner);
    return people;
  }

  private personOf(id: string): string {
    return this.owners.get(id) ?? id;
  }

  /** Who goes under one account may administer under another; what is told of a person holds for all of them. */
  private withdraw(id: string): void {
    this.admins.delete(id);
    this.admins.delete(this.personOf(id));
    for (const other of this.admins.keys()) if (this.owners.get(other) === id) this.admins.delete(other);
  }
}

/** What the rosters say of people, mark by mark. */
class Rosters {
  private readonly staff = new Set<string>();
  private readonly dismissed = new Map<string, Mark>();
  private readonly pupils = new Map<string, Mark>();
  private readonly children = new Map<string, Map<string, Mark>>();

  take(mark: MarkOf<keyof typeof rosters>): void {
    const { subject } = mark;
    const child = textOf(mark, 'child') ?? '';
    switch (mark.kind) {
      case 'moved':
        this.move(mark);
        break;
      case 'guards':
        this.children.set(subject, (this.children.get(subject) ?? new Map<string, Mark>()).set(child, mark));
        break;
      case 'guardsNoMore':
        this.children.get(subject)?.delete(child);
        break;
    }
  }

  /** Why somebody is not at work at the school, and what shows it; `certain` that the id is that of a person. */
  strangenessOf(person: string, certain: boolean): Strangeness | undefined {
    if (this.staff.has(person)) return undefined;
    const dismissal = this.dismissed.get(person);
    if (dismissal !== undefined) return { why: 'больше не работает в школе', because: [dismissal] };
    const enrolment = this.pupils.get(person);
    if (enrolment !== undefined) return { why: '— обучающийся, а не работник школы', because: [enrolment] };
    const [guardian] = this.children.get(person)?.values() ?? [];
    if (guardian !== undefined) {
      return { why: '— родитель (законный представитель), а не работник школы', because: [guardian] };
    }
    return certain ? { why: '— не из списка работников школы', because: [] } : undefined;
  }

  private move(mark: Mark): void {
    const { subject } = mark;
    const kind = textOf(mark, 'kind');
    if (kind === 'hired') {
      this.staff.add(subject);
      this.dismissed.delete(subject);
    }
    if (kind === 'dismissed') {
      this.staff.delete(subject);
      this.dismissed.set(subject, mark);
    }
    if (kind === 'enrolled') this.pupils.set(subject, mark);
    if (kind === 'departed') this.pupils.delete(subject);
  }
}

interface Strangeness {
  /** Russian: goes on after the name. */
  readonly why: string;
  readonly because: readonly Mark[];
}

/** When somebody owned or administered the chat who is not at work at the school. */
function strangersOf(marks: readonly MarkOf<Kind>[]): readonly Span[] {
  const spans: Span[] = [];
  const keeping = new Keeping();
  const staff = new Rosters();
  const open = new Map<string, Span>();
  for (const mark of marks) {
    if (isOf(rosters, mark)) staff.take(mark);
    if (isOf(keepers, mark)) keeping.take(mark);
    const strangers = new Set<string>();
    for (const [person, since] of keeping.isLive ? keeping.people : []) {
      const certain = since.detail?.known === true && since.refersTo === person;
      const strangeness = staff.strangenessOf(person, certain);
      if (strangeness === undefined) continue;
      strangers.add(person);
      if (open.has(person)) continue;
      const { why, because } = strangeness;
      const what = `${since.kind === 'granted' ? 'администратор' : 'владелец'} чата ${mention('person', person)} ${why}`;
      open.set(person, { from: mark, because: [since, ...because], key: person, what });
    }
    for (const [person, span] of open) {
      if (strangers.has(person)) continue;
      if (mark.at > span.from.at) spans.push({ ...span, until: mark });
      open.delete(person);
    }
  }
  return [...spans, ...open.values()];
}

function isOf<Own extends string>(
  recorders: Readonly<Record<Own, unknown>>,
  mark: Mark,
): mark is MarkOf<Own> {
  return Object.hasOwn(recorders, mark.kind);
}
