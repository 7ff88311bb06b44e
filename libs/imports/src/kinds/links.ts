import { derivedId } from '@letopis/kernel';
import { chatIdOf } from '@letopis/school';
import { choice, count, date, link, maxChatId, text } from '../columns';
import { type ImportKind } from '../kind';
import { instantAt } from '../local-time';
import { Mistake } from '../mistakes';
import { type Register, type SheetRow } from '../sheet';

const targetKind = choice(['Куда ведёт', 'Вид ссылки'], {
  community: ['сообщество', 'организация', 'школа'],
  group: ['группа', 'класс'],
  chat: ['чат'],
});
const group = text(['Класс или группа', 'Класс', 'Группа']);
const inMax = maxChatId(['Номер чата в MAX', 'ID чата', 'ID чата в MAX']);
const role = choice(['Для кого', 'Роль', 'Кого приглашают'], {
  teacher: ['учитель', 'учителя', 'педагоги'],
  student: ['обучающийся', 'обучающиеся', 'ученики', 'ученик'],
  parent: ['родитель', 'родители'],
});
const expires = date(['Действует до', 'Срок действия', 'Действительна до']);
const maxUses = count(['Сколько раз можно использовать', 'Число использований', 'Лимит'], {
  min: 1,
  max: 2_000,
});
const url = link(['Ссылка', 'Ссылка-приглашение']);

/** Invitation links that have been given out (clause 3.1.6a). Of a link only its digest is kept. */
export const links: ImportKind = {
  name: 'links',
  titleRu: 'Ссылки-приглашения',
  columns: [targetKind, group, inMax, role, expires, maxUses, url],
  needed: [[targetKind], [role], [expires], [maxUses], [url]],
  examples: [
    {
      'Куда ведёт': 'группа',
      'Класс или группа': '5А',
      'Для кого': 'обучающиеся',
      'Действует до': '15.09.2036',
      'Сколько раз можно использовать': '30',
      Ссылка: 'https://max.example/join/5a-9f86d081',
    },
    {
      'Куда ведёт': 'сообщество',
      'Для кого': 'учителя',
      'Действует до': '15.09.2036 18:00',
      'Сколько раз можно использовать': '60',
      Ссылка: 'https://max.example/join/school-7c1f4e5d',
    },
  ],
  plan: (sheet) => {
    const { organizationId, timeZone, now } = sheet.register;
    return sheet.each((row) => {
      const kind = row.need(targetKind);
      const targetId = targetOf(row, kind, sheet.register);
      const platformRole = row.need(role);
      const { day, time } = row.need(expires);
      // A link that is good until a day is good on that day.
      const expiresAt = instantAt(day, time === undefined ? '23:59:59' : `${time}:00`, timeZone);
      if (Date.parse(expiresAt) <= now.getTime()) {
        throw new Mistake(
          'Срок действия ссылки истёк',
          'Загружайте только действующие ссылки',
          expires.heading,
        );
      }
      const urlHash = row.need(url);
      sheet.once(row, 'Ссылка', urlHash);
      return {
        row: row.number,
        command: 'CreateInvitationLink',
        payload: {
          linkId: derivedId('import-link', organizationId, urlHash),
          targetKind: kind,
          targetId,
          platformRole,
          expiresAt,
          maxUses: row.need(maxUses),
          urlHash,
        },
      };
    });
  },
};

function targetOf(
  row: SheetRow,
  kind: ReturnType<typeof targetKind.read>,
  { groups, organizationId }: Register,
): string {
  switch (kind) {
    case 'community':
      return organizationId;
    case 'group':
      return groups.group(row.need(group), group.heading).groupId;
    case 'chat':
      return chatIdOf(organizationId, row.need(inMax));
  }
}
