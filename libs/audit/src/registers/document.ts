import { Readable } from 'node:stream';
import { type Row, shownAt } from './cells';
import { csvOf } from './csv';
import { type Register } from './register';
import { xlsxOf } from './xlsx';

/** Files that a register can be had as. */
export const FORMATS = ['csv', 'xlsx'] as const;
export type Format = (typeof FORMATS)[number];

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

export interface Document {
  readonly contentType: string;
  /** For Content-Disposition: its Russian name, and one for those who read ASCII only (RFC 6266, RFC 5987). */
  readonly disposition: string;
  /** Made as it is read. Whoever stops reading destroys it, which ends `chunks` too. */
  readonly content: Readable;
}

/**
 * A register as a file. Resolves when its first rows are read, so that what fails at once fails before anything was sent.
 *
 * @param chunks of `Registers.rows`; the document ends it, however it is left
 * @param at of the question: its day stands in the file's name
 * @throws what `chunks` throws
 */
export async function documentOf(
  register: Register,
  format: Format,
  chunks: AsyncGenerator<readonly Row[], void, void>,
  { timeZone, at }: { readonly timeZone: string; readonly at: Date },
): Promise<Document> {
  const rows = await begun(chunks);
  const content =
    format === 'csv'
      ? Readable.from(csvOf(register.columns, rows, timeZone), { objectMode: false })
      : xlsxOf(register, rows, { timeZone, at });
  // A file that is given up before it was begun asks for nothing, and so would end nothing.
  content.once('close', () => void chunks.return().catch(() => undefined));
  const [day = ''] = shownAt(at.toISOString(), timeZone).toISOString().split('T');
  const name = `${register.nameRu} ${day.split('-').reverse().join('.')}.${format}`;
  return {
    contentType: CONTENT_TYPES[format],
    disposition: attachmentOf(`${register.form}-${day}.${format}`, name),
    content,
  };
}

/** The same, with the first item read. */
async function begun<Item>(items: AsyncGenerator<Item, void, void>): Promise<AsyncIterable<Item>> {
  const first = await items.next();
  return {
    [Symbol.asyncIterator]: () => {
      let waiting: IteratorResult<Item, void> | undefined = first;
      return {
        next: () => {
          const next = waiting === undefined ? items.next() : Promise.resolve(waiting);
          waiting = undefined;
          return next;
        },
        return: () => items.return(),
      };
    },
  };
}

/** A Content-Disposition under which a file is saved: its name, and one in ASCII for those who know no other (RFC 6266). */
export function attachmentOf(ascii: string, name: string): string {
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded(name)}`;
}

/** RFC 5987: encodeURIComponent leaves four characters that it does not allow. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
