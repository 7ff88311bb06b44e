import { Mistake } from './mistakes';

/** Among whom somebody is looked for. */
export type PeopleGroup = 'staff' | 'pupil' | 'guardian';

/** What a row says of a person. */
export interface PersonInFile {
  /** Surname, name and patronymic, as written. */
  readonly fullName?: string;
  /** Personnel number of an employee, file number of a pupil. */
  readonly number?: string;
  /** Day of birth, `2014-03-01`. */
  readonly born?: string;
  readonly phone?: string;
  /** The id, where the file gives it. */
  readonly personId?: string;
}

/**
 * A name that imports have known somebody by: a keyed digest of what was in a file. Names of kind `full-name` can be
 * those of several people.
 */
export interface Alias {
  readonly kind: `${PeopleGroup}-number` | `${PeopleGroup}-full-name` | 'birth' | 'phone';
  readonly alias: string;
  readonly personId: string;
}

/** A person of a row: the id, and the names that are to be known once the row is recorded. */
export interface Identified {
  readonly personId: string;
  readonly aliases: readonly Alias[];
}

/** How the columns that name people of a group are headed; for messages. */
export interface PersonHeadings {
  readonly fullName: string;
  readonly number?: string;
  readonly born: string;
}

type Key = Pick<Alias, 'kind' | 'alias'>;

/**
 * Knows people by what schools know them by: the personnel or file number; else full name and day of birth; parents by
 * full name and phone, too. The same person gets the same id from every file, on every import.
 */
export class People {
  private readonly byAlias = new Map<string, Set<string>>();
  private readonly kindsOf = new Map<string, Set<Alias['kind']>>();

  /**
   * @param pseudonym a keyed digest, written as a UUID, that tells nothing about its parts
   * @param known what earlier imports have recorded
   */
  constructor(
    private readonly pseudonym: (...parts: readonly string[]) => string,
    known: readonly Alias[],
  ) {
    for (const alias of known) this.learn(alias);
  }

  /**
   * The person whom a row is about, known or new.
   *
   * @throws Mistake where the row does not say enough to tell people apart
   */
  identify(group: PeopleGroup, person: PersonInFile, headings: PersonHeadings): Identified {
    const telling = this.tellingKeys(group, person);
    const [first] = telling;
    if (first === undefined && person.personId === undefined) throw notEnough(group, headings);
    const personId =
      person.personId ??
      this.known(group, telling) ??
      this.pseudonym('person', first?.kind ?? '', first?.alias ?? '');
    const aliases = [...telling, ...this.nameKeys(group, person)].map((key) => ({ ...key, personId }));
    for (const alias of aliases) this.learn(alias);
    return { personId, aliases };
  }

  /**
   * Somebody who is on record already.
   *
   * @throws Mistake where nobody is, or several are, or number and name are of two people
   */
  find(group: PeopleGroup, person: PersonInFile, headings: PersonHeadings): string {
    if (person.personId !== undefined) return person.personId;
    const telling = this.tellingKeys(group, person);
    const names = this.nameKeys(group, person);
    const found = this.known(group, telling);
    if (found !== undefined) {
      if (person.number !== undefined) this.mustBeNamed(found, names, headings);
      return found;
    }
    const namesakes = telling.length > 0 ? [] : names.flatMap((key) => [...this.whoIs(key)]);
    const [only, ...others] = namesakes;
    if (only === undefined) {
      const heading = (person.number === undefined ? undefined : headings.number) ?? headings.fullName;
      throw new Mistake(
        'Этот человек не найден среди загруженных ранее',
        `Сначала загрузите ${LISTS[group]} или исправьте «${heading}»`,
        heading,
      );
    }
    if (others.length > 0) {
      throw new Mistake(
        'Под таким именем известно несколько человек',
        `Заполните ${headings.number === undefined ? '' : `«${headings.number}» или `}«${headings.born}»`,
        headings.fullName,
      );
    }
    return only;
  }

  private known(group: PeopleGroup, telling: readonly Key[]): string | undefined {
    const [first] = telling;
    for (const key of telling) {
      const [found] = this.whoIs(key);
      // Two people can share name and day of birth: different numbers tell them apart.
      const another =
        first !== key && first?.kind === `${group}-number` && this.kindsOf.get(found ?? '')?.has(first.kind);
      if (found !== undefined && another !== true) return found;
    }
    return undefined;
  }

  private mustBeNamed(
    personId: string,
    names: readonly Key[],
    { fullName, number = '' }: PersonHeadings,
  ): void {
    const known = names.map(({ kind }) => kind).some((kind) => this.kindsOf.get(personId)?.has(kind));
    if (known && !names.some((key) => this.whoIs(key).has(personId))) {
      throw new Mistake(
        `«${number}» и «${fullName}» указывают на разных людей`,
        'Исправьте одно из двух',
        number,
      );
    }
  }

  /** Keys that are one person's only, the strongest first. */
  private tellingKeys(group: PeopleGroup, { fullName, number, born, phone }: PersonInFile): readonly Key[] {
    const name = fullName === undefined ? undefined : nameKey(fullName);
    return [
      ...(number === undefined ? [] : [this.key(`${group}-number`, numberKey(number))]),
      ...(name === undefined || born === undefined ? [] : [this.key('birth', name, born)]),
      ...(name === undefined || phone === undefined ? [] : [this.key('phone', name, phone)]),
    ];
  }

  private nameKeys(group: PeopleGroup, { fullName }: PersonInFile): readonly Key[] {
    return fullName === undefined ? [] : [this.key(`${group}-full-name`, nameKey(fullName))];
  }

  private key(kind: Alias['kind'], ...parts: readonly string[]): Key {
    return { kind, alias: this.pseudonym('alias', kind, ...parts) };
  }

  private whoIs({ alias }: Key): ReadonlySet<string> {
    return this.byAlias.get(alias) ?? new Set();
  }

  private learn({ kind, alias, personId }: Alias): void {
    this.byAlias.set(alias, (this.byAlias.get(alias) ?? new Set()).add(personId));
    this.kindsOf.set(personId, (this.kindsOf.get(personId) ?? new Set()).add(kind));
  }
}

const LISTS: Readonly<Record<PeopleGroup, string>> = {
  staff: 'список работников',
  pupil: 'список обучающихся',
  guardian: 'список родителей',
};

function notEnough(group: PeopleGroup, { number, born }: PersonHeadings): Mistake {
  switch (group) {
    case 'staff':
    case 'pupil':
      return new Mistake(
        'Не указано, чем этот человек отличается от однофамильцев',
        `Заполните «${number ?? ''}» или «${born}»`,
        number ?? born,
      );
    case 'guardian':
      return new Mistake(
        'Не указано, чем этот человек отличается от однофамильцев',
        `Заполните «${born}» или телефон`,
        born,
      );
  }
}

/** Case, ё and е, double blanks, and hyphens of double surnames make no difference. */
export function nameKey(fullName: string): string {
  return fullName
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/[\s\p{Pd}−]+/gu, ' ')
    .trim();
}

/** Spreadsheets drop leading zeros of what they take for a number. */
function numberKey(number: string): string {
  return number
    .toUpperCase()
    .replace(/\s+/g, '')
    .replace(/^№/, '')
    .replace(/^0+(?=\d+$)/, '');
}
