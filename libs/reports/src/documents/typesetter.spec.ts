import PDFDocument from 'pdfkit';
import { registerFonts, syllablesOf, Typesetter } from './typesetter';
import { NBSP } from './wording';

const style = { face: 'serif', size: 10 } as const;

function typesetter(): { type: Typesetter; document: PDFKit.PDFDocument } {
  const document = new PDFDocument({ autoFirstPage: false });
  registerFonts(document);
  return { type: new Typesetter(document), document };
}

describe('lines', () => {
  const { type, document } = typesetter();
  const width = (text: string): number => type.width(text, style);

  it('given text, then it is broken at spaces and no line is wider than asked for', () => {
    const lines = type.lines('Положение о применении сервисов взаимодействия', 90, style);

    expect(lines.join(' ')).toBe('Положение о применении сервисов взаимодействия');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(width(line)).toBeLessThanOrEqual(90);
  });

  it('given a no-break space, then the line is broken before it', () => {
    const room = width('всего 5');
    expect(type.lines(`всего 5${NBSP}нарушений`, room + 30, style)).toEqual(['всего', `5${NBSP}нарушений`]);
  });

  it('given words joined that are wider than a line, then they are broken apart', () => {
    expect(type.lines(`пункт${NBSP}Положения`, width('Положения') + 2, style)).toEqual([
      'пункт',
      'Положения',
    ]);
  });

  it('given a long compound, then it is broken behind the hyphen', () => {
    const lines = type.lines('Константинопольская-Преображенская', width('Константинопольская-') + 1, style);
    expect(lines).toEqual(['Константинопольская-', 'Преображенская']);
  });

  it('given a long Russian word, then it is broken between syllables with a hyphen', () => {
    expect(type.lines('администратор', width('администра-') + 1, style)).toEqual(['администра-', 'тор']);
  });

  it('given what is no word, then it is broken anywhere and nothing is lost', () => {
    const id = '4f1c9a0be7d24c51'.repeat(6);
    const lines = type.lines(id, 60, style);

    expect(lines.join('')).toBe(id);
    for (const line of lines) expect(width(line)).toBeLessThanOrEqual(60);
  });

  it('given nothing, then there is one empty line', () => {
    expect(type.lines('', 60, style)).toEqual(['']);
  });

  it('given text that is too long for one line, then it ends with an ellipsis within the width', () => {
    const text = type.fitted('Муниципальное бюджетное общеобразовательное учреждение', 100, style);

    expect(text.endsWith('…')).toBe(true);
    expect(width(text)).toBeLessThanOrEqual(100);
  });

  it('given text with kerning, then it is drawn hardly wider than it was measured', () => {
    const text = 'Утверждённая номенклатура: исключить ГОСТ «АТУ» 0e990ff0-d210-5f6e-9236-b8ff5da01111';
    const drawn = document.font(style.face).fontSize(style.size).widthOfString(text);
    expect(drawn).toBeLessThanOrEqual(width(text) * 1.005);
  });
});

describe('syllables', () => {
  it.each([
    ['классный', ['клас', 'сный']],
    ['объект', ['объ', 'ект']],
    ['майка', ['май', 'ка']],
    ['Оля', ['Оля']],
    ['3.1.6a', ['3.1.6a']],
  ])('given %s, then it may be broken as %j', (word, parts) => {
    expect(syllablesOf(word)).toEqual(parts);
  });
});
