import {
  ChatAutoProvisioned,
  ChatClosed,
  ChatMemberAdded,
  ChatMemberLeft,
  ChatMemberRemoved,
  ChatRegistered,
  ChatRosterDiscrepancyDetected,
  ChatRosterDiscrepancyResolved,
  ChatRosterSnapshotTaken,
  memberOf,
} from '@letopis/school';
import { days, hours, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, type Recorder, type Recorders, textOf } from '../marks';
import { mention, type SubjectKind } from '../mentions';
import { cadence, rule } from '../rules';

type Kind = 'opened' | 'closed' | 'read' | 'found' | 'came' | 'gone' | 'resolved';

const registered = on(ChatRegistered, ({ data }) => ({ subject: data.chatId }));
const provisioned = on(ChatAutoProvisioned, ({ data }) => ({ subject: data.chatId, at: data.at }));
const closed = [on(ChatClosed, ({ data }) => ({ subject: data.chatId, at: data.at }))];
const read = [on(ChatRosterSnapshotTaken, ({ data }) => ({ subject: data.chatId, at: data.takenAt }))];

interface Membership {
  readonly chatId: string;
  readonly personId?: string;
  readonly externalUserId?: string;
  readonly at: string;
}

const membershipOf = ({ data }: { data: Membership }) => ({
  subject: data.chatId,
  at: data.at,
  detail: { member: memberOf(data) },
});

/** What happened to a chat, with what its readings found: the ids of those who differ. */
function recorders(found: Recorder): Recorders<Kind> {
  return {
    opened: [registered, provisioned],
    closed,
    read,
    found: [found],
    came: [on(ChatMemberAdded, membershipOf)],
    gone: [on(ChatMemberRemoved, membershipOf), on(ChatMemberLeft, membershipOf)],
    resolved: [
      on(ChatRosterDiscrepancyResolved, ({ data }) => ({
        subject: data.chatId,
        at: data.at,
        detail: { action: data.action },
      })),
    ],
  };
}

/**
 * - `unknown`: in the chat, and by the record not a member;
 * - `expired`: in the chat, though what brought the person there has ended;
 * - `missing`: a member by the record, and not in the chat.
 */
type Difference = 'unknown' | 'expired' | 'missing';
const DIFFERENCES: readonly Difference[] = ['unknown', 'expired', 'missing'];

/** So many members are named; the others are counted. */
const NAMED = 5;

/**
 * The list of the members of a live chat is read weekly, and who differs from the record is dealt with. Counted is what
 * somebody says was done (`ChatRosterDiscrepancyResolved`), what the messenger tells of those members, and a later reading
 * in which they do not differ. Who was explained or entered stays so until he leaves the chat: the next reading still
 * shows him as unknown, since the record of members does not follow the explanation.
 *
 * Not judged: chats outside the register (C13), whoever came in by an account that nobody has linked (he is on record, and
 * C16 asks who brought him), and between two readings those who have left the school (C12).
 */
export const chatRoster = control({
  ...headingOf('C14'),
  version: 1,
  parameters: {
    reconcileEvery: parameter('Срок очередной сверки состава чата с реестром', days(7)),
    strangerOut: parameter('Срок удаления постороннего из чата', hours(24)),
    explainMissing: parameter('Срок объяснить отсутствие участника в чате', workingDays(3)),
  },
  rules: [
    cadence({
      id: 'reconciled-weekly',
      many: true,
      about: 'chat',
      duty: 'сверить состав чата с реестром',
      every: 'reconcileEvery',
      // What the platform created by itself can be compared once it is entered.
      starts: [registered],
      happens: read,
      ends: closed,
    }),
    rule({
      id: 'stranger-out',
      about: 'chat',
      manner: 'duty',
      within: 'strangerOut',
      marks: recorders(
        on(ChatRosterDiscrepancyDetected, ({ data }) =>
          data.unknown.length + data.expiredRole.length === 0
            ? undefined
            : {
                subject: data.chatId,
                at: data.takenAt,
                detail: { unknown: data.unknown, expired: data.expiredRole },
              },
        ),
      ),
      evidence: ['read'],
      spans: (marks) =>
        discrepancies(
          marks,
          (differing) =>
            `удалить из чата посторонних или установить, кто это: ${named(differing, (difference) =>
              difference === 'expired' ? 'person' : 'account',
            )}`,
        ),
    }),
    rule({
      id: 'missing-explained',
      about: 'chat',
      severity: 'medium',
      manner: 'duty',
      within: 'explainMissing',
      marks: recorders(
        on(ChatRosterDiscrepancyDetected, ({ data }) =>
          data.missing.length === 0
            ? undefined
            : { subject: data.chatId, at: data.takenAt, detail: { missing: data.missing } },
        ),
      ),
      evidence: ['read'],
      spans: (marks) =>
        discrepancies(
          marks,
          (differing) => `объяснить, почему участников нет в чате: ${named(differing, () => 'person')}`,
        ),
    }),
  ],
});

function named(
  differing: ReadonlyMap<string, Difference>,
  kindOf: (difference: Difference) => SubjectKind,
): string {
  const names = [...differing].slice(0, NAMED).map(([id, difference]) => mention(kindOf(difference), id));
  const others = differing.size - names.length;
  return `${names.join(', ')}${others > 0 ? ` и ещё ${others}` : ''}`;
}

/** Members whom one reading showed to differ for the first time. */
interface Discrepancy {
  readonly from: Mark;
  /** The list that was read. */
  readonly because: readonly Mark[];
  readonly what: string;
  /** Of them, who differs still. */
  readonly left: Map<string, Difference>;
}

/** One span for each reading that shows somebody new who differs, until none of them does; linear in the marks. */
function discrepancies(
  marks: readonly MarkOf<Kind>[],
  whatOf: (differing: ReadonlyMap<string, Difference>) => string,
): readonly Span[] {
  const spans: Span[] = [];
  const open = new Map<string, Discrepancy>();
  const present = new Set<string>();
  const accepted = new Set<string>();
  const found = differingByReading(marks);
  let live = false;
  let list: Mark | undefined;

  const settle = (member: string, until: Mark): void => {
    const discrepancy = open.get(member);
    if (discrepancy === undefined) return;
    open.delete(member);
    discrepancy.left.delete(member);
    if (discrepancy.left.size === 0) spans.push(spanOf(discrepancy, until));
  };
  const settleAll = (until: Mark, ceased: boolean): void => {
    for (const discrepancy of new Set(open.values())) {
      spans.push({ ...spanOf(discrepancy, until), ...(ceased && { ceased }) });
    }
    open.clear();
  };

  for (const mark of marks) {
    const member = textOf(mark, 'member') ?? '';
    switch (mark.kind) {
      case 'opened':
        live = true;
        break;
      case 'closed':
        live = false;
        settleAll(mark, true);
        break;
      case 'read': {
        const shown = found.get(mark.at);
        list = mark;
        for (const differing of [...open.keys()]) if (shown?.has(differing) !== true) settle(differing, mark);
        break;
      }
      case 'found': {
        const fresh = [...differingIn(mark)].filter(
          ([id, difference]) =>
            !open.has(id) && !accepted.has(id) && stillDiffers(difference, present.has(id)),
        );
        if (!live || fresh.length === 0) break;
        const left = new Map(fresh);
        const because = list?.at === mark.at ? [list] : [];
        const discrepancy = { from: mark, because, what: whatOf(left), left };
        for (const id of left.keys()) open.set(id, discrepancy);
        break;
      }
      case 'came':
        present.add(member);
        // Whoever may not be there any more is not made a member by coming again.
        if (open.get(member)?.left.get(member) !== 'expired') settle(member, mark);
        break;
      case 'gone':
        present.delete(member);
        accepted.delete(member);
        settle(member, mark);
        break;
      case 'resolved':
        if (textOf(mark, 'action') !== 'removed') for (const id of open.keys()) accepted.add(id);
        settleAll(mark, false);
        break;
    }
  }
  return [...spans, ...[...new Set(open.values())].map((discrepancy) => spanOf(discrepancy))];
}

/** Facts that came in after the reading may have shown since that the record agrees with it. */
function stillDiffers(difference: Difference, present: boolean): boolean {
  switch (difference) {
    case 'unknown':
      return !present;
    case 'expired':
      return true;
    case 'missing':
      return present;
  }
}

function spanOf({ from, because, what }: Discrepancy, until?: Mark): Span {
  return { from, because, what, ...(until !== undefined && { until }) };
}

/** Who differed, by the instant of the reading. */
function differingByReading(marks: readonly MarkOf<Kind>[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byReading = new Map<string, Set<string>>();
  for (const mark of marks) {
    if (mark.kind !== 'found') continue;
    const differing = byReading.get(mark.at) ?? new Set();
    for (const id of differingIn(mark).keys()) differing.add(id);
    byReading.set(mark.at, differing);
  }
  return byReading;
}

function differingIn({ detail }: Mark): ReadonlyMap<string, Difference> {
  return new Map(
    DIFFERENCES.flatMap((difference) => {
      const ids = detail?.[difference];
      return Array.isArray(ids)
        ? ids.flatMap((id) => (typeof id === 'string' ? [[id, difference] as const] : []))
        : [];
    }),
  );
}
