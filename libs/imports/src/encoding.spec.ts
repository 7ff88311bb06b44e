import { decodeText } from './encoding';

/** Windows-1251 of Russian letters and ASCII. */
const legacy = (text: string): Buffer =>
  Buffer.from(
    [...text].map((letter) => {
      const code = letter.charCodeAt(0);
      if (letter === 'ё') return 0xb8;
      if (letter === '»') return 0xbb;
      return code < 0x80 ? code : code - 0x0410 + 0xc0;
    }),
  );

describe('the encoding of a text file', () => {
  it('is UTF-8', () => {
    expect(decodeText(Buffer.from('ФИО;Класс\n'))).toBe('ФИО;Класс\n');
  });

  it('is UTF-8 behind a byte order mark, which is no part of the text', () => {
    expect(decodeText(Buffer.from('\uFEFFФИО\n'))).toBe('ФИО\n');
  });

  it('is windows-1251 where it is not UTF-8', () => {
    expect(decodeText(legacy('ФИО;Класс\nСёмина;5А\n'))).toBe('ФИО;Класс\nСёмина;5А\n');
  });

  it('is windows-1251 even where one of its lines is UTF-8 by chance', () => {
    expect(decodeText(legacy('ФИО;Класс\n5В»\n'))).toBe('ФИО;Класс\n5В»\n');
  });

  it('names the line that is in windows-1251 in a file of UTF-8', () => {
    const mixed = Buffer.concat([Buffer.from('ФИО\nБелов Артём\n'), legacy('Зимина Дарья\n')]);
    expect(() => decodeText(mixed)).toThrow(/Строка 3 записана в кодировке windows-1251, .* в UTF-8/);
  });

  it('names the line that is in UTF-8 in a file of windows-1251', () => {
    const mixed = Buffer.concat([legacy('ФИО\nБелов\n'), Buffer.from('Зимина Дарья\n')]);
    expect(() => decodeText(mixed)).toThrow(/Строка 3 записана в кодировке UTF-8/);
  });

  it('is refused where it is UTF-16', () => {
    expect(() => decodeText(Buffer.from('\uFEFFФИО', 'utf16le'))).toThrow(/не текст в кодировке UTF-8/);
  });
});
