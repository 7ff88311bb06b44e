import { createHash } from 'node:crypto';
import { dayOf } from '@letopis/kernel';
import { type Cell } from './cells';
import { dateOfSerial } from './excel-dates';
import { Mistake, shown } from './mistakes';

/** A column of a kind of file: how it is headed and what its cells hold. */
export interface Column<Value = unknown> {
  readonly heading: string;
  /** Other headings that are taken for it. */
  readonly synonyms: readonly string[];
  /** What a cell holds, in Russian; for the template. */
  readonly holds: string;
  /** @throws Mistake where the cell does not hold that */
  read(cell: Cell): Value;
}

type Heading = string | readonly [heading: string, ...synonyms: string[]];

function column<Value>(heading: Heading, holds: string, read: (cell: Cell) => Value): Column<Value> {
  const [name, ...synonyms] = typeof heading === 'string' ? [heading] : heading;
  return {
    heading: name,
    synonyms,
    holds,
    read: (cell) => {
      try {
        return read(cell);
      } catch (error) {
        if (error instanceof Mistake) throw new Mistake(error.message, error.remedy, name);
        throw error;
      }
    },
  };
}

/** @throws Mistake where the cell holds a formula, or text that no store can hold */
function textOf(cell: Cell): string {
  if (cell.kind === 'formula') {
    throw new Mistake(
      'В ячейке формула',
      'Вставьте значение вместо формулы (Специальная вставка → Значения)',
    );
  }
  const text = cell.text.normalize('NFC').replace(/\s+/g, ' ');
  if (!text.isWellFormed() || /\p{Cc}/u.test(text)) {
    throw new Mistake('В ячейке недопустимые знаки', 'Наберите значение заново с клавиатуры');
  }
  return text;
}

/** Text of one line. */
export function text(heading: Heading, { max = 200 }: { readonly max?: number } = {}): Column<string> {
  return column(heading, `текст, до ${max} знаков`, (cell) => {
    const value = textOf(cell);
    if (value.length > max) {
      throw new Mistake(`Текст длиннее ${max} знаков`, 'Сократите его');
    }
    return value;
  });
}

const RUSSIAN_DAY = /^(\d{1,2})[./](\d{1,2})[./](\d{4})(?: (\d{1,2}):(\d{2})(?::\d{2})?)?(?: ?г\.?)?$/;
const ISO_DAY = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::\d{2})?)?$/;

/** A day, and the time of day where one was given: `09:30`. */
export interface LocalDate {
  /** `2025-09-01` */
  readonly day: string;
  readonly time?: string;
}

function dateOf(cell: Cell): LocalDate {
  const given = textOf(cell);
  const serial = /^\d{1,6}(\.\d+)?$/.test(given) ? dateOfSerial(Number(given)) : given;
  const [, d = '', m = '', y = '', hour, minute] = RUSSIAN_DAY.exec(given) ?? [];
  const iso =
    y === ''
      ? (serial ?? '')
      : `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}${hour === undefined ? '' : ` ${hour.padStart(2, '0')}:${minute ?? '00'}`}`;
  const [, day, time] = ISO_DAY.exec(iso) ?? [];
  if (day === undefined || dayOf(day) === undefined || (time !== undefined && !isTime(time))) {
    throw new Mistake(`${shown(given)} — не дата`, 'Укажите дату в виде 01.09.2025');
  }
  return time === undefined ? { day } : { day, time };
}

function isTime(time: string): boolean {
  const [hour = 24, minute = 60] = time.split(':').map(Number);
  return hour < 24 && minute < 60;
}

/** A day: `2025-09-01`. */
export function day(heading: Heading): Column<string> {
  return column(heading, 'дата, например 01.09.2025', (cell) => dateOf(cell).day);
}

/** A day, with a time of day where it matters. */
export function date(heading: Heading): Column<LocalDate> {
  return column(heading, 'дата, например 31.12.2026, или дата и время: 31.12.2026 18:00', dateOf);
}

/** One of a few words; each may be written in several ways. The first way is the one that is shown. */
export function choice<const Value extends string>(
  heading: Heading,
  words: Readonly<Record<Value, readonly [string, ...string[]]>>,
): Column<Value> {
  const values = new Map<string, Value>();
  for (const value of keysOf(words)) for (const word of words[value]) values.set(wordKey(word), value);
  const list = keysOf(words).map((value) => `«${words[value][0]}»`);
  return column(heading, `одно из: ${list.join(', ')}`, (cell) => {
    const given = textOf(cell);
    const value = values.get(wordKey(given));
    if (value === undefined) {
      throw new Mistake(`Значение ${shown(given)} не подходит`, `Укажите одно из: ${list.join(', ')}`);
    }
    return value;
  });
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): readonly Key[] {
  const keys: Key[] = [];
  for (const key in record) keys.push(key);
  return keys;
}

function wordKey(word: string): string {
  return word
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/[^\p{L}\d]+/gu, ' ')
    .trim();
}

/** A whole number. */
export function count(
  heading: Heading,
  { min, max }: { readonly min: number; readonly max: number },
): Column<number> {
  return column(heading, `целое число от ${min} до ${max}`, (cell) => {
    const value = Number(textOf(cell).replace(',', '.'));
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new Mistake('Это не подходящее число', `Укажите целое число от ${min} до ${max}`);
    }
    return value;
  });
}

/** A phone number of Russia, by its ten digits. */
export function phone(heading: Heading): Column<string> {
  return column(heading, 'телефон, например +7 900 000-00-01', (cell) => {
    const digits = textOf(cell).replace(/\D/g, '');
    const [, number] = /^(?:[78])?(\d{10})$/.exec(digits) ?? [];
    if (number === undefined) {
      throw new Mistake('Это не номер телефона', 'Укажите номер в виде +7 900 000-00-01');
    }
    return number;
  });
}

/** A school year: `2025/2026`. */
export function schoolYear(heading: Heading): Column<string> {
  return column(heading, 'учебный год, например 2025/2026', (cell) => {
    const [, from = '', to = ''] = /^(\d{4}) ?[/–—-] ?(\d{4}|\d{2})\b/.exec(textOf(cell)) ?? [];
    const next = String(Number(from) + 1);
    if (from === '' || (to !== next && to !== next.slice(2))) {
      throw new Mistake('Это не учебный год', 'Укажите учебный год в виде 2025/2026');
    }
    return `${from}/${next}`;
  });
}

/** Spreadsheets keep fifteen digits of a number; what is longer has been rounded. */
const EXACT_DIGITS = 15;

/** The id of a chat in MAX: a whole number of 64 bits. */
export function maxChatId(heading: Heading): Column<string> {
  return column(heading, 'целое число из адреса чата в MAX', (cell) => {
    const value = textOf(cell);
    const rounded = cell.kind === 'number' && value.replace(/\D/g, '').length > EXACT_DIGITS;
    if (rounded || /e/i.test(value)) {
      throw new Mistake(
        'Таблица округлила длинное число',
        'Задайте ячейке текстовый формат и введите число ещё раз',
      );
    }
    if (!/^-?\d{1,19}$/.test(value) || BigInt.asIntN(64, BigInt(value)) !== BigInt(value)) {
      throw new Mistake('Это не номер чата в MAX', 'Укажите целое число из адреса чата');
    }
    return value;
  });
}

/** An id of Letopis. */
export function uuid(heading: Heading): Column<string> {
  return column(heading, 'идентификатор из Летописи', (cell) => {
    const value = textOf(cell).toLowerCase();
    if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(value)) {
      throw new Mistake('Это не идентификатор', 'Скопируйте его из Летописи целиком');
    }
    return value;
  });
}

/** An invitation link, by its SHA-256 in lower-case hexadecimal: the link itself is not kept. */
export function link(heading: Heading): Column<string> {
  return column(heading, 'ссылка целиком, https://…', (cell) => {
    const value = textOf(cell);
    if (/^[0-9a-f]{64}$/.test(value)) return value;
    if (!/^https:\/\/[^\s/]+\/\S+$/.test(value)) {
      throw new Mistake('Это не ссылка', 'Скопируйте ссылку-приглашение целиком, начиная с https://');
    }
    return createHash('sha256').update(value).digest('hex');
  });
}
