import { type Readable } from 'node:stream';
import { SaxesParser } from 'saxes';
import { type Cell, textCell, type TableRow } from './cells';
import { dateOfSerial, isDateFormat } from './excel-dates';
import { Mistake, shown } from './mistakes';
import { type Archive, damaged, openArchive } from './zip';

const MAX_COLUMNS = 200;
/** All different texts of a workbook together, in characters. */
const MAX_SHARED = 100 * 1024 * 1024;

/** What a part of a workbook tells while it is read: elements without their namespace prefix. */
interface PartHandlers {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/**
 * The rows of one sheet of an XLSX workbook, blank ones left out. Nothing outside of the file is fetched, no entity but
 * the five of XML is known, no formula is evaluated.
 *
 * @param sheetName the first sheet where it is left out
 * @throws Mistake where the file is damaged, too large, or has no such sheet
 */
export async function* xlsxRows(bytes: Buffer, sheetName?: string): AsyncGenerator<TableRow> {
  const archive = await openArchive(bytes);
  const { part, from1904 } = await findSheet(archive, sheetName);
  const texts = await sharedTexts(archive);
  const dates = await dateStyles(archive);
  const rows: TableRow[] = [];
  const reader = sheetReader({ texts, dates, from1904 }, (row) => rows.push(row));
  const stream = await archive.open(part);
  if (stream === undefined) throw damaged();
  for await (const _ of parsing(stream, reader)) {
    yield* rows;
    rows.length = 0;
  }
  yield* rows;
}

async function findSheet(
  archive: Archive,
  wanted: string | undefined,
): Promise<{ readonly part: string; readonly from1904: boolean }> {
  const sheets: { readonly name: string; readonly relation: string }[] = [];
  const targets = new Map<string, string>();
  let from1904 = false;
  await readPart(archive, 'xl/workbook.xml', {
    open: (name, attributes) => {
      if (name === 'sheet') sheets.push({ name: attributes.name ?? '', relation: attributes.id ?? '' });
      if (name === 'workbookPr') from1904 = isTrue(attributes.date1904);
    },
  });
  await readPart(archive, 'xl/_rels/workbook.xml.rels', {
    open: (name, { Id = '', Target = '', TargetMode }) => {
      if (name === 'Relationship' && TargetMode !== 'External') targets.set(Id, Target);
    },
  });
  const sheet = wanted === undefined ? sheets[0] : sheets.find(({ name }) => name === wanted);
  const target = targets.get(sheet?.relation ?? '');
  if (sheet === undefined && wanted !== undefined && sheets.length > 0) {
    throw new Mistake(
      `В книге нет листа ${shown(wanted)}`,
      `Укажите один из листов: ${sheets.map(({ name }) => shown(name)).join(', ')}`,
    );
  }
  if (target === undefined) throw damaged();
  return { part: target.startsWith('/') ? target.slice(1) : `xl/${target}`, from1904 };
}

/** The workbook's texts, each kept once and named by its number. Readings of Japanese signs (`rPh`) are no part of them. */
async function sharedTexts(archive: Archive): Promise<readonly string[]> {
  const texts: string[] = [];
  let text = '';
  let size = 0;
  let inText = false;
  let inReading = false;
  await readPart(
    archive,
    'xl/sharedStrings.xml',
    {
      open: (name) => {
        if (name === 'si') text = '';
        if (name === 'rPh') inReading = true;
        inText = name === 't' && !inReading;
      },
      text: (piece) => {
        if (!inText) return;
        text += piece;
        size += piece.length;
        if (size > MAX_SHARED) throw damaged();
      },
      close: (name) => {
        if (name === 'si') texts.push(text);
        if (name === 'rPh') inReading = false;
        inText = false;
      },
    },
    'optional',
  );
  return texts;
}

/** By number of a cell's style: whether it shows a date. */
async function dateStyles(archive: Archive): Promise<readonly boolean[]> {
  const codes = new Map<number, string>();
  const styles: boolean[] = [];
  let inCells = false;
  await readPart(
    archive,
    'xl/styles.xml',
    {
      open: (name, { numFmtId = '0', formatCode = '' }) => {
        const id = Number(numFmtId);
        if (name === 'numFmt') codes.set(id, formatCode);
        if (name === 'cellXfs') inCells = true;
        if (name === 'xf' && inCells) styles.push(isDateFormat(id, codes.get(id)));
      },
      close: (name) => {
        if (name === 'cellXfs') inCells = false;
      },
    },
    'optional',
  );
  return styles;
}

interface Workbook {
  readonly texts: readonly string[];
  readonly dates: readonly boolean[];
  readonly from1904: boolean;
}

function sheetReader(workbook: Workbook, give: (row: TableRow) => void): PartHandlers {
  let number = 0;
  let cells: (Cell | undefined)[] = [];
  let column = -1;
  let type = '';
  let style = 0;
  let value = '';
  let formula = false;
  let taking = false;
  let inReading = false;
  return {
    open: (name, attributes) => {
      if (name === 'row') {
        number = attributes.r === undefined ? number + 1 : Number(attributes.r);
        cells = [];
        column = -1;
      } else if (name === 'c') {
        column = attributes.r === undefined ? column + 1 : columnOf(attributes.r);
        type = attributes.t ?? 'n';
        style = Number(attributes.s ?? 0);
        value = '';
        formula = false;
      } else if (name === 'f') {
        formula = true;
      } else if (name === 'rPh') {
        inReading = true;
      } else if (name === 'v' || name === 't') {
        taking = !inReading;
      }
    },
    text: (piece) => {
      if (taking) value += piece;
    },
    close: (name) => {
      taking = false;
      if (name === 'rPh') inReading = false;
      if (name === 'c') {
        const cell: Cell | undefined = formula ? { kind: 'formula' } : cellOf(type, value, style, workbook);
        if (cell === undefined) return;
        if (!(column >= 0 && column < MAX_COLUMNS)) {
          throw new Mistake(
            `В строке ${number} занято больше ${MAX_COLUMNS} столбцов`,
            'Удалите лишние столбцы: возьмите за основу шаблон',
          );
        }
        cells[column] = cell;
      }
      if (name === 'row' && cells.length > 0) give({ number, cells: Array.from(cells) });
    },
  };
}

function cellOf(type: string, value: string, style: number, workbook: Workbook): Cell | undefined {
  switch (type) {
    case 's':
      return textCell(workbook.texts[Number(value)] ?? '');
    case 'b':
      return textCell(isTrue(value) ? 'да' : 'нет');
    case 'd':
      return value === '' ? undefined : { kind: 'date', text: value.slice(0, 19) };
    case 'n': {
      if (value === '') return undefined;
      const date =
        workbook.dates[style] === true ? dateOfSerial(Number(value), workbook.from1904) : undefined;
      return date === undefined ? { kind: 'number', text: value } : { kind: 'date', text: date };
    }
    // Texts in the cell itself, and errors such as #REF!, which no column takes.
    default:
      return textCell(value);
  }
}

/** `C7` is the third column: 2. */
function columnOf(reference: string): number {
  const letters = reference.replace(/\d+$/, '');
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

async function readPart(
  archive: Archive,
  name: string,
  handlers: PartHandlers,
  need: 'required' | 'optional' = 'required',
): Promise<void> {
  const stream = await archive.open(name);
  if (stream === undefined) {
    if (need === 'optional') return;
    throw damaged();
  }
  for await (const _ of parsing(stream, handlers));
}

/** Parses the stream; yields after each piece of it. */
async function* parsing(stream: Readable, handlers: PartHandlers): AsyncGenerator<void> {
  const parser = new SaxesParser();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  parser.on('error', (error) => {
    throw error;
  });
  // A workbook has no document type. One that declares entities would only do so to be expanded.
  parser.on('doctype', () => {
    throw damaged();
  });
  parser.on('opentag', ({ name, attributes }) => handlers.open?.(localOf(name), localNames(attributes)));
  parser.on('text', (text) => handlers.text?.(text));
  parser.on('cdata', (text) => handlers.text?.(text));
  parser.on('closetag', ({ name }) => handlers.close?.(localOf(name)));
  const chunks: AsyncIterable<Buffer> = stream;
  try {
    for await (const chunk of chunks) {
      parser.write(decoder.decode(chunk, { stream: true }));
      yield;
    }
    parser.write(decoder.decode()).close();
    yield;
  } catch (error) {
    if (error instanceof Mistake) throw error;
    throw damaged();
  }
}

function localOf(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function localNames(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [localOf(name), value]));
}
