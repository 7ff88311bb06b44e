import { schoolYear, text } from '../columns';
import { type ImportKind } from '../kind';
import { personColumns } from './person-columns';

const group = text('Класс', { max: 50 });
const TEACHER = personColumns({
  of: 'классного руководителя',
  called: ['Классный руководитель', 'ФИО', 'Учитель'],
  number: ['Табельный номер', 'Таб. номер', 'Табельный №', 'Таб. №'],
});
const year = schoolYear('Учебный год');
const order = text(['Приказ о классном руководстве', 'Приказ', 'Номер и дата приказа']);

/** One order holds at most so many classes (ApproveClassTeacherDistribution). */
const MAX_CLASSES = 500;

/** Who leads which class (clause 3.1.7): the director approves it, the administrator attaches the teachers. */
export const classTeachers: ImportKind = {
  name: 'class-teachers',
  titleRu: 'Классные руководители',
  columns: [group, ...TEACHER.all, year, order],
  needed: [[group], TEACHER.reference, [year], [order]],
  examples: [
    {
      Класс: '5А',
      'ФИО классного руководителя': 'Соколова Мария Петровна',
      'Табельный номер': '0417',
      'Учебный год': '2025/2026',
      'Приказ о классном руководстве': '№ 326 от 29.08.2025',
    },
    {
      Класс: '5Б',
      'ФИО классного руководителя': 'Петров-Заречный Игорь Львович',
      'Учебный год': '2025/2026',
      'Приказ о классном руководстве': '№ 326 от 29.08.2025',
    },
  ],
  plan: async (sheet) => {
    const { groups, people } = sheet.register;
    sheet.mustHoldAtMost(MAX_CLASSES);
    const approval = { schoolYear: sheet.shared(year), orderRef: sheet.shared(order) };
    const pairs = await sheet.each((row) => {
      const { groupId } = groups.class(row.need(group), group.heading);
      const personId = people.find('staff', TEACHER.read(row), TEACHER.headings);
      sheet.once(row, 'Класс', groupId);
      return { row: row.number, pair: { groupId, personId } };
    });
    if (pairs.length === 0) return [];
    return [
      {
        row: sheet.headingsRow,
        command: 'ApproveClassTeacherDistribution',
        payload: { ...approval, pairs: pairs.map(({ pair }) => pair) },
      },
      ...pairs.map(({ row, pair }) => ({ row, command: 'AssignClassTeacher', payload: pair })),
    ];
  },
};
