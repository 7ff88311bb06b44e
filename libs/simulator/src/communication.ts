import { DAY, isSchoolDay, plusDays, plusWorkingDays, YEAR_ENDS } from './calendar';
import { acceptLink, chatOf, createLink, readingDay, register, sendLink } from './chats';
import { type Chat, type ClassRoom } from './people';
import { asCurator, asParent, asTeacher, at, LETOPIS, MAX, type School } from './school';

const MONTHS = [
  '2025-10-01',
  '2025-11-01',
  '2025-12-01',
  '2026-01-01',
  '2026-02-01',
  '2026-03-01',
  '2026-04-01',
  '2026-05-01',
  '2026-06-01',
];

/** What happens in and around chats beside the talk itself. */
export function communication(school: School): void {
  confirmations(school);
  silences(school);
  absences(school);
  projects(school);
  readings(school);
  titles(school);
  webhook(school);
}

/** Curators confirm each month how the chats of their class were used. */
function confirmations(school: School): void {
  MONTHS.forEach((begins, index) => {
    const from = index === 0 ? '2025-09-01' : at(MONTHS, index - 1);
    school.later(school.clock.at(begins, 0), () => {
      for (const classRoom of school.population.classes) {
        for (const chat of [classRoom.pupilsChat, classRoom.parentsChat]) {
          if (chat?.live === true) confirm(school, chat, from, begins);
        }
      }
    });
  });
}

function confirm(school: School, chat: Chat, from: string, to: string): void {
  const talk = school.talkOf(chat);
  const [messageCount, activeParticipants] = [talk.count, talk.senders.size];
  talk.count = 0;
  talk.senders.clear();
  const random = school.random('confirmation', chat.id, to);
  const day = plusWorkingDays(to, random.between(1, 3));
  school.later(school.office(day, random), () => {
    school.issue(asCurator(chat.owner), 'ConfirmCommunicationPeriod', {
      chatId: chat.id,
      periodFrom: new Date(school.clock.at(from, 0)).toISOString(),
      periodTo: new Date(school.clock.at(to, 0)).toISOString(),
      activeParticipants,
      messageCount,
    });
  });
}

/** C34: in one chat of a subject nobody writes for six weeks, in another for four. */
function silences(school: School): void {
  const { clock } = school;
  const random = school.random('C34');
  const silence = (classRoom: ClassRoom, course: number, days: number, breach: boolean): void => {
    const from = school.someDay('2026-01-19', '2026-01-28', random);
    school.later(clock.at(from, 0), () => {
      const { chat } = at(classRoom.courses, course);
      if (chat === undefined) return;
      school.talkOf(chat).silence = {
        after: school.moment(),
        days,
        broken: (opened, ended) => {
          const planted = {
            control: 'C34',
            rule: 'activity',
            subject: chat.id,
            concerns: [chat.owner.id, classRoom.groupId],
            about: `Nobody writes in the chat of a subject for ${days} days of lessons.`,
            opened,
            due: clock.inDays(opened.at, 30),
            ended,
          };
          if (breach) school.breach(planted);
          else school.nearMiss(planted);
        },
      };
    });
  };
  silence(school.classRoom(0), 0, random.between(38, 44), true);
  silence(school.classRoom(1), 1, 29, false);
}

/** Parents let the school know in the morning. */
function absences(school: School): void {
  for (let day = '2025-09-08'; day <= '2026-05-25'; day = plusDays(day, 1)) {
    if (!isSchoolDay(day)) continue;
    const random = school.random('absence', day);
    const count = Math.round((school.parameters.pupils / 150) * random.next());
    for (let index = 0; index < count; index += 1) {
      school.later(school.clock.at(day, 7 * 60 + random.between(10, 55)), () => {
        const { pupils } = random.pick(school.population.classes);
        const pupil = random.pick(pupils.filter(({ gone, reserved }) => !gone && !reserved));
        const parent = random.pick(pupil.family.parents);
        school.issue(asParent(parent), 'RecordAbsenceNotice', {
          personId: pupil.id,
          fromParent: parent.id,
          date: day,
        });
      });
    }
  }
}

/** Chats for a task of its own, with a purpose and an end. */
function projects(school: School): void {
  const { clock } = school;
  const plans = [
    { index: 0, title: 'Школьный музей', curator: true, opens: '2025-10-13', closes: '2026-05-15' },
    { index: 1, title: 'Подготовка к олимпиаде', curator: false, opens: '2025-11-10', closes: '2026-02-27' },
  ] as const;
  for (const { index, title, curator, opens, closes } of plans) {
    const classRoom = school.classRoom(index);
    const teacher = at(classRoom.courses, 2).teacher;
    school.later(clock.at(opens, 14 * 60), () => {
      const owner = curator ? classRoom.curator : teacher;
      const by = curator ? asCurator(owner) : asTeacher(owner);
      const chat = chatOf(school, title, owner, 'other');
      register(school, chat, { kind: 'other', title, owner, by, purpose: `Проект «${title}»` });
      const invited = classRoom.pupils
        .filter(({ gone, consented, reserved }) => !gone && consented && !reserved)
        .slice(0, 6);
      const inviter = asCurator(owner);
      const link = createLink(
        school,
        inviter,
        title,
        { chat },
        { role: 'student', days: 6, maxUses: invited.length + 1 },
      );
      sendLink(school, inviter, link, invited);
      const random = school.random('project', title);
      for (const pupil of invited) {
        const day = plusDays(opens, random.between(1, 2));
        school.later(school.evening(day, random), () => acceptLink(school, link, pupil));
      }
    });
    school.later(clock.at(closes, 15 * 60), () => {
      const chat = school.chats.find((one) => one.title === title);
      if (chat === undefined) return;
      school.issue(curator ? asCurator(chat.owner) : asTeacher(chat.owner), 'CloseChat', {
        chatId: chat.id,
        reason: 'Проект завершён',
      });
      chat.live = false;
    });
  }
}

/** C14: readings that show somebody whom nobody knows, and one that does not take place. */
function readings(school: School): void {
  const { clock } = school;
  const random = school.random('C14');
  school.later(clock.at('2025-10-06', 6 * 60), () => {
    const chat = school.classRoom(0).pupilsChat;
    if (chat === undefined) return;
    const day = readingDay(school, chat, '2025-10-11');
    const stranger = school.id('stranger');
    school.readings.plan(chat, day, { strangers: [stranger], unseen: [] }, (opened) => {
      const handled = clock.at(plusWorkingDays(day, random.between(2, 3)), 11 * 60);
      school.later(handled, () => {
        const owner = chat.owner;
        school.issue(MAX, 'RecordChatMemberRemoved', {
          chatId: chat.id,
          externalUserId: stranger,
          by: owner.id,
        });
        const ended = school.issue(asCurator(owner), 'ResolveChatRosterDiscrepancy', {
          chatId: chat.id,
          action: 'removed',
          note: 'Неизвестная учётная запись удалена',
        });
        school.breach({
          control: 'C14',
          rule: 'stranger-out',
          subject: chat.id,
          concerns: [stranger],
          about: 'A reading shows an account that nobody knows; it is removed days later.',
          opened,
          due: opened.at + DAY,
          ended,
        });
      });
    });
  });
  school.later(clock.at('2025-11-10', 6 * 60), () => {
    const chat = school.classRoom(1).parentsChat;
    const leaver = chat?.members.find(
      (member) => !chat.admins.has(member) && !member.reserved && !school.staff.includes(member),
    );
    if (chat === undefined || leaver === undefined) return;
    leaver.reserved = true;
    const day = readingDay(school, chat, '2025-11-15');
    school.readings.plan(chat, day, { strangers: [], unseen: [leaver] }, (opened) => {
      school.later(clock.at(day, 19 * 60), () => {
        chat.members.splice(chat.members.indexOf(leaver), 1);
        school.issue(MAX, 'RecordChatMemberLeft', { chatId: chat.id, personId: leaver.id });
        const ended = school.issue(asCurator(chat.owner), 'ResolveChatRosterDiscrepancy', {
          chatId: chat.id,
          action: 'explained',
          note: 'Родитель вышел из чата по своему желанию',
        });
        school.nearMiss({
          control: 'C14',
          rule: 'missing-explained',
          subject: chat.id,
          concerns: [leaver.id],
          about: 'A reading shows that a parent has left; that is explained on the same day.',
          opened,
          due: clock.inWorkingDays(opened.at, 3),
          ended,
        });
      });
    });
  });
  missedReading(school);
}

function missedReading(school: School): void {
  const { clock } = school;
  const random = school.random('C14 missed');
  school.later(clock.at('2026-03-02', 6 * 60), () => {
    const { chat } = at(school.classRoom(0).courses, 1);
    if (chat === undefined) return;
    const before = readingDay(school, chat, plusDays('2026-03-07', 7 * random.between(0, 1)));
    const reading = { strangers: [], unseen: [] };
    school.readings.plan(chat, before, reading, (opened) => {
      school.readings.plan(chat, plusDays(before, 7), 'missed');
      school.readings.plan(chat, plusDays(before, 14), reading, (ended) => {
        school.breach({
          control: 'C14',
          rule: 'reconciled-weekly',
          subject: chat.id,
          about: 'The list of the members of a chat is not read for two weeks.',
          opened,
          due: clock.inDays(opened.at, 7),
          ended,
        });
      });
    });
  });
}

function titles(school: School): void {
  const classRoom = school.classRoom(1);
  school.later(school.clock.at('2025-11-12', 16 * 60), () => {
    const { parentsChat: chat, title, curator } = classRoom;
    if (chat === undefined) return;
    school.issue(MAX, 'RecordChatTitleChanged', {
      chatId: chat.id,
      title: `${title} — родители и куратор`,
      by: curator.id,
    });
  });
}

const WEBHOOK = { botId: '229229229', url: 'https://letopis.school.example/webhook' };

/** The connection to the messenger: switched on, interrupted once, and once something comes that nobody can read. */
function webhook(school: School): void {
  const { clock } = school;
  const updateTypes = ['message_created', 'message_edited', 'message_removed', 'user_added', 'user_removed'];
  const subscribe = () =>
    school.issue(school.admin, 'RecordIntegrationSubscribed', { ...WEBHOOK, updateTypes });
  school.later(clock.at('2025-08-21', 15 * 60), subscribe);
  for (let day = '2025-09-08'; day <= YEAR_ENDS; day = plusDays(day, 7)) {
    const random = school.random('update', day);
    school.later(clock.at(day, random.between(8 * 60, 20 * 60)), () => {
      const rawSha256 = school.sha256('update', day);
      school.issue(MAX, 'RecordExternalUpdate', {
        dedupKey: `bot_started:${rawSha256}`,
        updateType: 'bot_started',
        rawSha256,
      });
    });
  }
  school.later(clock.at('2025-12-09', 13 * 60 + 7), () => {
    const rawSha256 = school.sha256('quarantined');
    school.issue(MAX, 'QuarantineExternalUpdate', {
      dedupKey: `comment_created:${rawSha256}`,
      updateType: 'comment_created',
      rawSha256,
      reason: 'unknown update_type',
    });
  });
  const random = school.random('C31 gap');
  const day = school.someDay('2026-04-13', '2026-04-24', random);
  school.later(clock.at(day, 13 * 60), () => {
    const from = clock.at(day, 7 * 60);
    const opened = school.issueAt(LETOPIS, 'RecordIntegrationGap', (to) => ({
      from: new Date(from).toISOString(),
      to,
      reason: 'outage',
      botId: WEBHOOK.botId,
    }));
    school.later(clock.at(day, 15 * 60 + 20), () => {
      school.breach({
        control: 'C31',
        rule: 'no-ingestion-gap',
        subject: school.organizationId,
        about: 'Updates of the messenger are missing for eight hours of a working day.',
        opened,
        due: from + 3_600_000,
        ended: subscribe(),
      });
    });
  });
  // Switched off for the summer's maintenance, on purpose, and on again within the hour.
  school.later(clock.at('2026-07-06', 10 * 60), () =>
    school.issue(school.admin, 'RecordIntegrationUnsubscribed', WEBHOOK),
  );
  school.later(clock.at('2026-07-06', 10 * 60 + 40), subscribe);
  botLeaves(school);
}

/** The bot is taken out of a chat that is closed. */
function botLeaves(school: School): void {
  school.later(school.clock.at('2026-05-15', 15 * 60 + 30), () => {
    const chat = school.chats.find(({ title }) => title === 'Школьный музей');
    if (chat === undefined) return;
    school.issue(MAX, 'RecordAuditBotRemoved', {
      chatId: chat.id,
      maxChatId: chat.maxChatId,
      by: chat.owner.account,
    });
  });
}
