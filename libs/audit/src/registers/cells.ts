import { wallClock } from '@letopis/kernel';
import { type Column } from './register';

/** A person in a cell. */
export interface PersonCell {
  /** The person; where an account of the messenger is linked to nobody, the account. */
  readonly id: string;
  /** `hidden`: not for the reader's role. `destroyed`: the person's data were destroyed. `unnamed`: no name is on record. */
  readonly state: 'shown' | 'unnamed' | 'hidden' | 'destroyed';
  readonly name?: string;
  readonly formerNames?: readonly string[];
}

/** Personal text in a cell. */
export interface PersonalCell {
  readonly state: 'shown' | 'hidden' | 'destroyed';
  readonly text?: string;
}

/** What a register says in one place; instants are RFC 3339 in UTC. */
export type Cell =
  string | number | boolean | null | readonly string[] | PersonCell | readonly PersonCell[] | PersonalCell;

/** Cells by the keys of their columns. */
export type Row = Readonly<Record<string, Cell>>;

export const HIDDEN = 'скрыто';
export const DESTROYED = 'данные уничтожены';
/** So much of an id tells people without a name apart. */
const ID_LENGTH = 8;

/** The cell as a reader of a file sees it; '' where there is nothing to say. */
export function textOf(
  { labels, type }: Pick<Column, 'labels' | 'type'>,
  cell: Cell,
  timeZone: string,
): string {
  if (cell === null) return '';
  if (typeof cell === 'string') {
    if (type === 'instant') return inRussian(shownAt(cell, timeZone), true);
    if (type === 'day') return inRussian(new Date(cell), false);
    return labels?.[cell] ?? cell;
  }
  if (typeof cell === 'number') return String(cell).replace('.', ',');
  if (typeof cell === 'boolean') return cell ? 'да' : 'нет';
  if (isList(cell)) {
    return cell
      .map((item) => (typeof item === 'string' ? (labels?.[item] ?? item) : personText(item)))
      .join(', ');
  }
  return 'id' in cell ? personText(cell) : personalText(cell);
}

function isList(cell: Cell): cell is readonly string[] | readonly PersonCell[] {
  return Array.isArray(cell);
}

function personText({ id, state, name = '', formerNames = [] }: PersonCell): string {
  switch (state) {
    case 'shown':
      return formerNames.length === 0 ? name : `${name} (ранее ${formerNames.join(', ')})`;
    case 'unnamed':
      return id.slice(0, ID_LENGTH);
    case 'hidden':
      return HIDDEN;
    case 'destroyed':
      return DESTROYED;
  }
}

function personalText({ state, text = '' }: PersonalCell): string {
  switch (state) {
    case 'shown':
      return text;
    case 'hidden':
      return HIDDEN;
    case 'destroyed':
      return DESTROYED;
  }
}

/** What the clock on the wall shows, as if it were UTC: spreadsheets know no time zones. */
export function shownAt(at: string, timeZone: string): Date {
  return new Date(wallClock(Date.parse(at), timeZone));
}

/** `17.11.2025`, `17.11.2025 19:05`. */
function inRussian(at: Date, withTime: boolean): string {
  const [day = '', time = ''] = at.toISOString().split('T');
  const date = day.split('-').reverse().join('.');
  return withTime ? `${date} ${time.slice(0, 5)}` : date;
}
