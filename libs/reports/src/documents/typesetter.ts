import type PDFDocument from 'pdfkit';
import { NBSP } from './wording';

export type Face = 'serif' | 'serif-italic' | 'serif-bold' | 'sans' | 'sans-bold';

const FONT_FILES: Readonly<Record<Face, string>> = {
  serif: '@expo-google-fonts/pt-serif/400Regular/PTSerif_400Regular.ttf',
  'serif-italic': '@expo-google-fonts/pt-serif/400Regular_Italic/PTSerif_400Regular_Italic.ttf',
  'serif-bold': '@expo-google-fonts/pt-serif/700Bold/PTSerif_700Bold.ttf',
  sans: '@expo-google-fonts/pt-sans/400Regular/PTSans_400Regular.ttf',
  'sans-bold': '@expo-google-fonts/pt-sans/700Bold/PTSans_700Bold.ttf',
};
export const FACES: readonly Face[] = ['serif', 'serif-italic', 'serif-bold', 'sans', 'sans-bold'];

export interface TextStyle {
  readonly face: Face;
  /** In points, as everything on a page. */
  readonly size: number;
  /** From one baseline to the next. */
  readonly leading: number;
  readonly colour: string;
}

/** Makes the fonts of the documents known to a PDF under the names of their faces. */
export function registerFonts(document: PDFKit.PDFDocument): void {
  for (const face of FACES) document.registerFont(face, require.resolve(FONT_FILES[face]));
}

/**
 * Puts those letters of the face that were used into the PDF; nothing is set in it any more. pdfkit does so by itself at the
 * end of the document, but with all faces at once, which holds the thread for long. Does nothing where pdfkit keeps its fonts
 * otherwise than we know.
 */
export function embedFont(document: PDFKit.PDFDocument, face: Face): void {
  const font: unknown = Reflect.get(document.font(face), '_font');
  if (isFont(font)) font.finalize();
}

function isFont(value: unknown): value is { finalize(): void } {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'finalize') === 'function';
}

/**
 * Measures text and breaks it into lines. Nothing is drawn; the same text gives the same lines.
 *
 * Widths are those of the letters one by one. Kerning, which is a matter of drawing, makes text narrower by two thousandths on
 * the whole and hardly ever wider; to reckon with it takes most of the time that a long report takes.
 */
export class Typesetter {
  /** Widths of letters at a size of one thousand points. */
  private readonly widths: Readonly<Record<Face, Map<string, number>>> = {
    serif: new Map(),
    'serif-italic': new Map(),
    'serif-bold': new Map(),
    sans: new Map(),
    'sans-bold': new Map(),
  };

  constructor(private readonly document: InstanceType<typeof PDFDocument>) {}

  /** The text's width in points. */
  width(text: string, { face, size }: Pick<TextStyle, 'face' | 'size'>): number {
    let width = 0;
    for (const letter of text) width += this.widths[face].get(letter) ?? this.widthOfLetter(letter, face);
    return (width * size) / 1000;
  }

  /**
   * The text in lines no wider than `width`. Lines are broken at spaces; what is wider than a line itself is broken at
   * no-break spaces, then behind hyphens and strokes, then between Russian syllables, then anywhere. There is one line at
   * least.
   */
  lines(text: string, width: number, style: Pick<TextStyle, 'face' | 'size'>): readonly string[] {
    const space = this.width(' ', style);
    const lines: string[] = [];
    let line = '';
    let used = 0;
    for (const word of text.split(' ').filter((part) => part !== '')) {
      const needed = this.width(word, style);
      if (line !== '' && used + space + needed <= width) {
        line += ` ${word}`;
        used += space + needed;
        continue;
      }
      if (line !== '') lines.push(line);
      const pieces = needed <= width ? [word] : this.pieces(word, width, style);
      lines.push(...pieces.slice(0, -1));
      line = pieces.at(-1) ?? '';
      used = this.width(line, style);
    }
    if (line !== '' || lines.length === 0) lines.push(line);
    return lines;
  }

  /** The text on one line, its end cut off where it is too long. */
  fitted(text: string, width: number, style: Pick<TextStyle, 'face' | 'size'>): string {
    if (this.width(text, style) <= width) return text;
    const [line = ''] = this.lines(text, width - this.width('…', style), style);
    return `${line}…`;
  }

  /** A word that is wider than a line. */
  private pieces(word: string, width: number, style: Pick<TextStyle, 'face' | 'size'>): readonly string[] {
    const { parts, mark } = partsOf(word);
    const lines: string[] = [];
    let line = '';
    parts.forEach((part, index) => {
      const end = index === parts.length - 1 ? '' : mark;
      if (line !== '' && this.width(line + part + end, style) > width) {
        lines.push(line + mark);
        line = '';
      }
      line += line === '' && part.startsWith(NBSP) ? part.slice(1) : part;
      if (parts.length > 1 && [...part].length > 1 && this.width(line + end, style) > width) {
        const broken = this.pieces(line, width, style);
        lines.push(...broken.slice(0, -1));
        line = broken.at(-1) ?? '';
      }
    });
    return [...lines, line];
  }

  private widthOfLetter(letter: string, face: Face): number {
    const width = this.document.font(face).fontSize(1000).widthOfString(letter);
    this.widths[face].set(letter, width);
    return width;
  }
}

/** Where a word may be broken, and what is set at the break. */
function partsOf(word: string): { readonly parts: readonly string[]; readonly mark: string } {
  const joined = word.split(NBSP);
  if (joined.length > 1) {
    return { parts: joined.map((part, index) => (index === 0 ? part : `${NBSP}${part}`)), mark: '' };
  }
  const compound = word.match(/[^-/]*[-/]+|[^-/]+/g) ?? [];
  if (compound.length > 1) return { parts: compound, mark: '' };
  const syllables = syllablesOf(word);
  return syllables.length > 1 ? { parts: syllables, mark: '-' } : { parts: [...word], mark: '' };
}

/**
 * A word in parts that a hyphen may stand between: no single letter is left alone, nor is one of й, ь and ъ parted from what
 * stands before it. Words with anything but Russian letters are left whole.
 */
export function syllablesOf(word: string): readonly string[] {
  const core = word.replace(/[.,;:!?»)]+$/, '');
  if (!/^[«(]?[а-яё]{5,}$/i.test(core)) return [word];
  const vowel = '[аеёиоуыэюя]';
  const consonant = '[бвгджзклмнпрстфхцчшщ]';
  const breaks = [
    `([йьъ])(?=[а-яё]{2})`,
    `(${vowel})(?=${vowel}[а-яё])`,
    `(${vowel}${consonant})(?=${consonant}${vowel})`,
    `(${consonant}${vowel})(?=${consonant}${vowel})`,
    `(${vowel}${consonant})(?=${consonant}{2}${vowel})`,
    `(${vowel}${consonant}{2})(?=${consonant}{2}${vowel})`,
  ];
  return breaks
    .reduce((text, pattern) => text.replace(new RegExp(pattern, 'gi'), '$1\n'), word)
    .replace(/^(.)\n/, '$1')
    .split('\n');
}
