import { day, text } from '../columns';
import { type ImportKind } from '../kind';
import { instantAt } from '../local-time';
import { nameIn, PUPIL } from './person-columns';

const group = text(['Класс', 'Класс зачисления'], { max: 50 });
const order = text(['Приказ о зачислении', 'Приказ', 'Номер и дата приказа', 'Основание']);
const since = day(['Дата зачисления', 'Зачислен', 'Дата поступления']);

/** The pupils, each in a class: the roster of clause 3.5.1. */
export const pupils: ImportKind = {
  name: 'pupils',
  titleRu: 'Список обучающихся',
  columns: [...PUPIL.all, group, order, since],
  needed: [PUPIL.name, [group], [order], [since]],
  examples: [
    {
      ФИО: 'Белов Артём Сергеевич',
      'Номер личного дела': 'Б-118',
      'Дата рождения': '19.05.2014',
      Класс: '5А',
      'Приказ о зачислении': '№ 40-у от 30.08.2025',
      'Дата зачисления': '01.09.2025',
    },
    {
      Фамилия: 'Зимина',
      Имя: 'Дарья',
      'Дата рождения': '02.12.2013',
      Класс: '5А',
      'Приказ о зачислении': '№ 40-у от 30.08.2025',
      'Дата зачисления': '01.09.2025',
    },
  ],
  plan: (sheet) => {
    const { groups, people, timeZone } = sheet.register;
    return sheet.each((row) => {
      const person = PUPIL.read(row);
      const fullName = nameIn(person, PUPIL);
      const { groupId: toGroup } = groups.class(row.need(group), group.heading);
      const orderRef = row.need(order);
      const effectiveAt = instantAt(row.need(since), '00:00:00', timeZone);
      const { personId, aliases } = people.identify('pupil', person, PUPIL.headings);
      sheet.once(row, 'Обучающийся', personId);
      return {
        row: row.number,
        command: 'RecordMovement',
        payload: { personId, kind: 'enrolled', orderRef, effectiveAt, toGroup, fullName },
        aliases,
      };
    });
  },
};
