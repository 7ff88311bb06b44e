import { DAY, isSchoolDay, plusDays } from './calendar';
import { fullName } from './names';
import { type Chat, type Person } from './people';
import { MAX, type School } from './school';
import { type Issued } from './year';

const MONTH = 30 * DAY;
/** Nobody writes before eight in the morning, or after half past nine in the evening. */
const AWAKE = { from: 8 * 60, to: 21 * 60 + 30 };
/** Lessons are over, and chats only live on. */
const SUMMER = '2026-05-27';
const ATTACHMENTS = ['image', 'file', 'share', 'sticker'] as const;

/** How often somebody writes, in messages a month of lessons. */
function rateOf({ kind }: Chat, messagesPerMonth: number): number {
  switch (kind) {
    case 'class_students':
    case 'class_parents':
      return messagesPerMonth;
    case 'head_teachers':
      return messagesPerMonth / 2;
    default:
      return Math.max(4, messagesPerMonth / 5);
  }
}

/** People write in the chat, from soon after its registration until the year ends or the chat is closed. */
export function converse(school: School, chat: Chat): void {
  const random = school.random('talk', chat.id);
  const rate = rateOf(chat, school.parameters.messagesPerMonth);
  const talk = school.talkOf(chat);
  const next = (after: number): void => {
    const day = school.clock.dayOf(after);
    const mean = day >= SUMMER ? MONTH / 2 : (MONTH / rate) * (isSchoolDay(day) ? 0.8 : 1.6);
    const most = day >= SUMMER ? 18 * DAY : 12 * DAY;
    const gap = Math.min(-Math.log(1 - random.next()) * mean, most);
    const comes = awake(school, after + gap, random.between(0, 90));
    const before = talk.last;
    const silence =
      before !== undefined && talk.silence !== undefined && talk.silence.after < after
        ? talk.silence
        : undefined;
    if (silence !== undefined) talk.silence = undefined;
    const silenced = silence && school.clock.at(plusDays(day, silence.days), 12 * 60);
    school.later(silenced ?? comes, () => {
      if (!chat.live) return;
      const sender = random.pick(chat.members.filter(({ gone }) => !gone));
      const mid = midOf(school, chat);
      const posted = post(school, chat, sender, mid);
      if (before !== undefined) silence?.broken(before, posted);
      whatFollows(school, chat, sender, mid, random.next());
      next(posted.at);
    });
  };
  next(school.moment());
}

/** The instant itself where people are awake, or the next morning. */
function awake(school: School, instant: number, minutes: number): number {
  const { clock } = school;
  const day = clock.dayOf(instant);
  if (instant < clock.at(day, AWAKE.from)) return clock.at(day, AWAKE.from + minutes);
  return instant <= clock.at(day, AWAKE.to) ? instant : clock.at(plusDays(day, 1), AWAKE.from + minutes);
}

/** The id of the next message in the chat. */
export function midOf(school: School, chat: Chat): string {
  return `mid.${school.id('message', chat.id, school.talkOf(chat).count, school.moment()).replaceAll('-', '')}`;
}

/** A message, as the webhook takes it in. */
export function post(school: School, chat: Chat, sender: Person, mid: string): Issued {
  const talk = school.talkOf(chat);
  talk.count += 1;
  talk.senders.add(sender);
  const random = school.random('message', mid);
  const posted = school.issue(MAX, 'RecordMessagePosted', {
    ...messageOf(school, chat, sender, mid, 'posted'),
    ...(random.chance(0.03) && {
      forwardedFrom: { maxChatId: String(random.between(1_000_000, 9_999_999)) },
    }),
  });
  talk.last = posted;
  return posted;
}

function messageOf(school: School, chat: Chat, sender: Person, mid: string, version: string) {
  const random = school.random('message', mid);
  return {
    chatId: chat.id,
    mid,
    // The messenger's sequence: milliseconds, then 16 bits; more than a number can hold.
    seq: (BigInt(school.moment()) * 65_536n + BigInt(random.between(0, 65_535))).toString(),
    senderId: sender.account,
    senderMaxUserId: sender.maxUserId,
    senderName: fullName(sender.name),
    textSha256: school.sha256('text', mid, version),
    attachmentKinds: random.chance(0.2) ? [random.pick(ATTACHMENTS)] : [],
  };
}

/** Some messages are edited, some removed, and of some the platform tells nothing but that they came. */
function whatFollows(school: School, chat: Chat, sender: Person, mid: string, chance: number): void {
  if (chance < 0.02) {
    school.later(school.moment() + 4 * 60_000, () => {
      school.issue(MAX, 'RecordMessageEdited', messageOf(school, chat, sender, mid, 'edited'));
    });
  } else if (chance < 0.03) {
    school.later(school.moment() + 9 * 60_000, () => {
      school.issue(MAX, 'RecordMessageRemoved', { chatId: chat.id, mid, removedBy: sender.account });
    });
  } else if (chance < 0.035) {
    school.issue(MAX, 'RecordMessageContentUnavailable', {
      dedupKey: `message_created:${school.sha256('raw', mid)}`,
    });
  }
}
