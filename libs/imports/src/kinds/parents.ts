import { choice } from '../columns';
import { type ImportKind } from '../kind';
import { nameIn, personColumns } from './person-columns';

const GUARDIAN = personColumns({
  of: 'родителя',
  called: [
    'Родитель',
    'ФИО законного представителя',
    'Законный представитель',
    'ФИО родителя (законного представителя)',
  ],
  phones: true,
});
const CHILD = personColumns({
  of: 'ребёнка',
  called: ['Ребёнок', 'ФИО обучающегося', 'ФИО ученика', 'Обучающийся'],
  number: ['Номер личного дела ребёнка', 'Личное дело ребёнка', 'Номер личного дела', 'Личное дело'],
});
const relation = choice(['Степень родства', 'Родство', 'Кем приходится'], {
  mother: ['мать', 'мама'],
  father: ['отец', 'папа'],
  guardian: ['опекун', 'попечитель', 'законный представитель'],
  other: ['иное', 'другое', 'приёмный родитель'],
});

/** Parents and other legal representatives, each with a child (clause 3.6.1). */
export const parents: ImportKind = {
  name: 'parents',
  titleRu: 'Список родителей (законных представителей)',
  columns: [...GUARDIAN.all, relation, ...CHILD.all],
  needed: [GUARDIAN.name, [relation], CHILD.reference],
  examples: [
    {
      'ФИО родителя': 'Белова Ольга Сергеевна',
      'Телефон родителя': '+7 900 000-00-01',
      'Степень родства': 'мать',
      'ФИО ребёнка': 'Белов Артём Сергеевич',
      'Номер личного дела ребёнка': 'Б-118',
    },
    {
      'ФИО родителя': 'Зимин Павел Олегович',
      'Дата рождения родителя': '11.04.1984',
      'Степень родства': 'отец',
      'ФИО ребёнка': 'Зимина Дарья',
      'Дата рождения ребёнка': '02.12.2013',
    },
  ],
  plan: (sheet) => {
    const { people } = sheet.register;
    return sheet.each((row) => {
      const guardian = GUARDIAN.read(row);
      const fullName = nameIn(guardian, GUARDIAN);
      const kind = row.need(relation);
      const childId = people.find('pupil', CHILD.read(row), CHILD.headings);
      const { personId, aliases } = people.identify('guardian', guardian, GUARDIAN.headings);
      sheet.once(row, 'Родитель и ребёнок', personId, childId);
      return {
        row: row.number,
        command: 'RecordGuardian',
        payload: { personId, childId, relation: kind, fullName },
        aliases,
      };
    });
  },
};
