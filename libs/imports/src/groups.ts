import { Mistake, shown } from './mistakes';

export type GroupKind = 'staff_room' | 'class' | 'subject' | 'club' | 'custom';

/** A group on record that is not archived. */
export interface LiveGroup {
  readonly groupId: string;
  readonly kind: GroupKind;
  readonly title: string;
}

/** Latin capitals that look like Russian ones: nobody can tell them apart on the screen. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  A: 'А',
  B: 'В',
  C: 'С',
  E: 'Е',
  H: 'Н',
  K: 'К',
  M: 'М',
  O: 'О',
  P: 'Р',
  T: 'Т',
  X: 'Х',
  Y: 'У',
};

/** «5 "а"», `5-А` and `5A` in Latin letters are the class 5А. */
export function titleKey(title: string): string {
  return title
    .normalize('NFC')
    .toUpperCase()
    .replaceAll('Ё', 'Е')
    .replace(/[A-Z]/g, (letter) => LOOKALIKES[letter] ?? letter)
    .replace(/[^\p{L}\d]+/gu, '');
}

/** A class's title as schools write it: `5А`. Titles of other groups stay as they are. */
export function classTitle(title: string): string {
  const key = titleKey(title);
  return /^\d{1,2}\p{L}?$/u.test(key) ? key : title;
}

/** The live groups of a school, found by their titles. */
export class Groups {
  private readonly byTitle: ReadonlyMap<string, LiveGroup>;

  constructor(groups: readonly LiveGroup[]) {
    this.byTitle = new Map(groups.map((group) => [titleKey(group.title), group]));
  }

  find(title: string): LiveGroup | undefined {
    return this.byTitle.get(titleKey(title));
  }

  /** @param heading of the column that names it @throws Mistake where there is no such live group */
  group(title: string, heading: string): LiveGroup {
    const group = this.find(title);
    if (group !== undefined) return group;
    throw new Mistake(
      `Группы ${shown(title)} нет среди действующих`,
      'Исправьте название или сначала загрузите список классов',
      heading,
    );
  }

  /** @throws Mistake where there is no such live class */
  class(title: string, heading: string): LiveGroup {
    const group = this.find(title);
    if (group?.kind === 'class') return group;
    throw new Mistake(
      group === undefined ? `Класса ${shown(title)} нет среди действующих` : `${shown(title)} — не класс`,
      'Исправьте название или сначала загрузите список классов',
      heading,
    );
  }
}
