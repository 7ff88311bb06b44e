import { derivedId } from '@letopis/kernel';
import { choice, maxChatId, text } from '../columns';
import { titleKey } from '../groups';
import { type ImportKind } from '../kind';
import { personColumns } from './person-columns';

const kind = choice(['Вид чата', 'Вид', 'Тип чата'], {
  class_students: ['чат класса с обучающимися', 'обучающиеся', 'ученики', 'класс'],
  class_parents: ['чат класса с родителями', 'родители'],
  subject: ['чат по предмету', 'предмет'],
  head_deputies: ['руководитель и заместители', 'заместители'],
  head_teachers: ['руководитель и педагоги', 'педагоги'],
  management: ['чат для управленческих задач', 'управление'],
  other: ['другой', 'иной'],
});
const title = text(['Название чата', 'Название', 'Чат']);
const group = text(['Класс или группа', 'Класс', 'Группа']);
const OWNER = personColumns({
  of: 'владельца',
  called: ['Владелец', 'Создатель чата', 'ФИО'],
  number: ['Табельный номер', 'Таб. номер', 'Табельный №', 'Таб. №'],
});
const purpose = text(['Цель', 'Цель чата', 'Назначение'], { max: 500 });
const basis = text(['Основание', 'Приказ'], { max: 500 });
const inMax = maxChatId(['Номер чата в MAX', 'ID чата', 'ID чата в MAX']);

/** Chats that exist already, for the register of chats (clauses 3.2.4, 3.3.3, 3.4.3). */
export const chats: ImportKind = {
  name: 'chats',
  titleRu: 'Реестр чатов',
  columns: [kind, title, group, ...OWNER.all, purpose, basis, inMax],
  needed: [[kind], [title], OWNER.reference],
  examples: [
    {
      'Вид чата': 'чат класса с обучающимися',
      'Название чата': '5А — ученики',
      'Класс или группа': '5А',
      'ФИО владельца': 'Соколова Мария Петровна',
      'Табельный номер': '0417',
      Основание: 'Приказ № 326 от 29.08.2025',
      'Номер чата в MAX': '-71000000000017',
    },
    {
      'Вид чата': 'другой',
      'Название чата': 'Школьный музей',
      'ФИО владельца': 'Петров-Заречный Игорь Львович',
      Цель: 'Подготовка выставки ко Дню школы',
    },
  ],
  plan: (sheet) => {
    const { groups, people, organizationId } = sheet.register;
    return sheet.each((row) => {
      const chatKind = row.need(kind);
      const name = row.need(title);
      const of = row.get(group);
      const groupId = of === undefined ? undefined : groups.group(of, group.heading).groupId;
      const ownerId = people.find('staff', OWNER.read(row), OWNER.headings);
      const number = row.get(inMax);
      const natural = number ?? [chatKind, titleKey(name), groupId ?? ''].join('/');
      sheet.once(row, 'Чат', natural);
      const [why, on] = [row.get(purpose), row.get(basis)];
      return {
        row: row.number,
        command: 'RegisterChat',
        payload: {
          ...(number === undefined
            ? { chatId: derivedId('import-chat', organizationId, natural) }
            : { maxChatId: number }),
          kind: chatKind,
          title: name,
          ...(groupId !== undefined && { groupId }),
          ownerId,
          ...(why !== undefined && { purpose: why }),
          ...(on !== undefined && { basis: on }),
        },
      };
    });
  },
};
