import { Mistake } from './mistakes';

const LF = 0x0a;
const SAVE_ANEW = 'Сохраните файл заново целиком в одной кодировке, лучше «CSV UTF-8»';
/** A line of windows-1251 can pass for UTF-8 by chance, but hardly with two letters of the Cyrillic alphabet. */
const CYRILLIC_TWICE = /[А-яЁё].*[А-яЁё]/su;

/**
 * The text of a file in UTF-8, with or without a byte order mark, or in windows-1251.
 *
 * @throws Mistake where the file is neither: binary, UTF-16, or both in one file (names the first line of the other)
 */
export function decodeText(bytes: Buffer): string {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16 || bytes.includes(0)) {
    throw new Mistake(
      'Это не текст в кодировке UTF-8 или windows-1251',
      'Сохраните файл как «CSV UTF-8» или XLSX',
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    refuseMixture(bytes);
    return new TextDecoder('windows-1251').decode(bytes);
  }
}

/** Each line is in one encoding; lines of ASCII are in both, and lines that could be either say nothing. */
function refuseMixture(bytes: Buffer): void {
  const marked = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]));
  let first: 'UTF-8' | 'windows-1251' | undefined = marked ? 'UTF-8' : undefined;
  let number = 0;
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(LF, start);
    const line = bytes.subarray(start, end < 0 ? bytes.length : end);
    start = end < 0 ? bytes.length : end + 1;
    number += 1;
    const encoding = encodingOf(line);
    if (encoding === undefined) continue;
    first ??= encoding;
    if (encoding !== first) {
      throw new Mistake(
        `Строка ${number} записана в кодировке ${encoding}, а строки до неё — в ${first}: в файле смешаны кодировки`,
        SAVE_ANEW,
      );
    }
  }
}

function encodingOf(line: Buffer): 'UTF-8' | 'windows-1251' | undefined {
  if (line.every((byte) => byte < 0x80)) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(line);
    return CYRILLIC_TWICE.test(text) ? 'UTF-8' : undefined;
  } catch {
    return 'windows-1251';
  }
}
