import { choice, day, text } from '../columns';
import { type ImportKind } from '../kind';
import { instantAt } from '../local-time';
import { Mistake } from '../mistakes';
import { type PeopleGroup } from '../people';
import { nameIn, personColumns } from './person-columns';

const PERSON = personColumns({
  called: ['ФИО работника', 'ФИО сотрудника', 'ФИО обучающегося', 'ФИО ученика'],
  number: ['Номер', 'Табельный номер или номер личного дела', 'Табельный номер', 'Номер личного дела'],
});
const kind = choice(['Движение', 'Вид движения', 'Вид приказа'], {
  enrolled: ['зачислен', 'зачислена', 'зачисление', 'прибыл', 'прибыла'],
  transferred: ['переведён', 'переведена', 'перевод'],
  departed: ['выбыл', 'выбыла', 'выбытие', 'отчислен', 'отчислена', 'отчисление'],
  hired: ['принят', 'принята', 'приём', 'приём на работу'],
  dismissed: ['уволен', 'уволена', 'увольнение'],
  leave: ['отпуск', 'декретный отпуск', 'отпуск по уходу за ребёнком'],
});
const order = text(['Приказ', 'Номер и дата приказа', 'Основание']);
const since = day(['Дата', 'Дата движения', 'С какой даты']);
const from = text(['Из класса', 'Выбыл из класса', 'Класс выбытия'], { max: 50 });
const to = text(['В класс', 'Зачислен в класс', 'Класс зачисления'], { max: 50 });

/** Whom an order can be about. */
const GROUP: Readonly<Record<ReturnType<typeof kind.read>, PeopleGroup>> = {
  enrolled: 'pupil',
  transferred: 'pupil',
  departed: 'pupil',
  hired: 'staff',
  dismissed: 'staff',
  leave: 'staff',
};

/** Orders that moved pupils and staff (clause 3.1.9). */
export const movements: ImportKind = {
  name: 'movements',
  titleRu: 'Движение контингента',
  columns: [...PERSON.all, kind, order, since, from, to],
  needed: [PERSON.name, [kind], [order], [since]],
  examples: [
    {
      ФИО: 'Белов Артём Сергеевич',
      Номер: 'Б-118',
      Движение: 'переведён',
      Приказ: '№ 52-у от 10.11.2025',
      Дата: '11.11.2025',
      'Из класса': '5А',
      'В класс': '5Б',
    },
    {
      ФИО: 'Соколова Мария Петровна',
      Номер: '0417',
      Движение: 'уволена',
      Приказ: '№ 77-к от 28.11.2025',
      Дата: '30.11.2025',
    },
  ],
  plan: (sheet) => {
    const { groups, people, timeZone } = sheet.register;
    return sheet.each((row) => {
      const person = PERSON.read(row);
      const fullName = nameIn(person, PERSON);
      const movement = row.need(kind);
      const orderRef = row.need(order);
      const effectiveAt = instantAt(row.need(since), '00:00:00', timeZone);
      const [left, entered] = [row.get(from), row.get(to)];
      if (movement === 'transferred' && entered === undefined) {
        throw new Mistake('Не указано, куда переведён обучающийся', 'Заполните «В класс»', to.heading);
      }
      const fromGroup = left === undefined ? undefined : groups.class(left, from.heading).groupId;
      const toGroup = entered === undefined ? undefined : groups.class(entered, to.heading).groupId;
      const { personId, aliases } = people.identify(GROUP[movement], person, PERSON.headings);
      sheet.once(row, 'Движение', personId, movement, orderRef);
      return {
        row: row.number,
        command: 'RecordMovement',
        payload: {
          personId,
          kind: movement,
          orderRef,
          effectiveAt,
          ...(fromGroup !== undefined && { fromGroup }),
          ...(toGroup !== undefined && { toGroup }),
          fullName,
        },
        aliases,
      };
    });
  },
};
