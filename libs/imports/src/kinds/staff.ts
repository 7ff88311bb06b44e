import { day, text } from '../columns';
import { type ImportKind } from '../kind';
import { instantAt } from '../local-time';
import { EMPLOYEE, nameIn } from './person-columns';

const order = text(['Приказ о приёме', 'Приказ', 'Номер и дата приказа', 'Основание']);
const since = day(['Дата приёма', 'Принят', 'Дата приёма на работу']);

/** Everybody who works at the school: the staff roster of clause 3.3.1. */
export const staff: ImportKind = {
  name: 'staff',
  titleRu: 'Список работников',
  columns: [...EMPLOYEE.all, order, since],
  needed: [EMPLOYEE.name, [order], [since]],
  examples: [
    {
      ФИО: 'Соколова Мария Петровна',
      'Табельный номер': '0417',
      'Дата рождения': '14.02.1985',
      'Приказ о приёме': '№ 12-к от 25.08.2025',
      'Дата приёма': '25.08.2025',
    },
    {
      Фамилия: 'Петров-Заречный',
      Имя: 'Игорь',
      Отчество: 'Львович',
      'Дата рождения': '03.11.1979',
      'Приказ о приёме': '№ 31-к от 28.08.2019',
      'Дата приёма': '01.09.2019',
    },
  ],
  plan: (sheet) => {
    const { people, timeZone } = sheet.register;
    return sheet.each((row) => {
      const person = EMPLOYEE.read(row);
      const fullName = nameIn(person, EMPLOYEE);
      const orderRef = row.need(order);
      const effectiveAt = instantAt(row.need(since), '00:00:00', timeZone);
      const { personId, aliases } = people.identify('staff', person, EMPLOYEE.headings);
      sheet.once(row, 'Работник', personId);
      return {
        row: row.number,
        command: 'RecordMovement',
        payload: { personId, kind: 'hired', orderRef, effectiveAt, fullName },
        aliases,
      };
    });
  },
};
