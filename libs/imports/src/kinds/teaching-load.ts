import { schoolYear, text } from '../columns';
import { type ImportKind } from '../kind';
import { personColumns } from './person-columns';

const group = text(['Класс', 'Группа', 'Класс или группа']);
const subject = text(['Предмет', 'Учебный предмет', 'Дисциплина']);
const TEACHER = personColumns({
  of: 'учителя',
  called: ['Учитель', 'Преподаватель', 'ФИО', 'ФИО педагога'],
  number: ['Табельный номер', 'Таб. номер', 'Табельный №', 'Таб. №'],
});
const year = schoolYear('Учебный год');
const order = text(['Приказ о нагрузке', 'Приказ', 'Номер и дата приказа']);

/** One order holds at most so many lines (ApproveTeachingLoad). */
const MAX_LINES = 4_000;

/** Who teaches which subject to which class (clause 3.4.3): one order for the whole school. */
export const teachingLoad: ImportKind = {
  name: 'teaching-load',
  titleRu: 'Учебная нагрузка',
  columns: [group, subject, ...TEACHER.all, year, order],
  needed: [[group], [subject], TEACHER.reference, [year], [order]],
  examples: [
    {
      Класс: '5А',
      Предмет: 'Математика',
      'ФИО учителя': 'Соколова Мария Петровна',
      'Табельный номер': '0417',
      'Учебный год': '2025/2026',
      'Приказ о нагрузке': '№ 327 от 29.08.2025',
    },
    {
      Класс: '5А',
      Предмет: 'Технология',
      'ФИО учителя': 'Петров-Заречный Игорь Львович',
      'Учебный год': '2025/2026',
      'Приказ о нагрузке': '№ 327 от 29.08.2025',
    },
  ],
  plan: async (sheet) => {
    const { groups, people } = sheet.register;
    sheet.mustHoldAtMost(MAX_LINES);
    const approval = { schoolYear: sheet.shared(year), orderRef: sheet.shared(order) };
    const load = await sheet.each((row) => {
      const { groupId } = groups.group(row.need(group), group.heading);
      const taught = row.need(subject);
      const personId = people.find('staff', TEACHER.read(row), TEACHER.headings);
      sheet.once(row, 'Класс, предмет и учитель', groupId, taught.toLowerCase(), personId);
      return { groupId, subject: taught, personId };
    });
    return load.length === 0
      ? []
      : [{ row: sheet.headingsRow, command: 'ApproveTeachingLoad', payload: { ...approval, load } }];
  },
};
