import { derivedId } from '@letopis/kernel';
import { choice, schoolYear, text } from '../columns';
import { classTitle, titleKey } from '../groups';
import { type ImportKind } from '../kind';

const title = text(['Класс', 'Группа', 'Название', 'Название группы']);
const kind = choice(['Вид группы', 'Вид', 'Тип группы'], {
  class: ['класс'],
  staff_room: ['учительская'],
  subject: ['предмет', 'предметная группа'],
  club: ['кружок', 'секция', 'клуб'],
  custom: ['другая', 'иная', 'прочее'],
});
const year = schoolYear('Учебный год');
const order = text(['Приказ о номенклатуре', 'Приказ', 'Номер и дата приказа']);

/** One order holds at most so many groups (ApproveNomenclature). */
const MAX_GROUPS = 500;

/** The whole nomenclature of groups of a school year (clause 3.1.5), and the groups themselves. */
export const classes: ImportKind = {
  name: 'classes',
  titleRu: 'Классы и группы',
  columns: [title, kind, year, order],
  needed: [[title], [year], [order]],
  examples: [
    {
      Класс: '5А',
      'Вид группы': 'класс',
      'Учебный год': '2025/2026',
      'Приказ о номенклатуре': '№ 325 от 29.08.2025',
    },
    {
      Класс: '5Б',
      'Вид группы': 'класс',
      'Учебный год': '2025/2026',
      'Приказ о номенклатуре': '№ 325 от 29.08.2025',
    },
    {
      Класс: 'Шахматы',
      'Вид группы': 'кружок',
      'Учебный год': '2025/2026',
      'Приказ о номенклатуре': '№ 325 от 29.08.2025',
    },
  ],
  plan: async (sheet) => {
    const { groups, organizationId } = sheet.register;
    sheet.mustHoldAtMost(MAX_GROUPS);
    const schoolYear = sheet.shared(year);
    const orderRef = sheet.shared(order);
    const listed = await sheet.each((row) => {
      const given = row.need(title);
      const groupKind = row.get(kind) ?? 'class';
      const key = titleKey(given);
      sheet.once(row, 'Группа', key);
      const known = groups.find(given);
      const same = known?.kind === groupKind ? known : undefined;
      return {
        row: row.number,
        kind: groupKind,
        title: same?.title ?? (groupKind === 'class' ? classTitle(given) : given),
        groupId: same?.groupId ?? derivedId('import-group', organizationId, schoolYear, groupKind, key),
      };
    });
    if (listed.length === 0) return [];
    return [
      {
        row: sheet.headingsRow,
        command: 'ApproveNomenclature',
        payload: {
          schoolYear,
          orderRef,
          groups: listed.map((group) => ({ kind: group.kind, title: group.title })),
        },
      },
      ...listed.map((group) => ({
        row: group.row,
        command: 'CreateGroup',
        payload: { groupId: group.groupId, kind: group.kind, title: group.title },
      })),
    ];
  },
};
