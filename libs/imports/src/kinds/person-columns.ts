import { type Column, day, phone, text, uuid } from '../columns';
import { Mistake } from '../mistakes';
import { type PersonHeadings, type PersonInFile } from '../people';
import { type SheetRow } from '../sheet';

/** The columns by which a file names people of one kind. */
export interface PersonColumns {
  readonly all: readonly Column[];
  /** One of these has to be there where the file records people. */
  readonly name: readonly Column[];
  /** One of these has to be there where the file refers to people on record. */
  readonly reference: readonly Column[];
  readonly headings: PersonHeadings;
  /** @throws Mistake where a cell does not hold what its column does */
  read(row: SheetRow): PersonInFile;
}

interface Wording {
  /** Added to each heading, in the genitive: `ребёнка`. */
  readonly of?: string;
  /** What else the column of full names is called. */
  readonly called?: readonly string[];
  /** Heading of the column of numbers, where such people have numbers. */
  readonly number?: readonly [heading: string, ...synonyms: string[]];
  /** Whether the file can tell people apart by their phones. */
  readonly phones?: true;
}

/** Full name in one column or in three; a number; day of birth; phone; or the id, for whom no import knows by name. */
export function personColumns({ of, called = [], number, phones }: Wording): PersonColumns {
  const named = (heading: string): string => (of === undefined ? heading : `${heading} ${of}`);
  const fullName = text([
    named('ФИО'),
    named('Фамилия, имя, отчество'),
    named('Фамилия Имя Отчество'),
    ...called,
  ]);
  const surname = text(named('Фамилия'), { max: 100 });
  const givenName = text(named('Имя'), { max: 100 });
  const patronymic = text(named('Отчество'), { max: 100 });
  const numbers = number === undefined ? undefined : text(number, { max: 50 });
  const born = day([named('Дата рождения'), ...(of === undefined ? ['Д.р.', 'Родился'] : [])]);
  const phoneNumber =
    phones === undefined ? undefined : phone([named('Телефон'), named('Мобильный телефон')]);
  const personId = uuid(named('Идентификатор'));
  const nameOf = (row: SheetRow): string | undefined => {
    const parts = [row.get(surname), row.get(givenName), row.get(patronymic)].filter(
      (part) => part !== undefined,
    );
    const name = row.get(fullName) ?? (parts.length === 0 ? undefined : parts.join(' '));
    if (name !== undefined && !/^[\p{L}\s\p{Pd}.,'’()]+$/u.test(name)) {
      throw new Mistake('Это не имя человека', 'Укажите фамилию, имя и отчество буквами', fullName.heading);
    }
    return name;
  };
  return {
    all: [
      fullName,
      surname,
      givenName,
      patronymic,
      ...(numbers === undefined ? [] : [numbers]),
      born,
      ...(phoneNumber === undefined ? [] : [phoneNumber]),
      personId,
    ],
    name: [fullName, surname],
    reference: [fullName, ...(numbers === undefined ? [] : [numbers]), surname, personId],
    headings: { fullName: fullName.heading, number: numbers?.heading, born: born.heading },
    read: (row) => ({
      fullName: nameOf(row),
      number: numbers === undefined ? undefined : row.get(numbers),
      born: row.get(born),
      phone: phoneNumber === undefined ? undefined : row.get(phoneNumber),
      personId: row.get(personId),
    }),
  };
}

/** The full name, for the record. @throws Mistake where there is none */
export function nameIn({ fullName }: PersonInFile, { headings }: PersonColumns): string {
  if (fullName === undefined) {
    throw new Mistake('Не указано имя человека', `Заполните «${headings.fullName}»`, headings.fullName);
  }
  return fullName;
}

export const EMPLOYEE = personColumns({
  called: ['ФИО работника', 'ФИО сотрудника', 'Сотрудник', 'Работник'],
  number: ['Табельный номер', 'Таб. номер', 'Табельный №', 'Таб. №'],
});

export const PUPIL = personColumns({
  called: ['ФИО обучающегося', 'ФИО ученика', 'Ученик', 'Обучающийся'],
  number: ['Номер личного дела', 'Личное дело', '№ личного дела', 'Л/д'],
});
