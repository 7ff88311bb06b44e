import { LetopisError } from '@letopis/kernel';
import {
  ChatAutoProvisioned,
  ChatClosed,
  ChatRegistered,
  GroupArchived,
  GroupCreated,
  OrganizationCreated,
  TeachingLoadApproved,
} from '@letopis/school';
import { byDay, type Deadline, deadlineOf, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, textOf } from '../marks';
import { isDuration } from '../parameters';
import { type Circumstances, rule } from '../rules';
import { dayOf, nextDay, startOfDay } from '../zones';

/** After this day of the year lessons are over, and a chat that is missing is one of the next school year. */
const LESSONS_END = '05-25';
/** From the day after this one on the next school year is prepared. */
const YEAR_ENDS = '06-30';

/** What is to be done, by kind of chat (clauses 3.3.3a, 3.3.3b). */
const OF_A_CLASS: ReadonlyMap<string, string> = new Map([
  ['class_students', 'создать и внести в реестр чат с обучающимися класса'],
  ['class_parents', 'создать и внести в реестр чат с родителями (законными представителями) класса'],
]);
/** What is to be done, by kind of chat (clauses 3.2.4a, 3.2.4b). */
const OF_THE_HEAD: ReadonlyMap<string, string> = new Map([
  ['head_deputies', 'создать и внести в реестр чат руководителя с заместителями'],
  ['head_teachers', 'создать и внести в реестр чат руководителя с педагогическими работниками'],
]);

type When = Circumstances<'chatsBy'>;
type Duty = Span<'chatsBy'>;

const closed = on(ChatClosed, ({ data }) => ({ subject: data.chatId, at: data.at }));
const archived = on(GroupArchived, ({ data }) => ({ subject: data.groupId }));

/** A chat as one of those that its group, or the school, must have; `what` tells which of them it is. */
const opens = (subject: string | undefined, chatId: string, what: string | undefined, at?: string) =>
  subject === undefined || what === undefined
    ? undefined
    : { subject, refersTo: chatId, detail: { what }, ...(at !== undefined && { at }) };

const amongst = (wanted: ReadonlyMap<string, string>, kind: string) => (wanted.has(kind) ? kind : undefined);

/**
 * C13. What the platform created counts as a chat of its class (clause 3.3.3), and is to be entered in the register like
 * any other. Owner and purpose need no rule: an entry without them is refused (clauses 3.2.4c, 3.3.3c, 3.4.3b,
 * `purpose-given`), and owners who leave are a matter of C15. Of chats that somebody opened in the messenger and told nobody
 * of there is nothing to judge: where the audit bot was added may as well be a channel.
 */
export const mandatoryChats = control({
  ...headingOf('C13'),
  version: 1,
  parameters: {
    chatsBy: parameter(
      'До какого дня учебного года создают и вносят в реестр обязательные чаты',
      byDay('09-15', workingDays(5)),
    ),
  },
  rules: [
    rule({
      id: 'class-chats-registered',
      about: 'group',
      manner: 'duty',
      within: 'chatsBy',
      marks: {
        asked: [
          on(GroupCreated, ({ data }) => (data.kind === 'class' ? { subject: data.groupId } : undefined)),
        ],
        spared: [archived],
        opened: [
          on(ChatRegistered, ({ data: { groupId, chatId, kind } }) =>
            opens(groupId, chatId, amongst(OF_A_CLASS, kind)),
          ),
          on(ChatAutoProvisioned, ({ data: { groupId, chatId, kind, at } }) =>
            opens(groupId, chatId, amongst(OF_A_CLASS, kind), at),
          ),
        ],
        closed: [closed],
      },
      evidence: ['asked'],
      spans: (marks, _subject, when) => missing(marks, OF_A_CLASS, when),
    }),
    rule({
      id: 'head-chats-registered',
      about: 'organization',
      manner: 'duty',
      within: 'chatsBy',
      marks: {
        asked: [on(OrganizationCreated, ({ organizationId }) => ({ subject: organizationId }))],
        opened: [
          on(ChatRegistered, ({ organizationId, data: { chatId, kind } }) =>
            opens(organizationId, chatId, amongst(OF_THE_HEAD, kind)),
          ),
          on(ChatAutoProvisioned, ({ organizationId, data: { chatId, kind, at } }) =>
            opens(organizationId, chatId, amongst(OF_THE_HEAD, kind), at),
          ),
        ],
        closed: [closed],
      },
      evidence: ['asked'],
      spans: (marks, _subject, when) => missing(marks, OF_THE_HEAD, when),
    }),
    rule({
      id: 'subject-chats-registered',
      about: 'group',
      manner: 'duty',
      within: 'chatsBy',
      marks: {
        loaded: [
          on(TeachingLoadApproved, ({ organizationId, data: { schoolYear, load } }) =>
            [...subjectsByGroup(load)].map(([groupId, subjects]) => ({
              subject: groupId,
              refersTo: organizationId,
              detail: { year: yearOf(schoolYear), subjects },
            })),
          ),
        ],
        /** The whole load, so that a group sees that it is not in it any more. */
        replaced: [
          on(TeachingLoadApproved, ({ organizationId, data: { schoolYear, load } }) => ({
            subject: organizationId,
            detail: { year: yearOf(schoolYear), groups: [...subjectsByGroup(load).keys()] },
          })),
        ],
        spared: [archived],
        opened: [
          on(ChatRegistered, ({ data: { groupId, chatId, kind, subject } }) =>
            kind === 'subject' ? opens(groupId, chatId, subject && nameOf(subject)) : undefined,
          ),
        ],
        closed: [closed],
      },
      evidence: ['loaded'],
      spans: (marks, subject, when) => missingOfLoad(marks, subject, when),
    }),
    rule({
      id: 'provisioned-chat-registered',
      about: 'chat',
      manner: 'duty',
      within: 'chatsBy',
      marks: {
        provisioned: [on(ChatAutoProvisioned, ({ data }) => ({ subject: data.chatId, at: data.at }))],
        registered: [on(ChatRegistered, ({ data }) => ({ subject: data.chatId }))],
        closed: [closed],
      },
      evidence: ['provisioned'],
      spans: (marks, _subject, when) => {
        const gaps = new Gaps((at) => termOf(at, when));
        const wanted = new Map([['entry', 'внести в реестр чат, созданный платформой автоматически']]);
        let live = false;
        let registered = false;
        for (const mark of marks) {
          if (mark.kind === 'registered') registered = true;
          else live = mark.kind === 'provisioned';
          gaps.look(mark, live ? wanted : new Map(), registered ? ['entry'] : []);
        }
        return gaps.duties();
      },
    }),
  ],
});

interface Gap {
  readonly from: Mark;
  readonly what: string;
  readonly due: Deadline;
}

/** What is wanted and not there, mark by mark: a duty from when it is missing until it is there or not wanted any more. */
class Gaps {
  private readonly open = new Map<string, Gap>();
  private readonly ended: Duty[] = [];

  constructor(private readonly term: (at: string) => Deadline) {}

  /** How things stand after the mark; `wanted` says of each thing what is to be done, `present` which are there. */
  look(mark: Mark, wanted: ReadonlyMap<string, string>, present: Iterable<string>): void {
    const there = new Set(present);
    for (const [thing, gap] of this.open) {
      const isWanted = wanted.has(thing);
      if (isWanted && !there.has(thing)) continue;
      if (mark.at > gap.from.at) this.ended.push({ ...gap, key: thing, until: mark, ceased: !isWanted });
      this.open.delete(thing);
    }
    for (const [thing, what] of wanted) {
      if (there.has(thing) || this.open.has(thing)) continue;
      this.open.set(thing, { from: mark, what, due: this.term(mark.at) });
    }
  }

  duties(): readonly Duty[] {
    return [...this.ended, ...[...this.open].map(([thing, gap]) => ({ ...gap, key: thing }))];
  }
}

/** When a chat must be there that is missing since the instant: what is missing in summer is one of the year to come. */
function termOf(at: string, when: When): Deadline {
  const day = dayOf(at, when.timeZone);
  const idle = day.slice(5) > LESSONS_END && day.slice(5) <= YEAR_ENDS;
  return termFrom(idle ? prepared(Number(day.slice(0, 4)), when) : at, at, when);
}

/** @throws LetopisError `invalid` where the parameter is no duration */
function termFrom(from: string, at: string, when: When): Deadline {
  const value = when.valueOf('chatsBy', at);
  if (!isDuration(value)) throw new LetopisError('invalid', 'Parameter chatsBy is no duration');
  return deadlineOf(from, value, when);
}

/** From when on the school year that begins in the autumn of `year` is prepared. */
function prepared(year: number, { timeZone }: Pick<When, 'timeZone'>): string {
  return startOfDay(nextDay(`${year}-${YEAR_ENDS}`), timeZone);
}

/** Chats that are there, by what they are. */
class LiveChats {
  private readonly chats = new Map<string, string>();

  /** A chat that is entered or created twice is one chat. */
  open(mark: Mark): void {
    this.chats.set(mark.refersTo ?? '', textOf(mark, 'what') ?? '');
  }

  /** @returns what the chat was, if it was one of those */
  close(chatId: string): string | undefined {
    const what = this.chats.get(chatId);
    this.chats.delete(chatId);
    return what;
  }

  get what(): Iterable<string> {
    return this.chats.values();
  }
}

/** Duties to have chats of all the kinds from when they are asked for until nobody is left who needs them. */
function missing(
  marks: readonly MarkOf<'asked' | 'spared' | 'opened' | 'closed'>[],
  wanted: ReadonlyMap<string, string>,
  when: When,
): readonly Duty[] {
  const gaps = new Gaps((at) => termOf(at, when));
  const chats = new LiveChats();
  let asked = false;
  for (const mark of marks) {
    switch (mark.kind) {
      case 'asked':
        asked = true;
        break;
      case 'spared':
        asked = false;
        break;
      case 'opened':
        chats.open(mark);
        break;
      case 'closed':
        chats.close(mark.subject);
        break;
    }
    gaps.look(mark, asked ? wanted : NOTHING, chats.what);
  }
  return gaps.duties();
}

const NOTHING: ReadonlyMap<string, string> = new Map();

/**
 * Duties to have a chat for each subject that the teaching load in force gives the group. The load of a new school year asks
 * anew; one of the same year only changes what is asked.
 */
function missingOfLoad(
  marks: readonly MarkOf<'loaded' | 'replaced' | 'spared' | 'opened' | 'closed'>[],
  group: string,
  when: When,
): readonly Duty[] {
  let year: number | undefined;
  const gaps = new Gaps((at) => {
    const ready = year === undefined ? at : prepared(year, when);
    return termFrom(at > ready ? at : ready, at, when);
  });
  const chats = new LiveChats();
  let wanted = NOTHING;
  let archived = false;
  for (const mark of marks) {
    switch (mark.kind) {
      case 'loaded':
      case 'replaced': {
        const of = yearIn(mark);
        if (year !== undefined && of < year) break;
        if (year !== undefined && of > year) gaps.look(mark, NOTHING, []);
        if (mark.kind === 'loaded') wanted = dutiesOf(mark);
        else if (!listIn(mark, 'groups').includes(group)) wanted = NOTHING;
        year = of;
        break;
      }
      case 'spared':
        archived = true;
        break;
      case 'opened':
        chats.open(mark);
        break;
      case 'closed': {
        const what = chats.close(mark.subject);
        // After lessons the chat of a subject is needed no more, until another load asks for it.
        const over = year !== undefined && dayOf(mark.at, when.timeZone) > `${year + 1}-${LESSONS_END}`;
        if (over) wanted = new Map([...wanted].filter(([subject]) => subject !== what));
        break;
      }
    }
    gaps.look(mark, archived ? NOTHING : wanted, chats.what);
  }
  return gaps.duties();
}

type Load = ReturnType<typeof TeachingLoadApproved.of>['data']['load'];

/** What is taught to each group, each subject once, as it is first written. */
function subjectsByGroup(load: Load): ReadonlyMap<string, readonly string[]> {
  const byGroup = new Map<string, Map<string, string>>();
  for (const { groupId, subject } of load) {
    const subjects = byGroup.get(groupId) ?? new Map<string, string>();
    if (!subjects.has(nameOf(subject))) subjects.set(nameOf(subject), subject.trim());
    byGroup.set(groupId, subjects);
  }
  return new Map([...byGroup].map(([groupId, subjects]) => [groupId, [...subjects.values()]]));
}

/** By this name the load and the register mean the same subject. */
function nameOf(subject: string): string {
  return subject.trim().toLowerCase();
}

/** The first year of a school year. */
function yearOf(schoolYear: string): number {
  return Number(schoolYear.slice(0, 4));
}

function dutiesOf(load: Mark): ReadonlyMap<string, string> {
  return new Map(
    listIn(load, 'subjects').map((subject) => [
      nameOf(subject),
      `создать и внести в реестр учебный чат по предмету «${subject}»`,
    ]),
  );
}

function yearIn({ detail }: Mark): number {
  return typeof detail?.year === 'number' ? detail.year : 0;
}

function listIn({ detail }: Mark, name: string): readonly string[] {
  const list = detail?.[name];
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}
