import { type Readable } from 'node:stream';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { Mistake } from './mistakes';

const MAX_ENTRIES = 2_000;
const MAX_UNPACKED_BYTES = 200 * 1024 * 1024;
/** Tables shrink to a tenth or a fiftieth; a bomb to a thousandth. Small files may shrink as they like. */
const MAX_RATIO = 200;
const MODEST_BYTES = 1024 * 1024;

/** A ZIP archive whose entries together are within limits. */
export interface Archive {
  /** The entry's content, unpacked as it is read; never more than its directory says. */
  open(name: string): Promise<Readable | undefined>;
}

/** @throws Mistake where the bytes are no ZIP archive, are encrypted, or would unpack to more than 200 MiB */
export async function openArchive(bytes: Buffer): Promise<Archive> {
  try {
    const zip = await fromBufferPromise(bytes, { lazyEntries: true, validateEntrySizes: true });
    return archiveOf(zip, await entriesOf(zip, bytes.length));
  } catch (error) {
    if (error instanceof Mistake) throw error;
    throw damaged();
  }
}

/** That the file cannot be read as what it claims to be. */
export function damaged(): Mistake {
  return new Mistake('Файл XLSX повреждён', 'Откройте его в табличном редакторе и сохраните заново как XLSX');
}

async function entriesOf(zip: ZipFile, packed: number): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > MAX_ENTRIES) throw tooLarge();
  const entries = new Map<string, Entry>();
  let unpacked = 0;
  for await (const entry of zip.eachEntry()) {
    if (entry.isEncrypted()) {
      throw new Mistake('Файл защищён паролем', 'Снимите пароль и загрузите файл ещё раз');
    }
    unpacked += entry.uncompressedSize;
    const bomb = unpacked > MODEST_BYTES && unpacked > packed * MAX_RATIO;
    if (unpacked > MAX_UNPACKED_BYTES || bomb) throw tooLarge();
    entries.set(entry.fileName, entry);
  }
  return entries;
}

function archiveOf(zip: ZipFile, entries: ReadonlyMap<string, Entry>): Archive {
  return {
    open: async (name) => {
      const entry = entries.get(name);
      return entry === undefined ? undefined : zip.openReadStreamPromise(entry);
    },
  };
}

function tooLarge(): Mistake {
  return new Mistake(
    'Файл после распаковки слишком велик: похоже, в нём не только таблица',
    'Скопируйте таблицу в новую книгу, сохраните её как XLSX или CSV и загрузите ещё раз',
  );
}
