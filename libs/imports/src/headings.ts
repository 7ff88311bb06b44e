import { type Column } from './columns';
import { type TableRow } from './cells';
import { type ImportProblem, Mistake, problemOf, shown } from './mistakes';

/** Where each column of the file stands, and what is to be said of the headings. */
export interface Headings {
  /** Index of each column that the file has. */
  readonly places: ReadonlyMap<Column, number>;
  /** Columns that nobody asked for; they are left alone. */
  readonly notices: readonly ImportProblem[];
}

/** How many letters may differ where a heading is meant to be another. */
const NEAR = 0.4;

/**
 * Finds the columns by their headings, in any order.
 *
 * @param needed of each list one column at least has to be there
 * @throws Mistake where a heading comes twice, or columns are missing: names them and what they were perhaps called
 */
export function matchHeadings(
  { number, cells }: TableRow,
  columns: readonly Column[],
  needed: readonly (readonly Column[])[],
): Headings {
  const byKey = new Map<string, Column>();
  for (const column of columns) {
    for (const name of [column.heading, ...column.synonyms]) byKey.set(headingKey(name), column);
  }
  const places = new Map<Column, number>();
  const unknown: string[] = [];
  for (const [index, cell] of cells.entries()) {
    if (cell === undefined) continue;
    if (cell.kind === 'formula') throw new Mistake('В заголовке формула', 'Вставьте значение вместо формулы');
    const column = byKey.get(headingKey(cell.text));
    if (column === undefined) {
      unknown.push(cell.text);
      continue;
    }
    if (places.has(column)) {
      throw new Mistake(
        `Столбец ${shown(column.heading)} есть в файле дважды`,
        'Оставьте один',
        column.heading,
      );
    }
    places.set(column, index);
  }
  const missing = needed.filter((alternatives) => !alternatives.some((column) => places.has(column)));
  if (missing.length > 0) throw missingColumns(missing, unknown, byKey);
  const notices = unknown.map((heading) =>
    problemOf(new Mistake(...notUsed(heading, byKey, places), heading.slice(0, 100)), number, 'notice'),
  );
  return { places, notices };
}

function missingColumns(
  missing: readonly (readonly Column[])[],
  unknown: readonly string[],
  byKey: ReadonlyMap<string, Column>,
): Mistake {
  const names = missing.map((alternatives) =>
    alternatives
      .slice(0, 2)
      .map(({ heading }) => shown(heading))
      .join(' или '),
  );
  const guesses = unknown.flatMap((heading) => {
    const near = nearest(heading, byKey);
    const wanted = near !== undefined && missing.some((alternatives) => alternatives.includes(near));
    return wanted ? [`${shown(heading)} переименуйте в ${shown(near.heading)}`] : [];
  });
  const others =
    unknown.length === 0 ? '' : `. Неизвестные столбцы: ${unknown.slice(0, 20).map(shown).join(', ')}`;
  return new Mistake(
    `Нет столбцов: ${names.join('; ')}${others}`,
    guesses.length > 0 ? `Возможно, ${guesses.join('; ')}` : 'Возьмите за основу шаблон: в нём все столбцы',
  );
}

function notUsed(
  heading: string,
  byKey: ReadonlyMap<string, Column>,
  places: ReadonlyMap<Column, number>,
): [message: string, remedy: string] {
  const near = nearest(heading, byKey);
  return [
    `Столбец ${shown(heading)} не используется`,
    near === undefined || places.has(near)
      ? 'Ничего делать не нужно'
      : `Если это ${shown(near.heading)}, переименуйте столбец и загрузите файл ещё раз`,
  ];
}

/** Case, ё, punctuation and the asterisk of a template make no difference. */
function headingKey(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/[^\p{L}\d]+/gu, ' ')
    .trim();
}

function nearest(heading: string, byKey: ReadonlyMap<string, Column>): Column | undefined {
  const key = headingKey(heading).slice(0, 60);
  let best: { readonly column: Column; readonly far: number } | undefined;
  for (const [name, column] of byKey) {
    const far = distance(key, name);
    if (far <= Math.max(1, Math.floor(name.length * NEAR)) && (best === undefined || far < best.far)) {
      best = { column, far };
    }
  }
  return best?.column;
}

/** Levenshtein's: letters to put in, take out or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
