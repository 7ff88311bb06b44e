import { type Box, type Canvas, type PageSize } from './canvas';
import { type TextStyle, type Typesetter } from './typesetter';
import { STYLES, COLOURS } from './styles';
import { drawSign, type Sign, SIGN_SIZE } from './signs';
import { type Turns } from './turns';
import { typographed } from './wording';

/** Millimetres in points. */
export const mm = (millimetres: number): number => (millimetres * 72) / 25.4;

export const A4: PageSize = { width: mm(210), height: mm(297) };
export const A4_LANDSCAPE: PageSize = { width: mm(297), height: mm(210) };

/** Room for a binder on the left, as papers that are filed have it (ГОСТ Р 7.0.97-2016, 3.2). */
const MARGINS = { left: mm(25), right: mm(15), top: mm(21), bottom: mm(20) };

/** What every page bears outside of the text. */
export interface Furniture {
  /** At the top from the second page on. */
  readonly headLeft: string;
  readonly headRight: string;
  /** Set before the head where the document must not be relied on. */
  readonly warning?: string;
  readonly foot: string;
}

/** What the draft has found out. */
export interface Draught {
  readonly anchors: ReadonlyMap<string, number>;
  readonly pages: number;
}

export interface Heading {
  /** `3.1`; '' for a heading without a number. */
  readonly number: string;
  readonly title: string;
  readonly level: 1 | 2;
  readonly anchor: string;
}

/** A paragraph in a cell. */
export interface CellText {
  readonly text: string;
  readonly style?: TextStyle;
  /** Drawn before the first line. */
  readonly sign?: Sign;
  /** Space before it, where it is not the first. */
  readonly gap?: number;
}

export type Cell = readonly CellText[];

export interface TableColumn {
  readonly headingRu: string;
  /** Parts of the table's width. */
  readonly share: number;
  readonly align?: 'left' | 'right' | 'center';
}

interface Line {
  readonly text: string;
  readonly style: TextStyle;
  readonly sign?: Sign;
  readonly indent: number;
  readonly before: number;
}

/** A table's columns in points. */
interface Grid {
  readonly columns: readonly (TableColumn & { readonly width: number })[];
  readonly isHeaded: boolean;
  readonly dense: boolean;
  /** Above and below the text of a cell. */
  readonly padding: number;
}

const CELL_PADDING = { x: 4, y: 3.5 };
const DENSE_PADDING = 1.8;
const SIGN_GAP = 4;

/**
 * Sets text, tables and figures one below the other, page after page. A heading is never left alone at the foot of a page,
 * a row that fits a page is not torn, and no paragraph leaves a single line behind or takes one along.
 */
export class Flow {
  /** Where the next thing goes. */
  y = 0;
  private page = 0;
  private pending: { readonly height: number; readonly draw: () => void }[] = [];

  constructor(
    private readonly canvas: Canvas,
    readonly type: Typesetter,
    private readonly furniture: Furniture,
    private readonly draught: Draught,
    private readonly size: PageSize,
    private readonly turns: Turns,
  ) {
    this.newPage();
  }

  get left(): number {
    return MARGINS.left;
  }

  get width(): number {
    return this.size.width - MARGINS.left - MARGINS.right;
  }

  private get bottom(): number {
    return this.size.height - MARGINS.bottom;
  }

  /** The page of an anchor; unknown while the draft is made. */
  pageOf(anchor: string): number | undefined {
    return this.draught.anchors.get(anchor);
  }

  newPage(): void {
    this.canvas.addPage(this.size);
    this.page += 1;
    this.y = MARGINS.top;
    this.canvas.ornament(() => this.furnish());
  }

  /** Free space before what comes next; none at the head of a page. */
  skip(height: number): void {
    if (this.y > MARGINS.top && this.pending.length === 0) this.y += height;
  }

  /**
   * Makes sure that `height` fits here, on a new page if need be, and sets the headings that were waiting for it.
   */
  place(height: number): void {
    const waiting = this.pending;
    this.pending = [];
    const needed = waiting.reduce((sum, heading) => sum + heading.height, height);
    if (this.y + needed > this.bottom && this.y > MARGINS.top) this.newPage();
    for (const heading of waiting) heading.draw();
  }

  /** Set together with the beginning of what follows. */
  heading({ number, title, level, anchor }: Heading): void {
    const style = level === 1 ? STYLES.h1 : STYLES.h2;
    const text = number === '' ? title : `${number}. ${title}`;
    const lines = this.type.lines(text, this.width, style);
    const [before, after] = level === 1 ? [16, 6] : [10, 4];
    this.pending.push({
      height: before + lines.length * style.leading + after,
      draw: () => {
        if (this.y > MARGINS.top) this.y += before;
        this.canvas.anchor(anchor, this.y - 4);
        this.canvas.bookmark(text, level, this.y - 4);
        this.canvas.open(level === 1 ? 'H1' : 'H2');
        for (const line of lines) this.line(line, style);
        this.canvas.close();
        this.y += after;
      },
    });
  }

  /** @param keep on the page of what follows; for a few lines */
  paragraph(
    text: string,
    style: TextStyle = STYLES.text,
    {
      align = 'left',
      after = 6,
      keep = false,
    }: { readonly align?: 'left' | 'center'; readonly after?: number; readonly keep?: boolean } = {},
  ): void {
    const lines = this.type.lines(text, this.width, style);
    if (keep) {
      this.pending.push({
        height: lines.length * style.leading + after,
        draw: () => {
          this.canvas.open('P');
          for (const line of lines) this.line(line, style, align);
          this.canvas.close();
          this.y += after;
        },
      });
      return;
    }
    this.place(Math.min(lines.length, lines.length === 3 ? 3 : 2) * style.leading);
    this.canvas.open('P');
    lines.forEach((line, index) => {
      const rest = lines.length - index;
      const room = Math.floor((this.bottom - this.y + 0.01) / style.leading);
      // The last line but one goes over with the last.
      if (room < 1 || (room === 1 && rest === 2 && index > 0)) this.newPage();
      this.line(line, style, align);
    });
    this.canvas.close();
    this.y += after;
  }

  /** Draws in a box of this height, which is not torn. */
  figure(height: number, alternative: string, draw: (canvas: Canvas, box: Box) => void): void {
    this.place(height);
    this.canvas.open('Figure', alternative);
    draw(this.canvas, { x: this.left, y: this.y, width: this.width, height });
    this.canvas.close();
    this.y += height;
  }

  /** A box of text and shapes that is not torn, and is read as text. */
  block(height: number, draw: (canvas: Canvas, box: Box) => void): void {
    this.place(height);
    this.canvas.open('Sect');
    draw(this.canvas, { x: this.left, y: this.y, width: this.width, height });
    this.canvas.close();
    this.y += height;
  }

  /** Contents: the headings with their pages. */
  contents(headings: readonly Heading[]): void {
    this.place(STYLES.toc.leading * 3);
    this.canvas.open('TOC');
    const numberWidth = this.type.width('0000', STYLES.toc);
    for (const { number, title, level, anchor } of headings) {
      const style = level === 1 ? STYLES.tocChapter : STYLES.toc;
      const indent = level === 1 ? 0 : 14;
      const text = number === '' ? title : `${number}. ${title}`;
      const lines = this.type.lines(text, this.width - indent - numberWidth - 12, style);
      const height = lines.length * style.leading;
      if (level === 1) this.skip(3);
      if (this.y + height > this.bottom) this.newPage();
      const top = this.y;
      this.canvas.open('TOCI');
      for (const line of lines) this.line(line, style, 'left', indent);
      const baseline = this.y - style.leading + baselineIn(style);
      const page = String(this.pageOf(anchor) ?? '');
      const end = this.left + this.width;
      const from = this.left + indent + this.type.width(lines.at(-1) ?? '', style) + 5;
      const to = end - this.type.width(page, style) - 5;
      this.canvas.text(page, { x: to + 5, y: baseline }, style);
      this.canvas.close();
      this.canvas.rectangles(dots(from, to, baseline), COLOURS.muted);
      this.canvas.link(anchor, { x: this.left, y: top, width: this.width, height });
    }
    this.canvas.close();
    this.y += 8;
  }

  /**
   * A table; its heading is repeated on each page. Rows are taken as they are set.
   *
   * @param dense for tables that are looked up rather than read, and may have thousands of rows: these are tight, and told line
   *   by line, since each cell that is told apart is an object of the PDF
   */
  async table(
    columns: readonly TableColumn[],
    rows: Iterable<readonly Cell[]>,
    { dense = false }: { readonly dense?: boolean } = {},
  ): Promise<void> {
    const grid = gridOf(columns, this.width, dense);
    const head = grid.columns.map(({ headingRu, width }) =>
      this.linesOf([{ text: headingRu, style: STYLES.tableHead }], width),
    );
    const headHeight = grid.isHeaded ? heightOf(head, grid) : 0;
    const drawHead = (): void => {
      if (!grid.isHeaded) return;
      const ground = { x: this.left, y: this.y, width: this.width, height: headHeight };
      this.canvas.rectangles([ground], COLOURS.head);
      this.row('TH', head, grid);
      this.rule(COLOURS.ink, 0.5);
    };
    const goOn = (): void => {
      this.newPage();
      this.canvas.ornament(drawHead);
    };
    const roomOnPage = this.bottom - MARGINS.top - headHeight;
    let count = 0;
    for (const cells of rows) {
      await this.turns.offer();
      const lines = grid.columns.map(({ width }, index) => this.linesOf(cells[index] ?? [], width));
      const height = heightOf(lines, grid);
      if (count === 0) {
        this.place(headHeight + Math.min(height, roomOnPage));
        this.canvas.open(dense ? 'Sect' : 'Table');
        this.rule(COLOURS.ink, 0.8);
        drawHead();
      } else if (this.y + height > this.bottom && height <= roomOnPage) {
        goOn();
      }
      this.rowOverPages(lines, grid, goOn);
      this.rule(COLOURS.rule, 0.4);
      count += 1;
    }
    if (count > 0) this.canvas.close();
    this.y += 8;
  }

  /** Labels in a narrow column, texts beside them. */
  async keyed(rows: readonly (readonly [label: string, text: string])[]): Promise<void> {
    await this.table(
      [
        { headingRu: '', share: 18 },
        { headingRu: '', share: 82 },
      ],
      rows.map(([label, text]) => [
        [{ text: label, style: STYLES.cellLabel }],
        [{ text: typographed(text) }],
      ]),
    );
  }

  /** A row; where it is higher than a page it goes on on the next. */
  private rowOverPages(cells: readonly (readonly Line[])[], grid: Grid, goOn: () => void): void {
    let left = cells;
    while (this.y + heightOf(left, grid) > this.bottom) {
      const room = this.bottom - this.y - 2 * grid.padding;
      const parts = left.map((lines) => torn(lines, room));
      const fitting = parts.map(([fits]) => fits);
      if (fitting.some((lines) => lines.length > 0)) {
        this.row('TD', fitting, grid);
        left = parts.map(([, rest]) => rest);
      }
      goOn();
    }
    this.row('TD', left, grid);
  }

  private row(tag: 'TH' | 'TD', cells: readonly (readonly Line[])[], grid: Grid): void {
    const top = this.y;
    const height = heightOf(cells, grid);
    let x = this.left;
    this.canvas.open(grid.dense ? 'P' : 'TR');
    cells.forEach((lines, index) => {
      const { width = 0, align = 'left' } = grid.columns[index] ?? {};
      if (!grid.dense) this.canvas.open(tag);
      let y = top + grid.padding;
      lines.forEach(({ text, style, sign, indent, before }, nth) => {
        if (nth > 0) y += before;
        const inner = { x: x + CELL_PADDING.x, width: width - 2 * CELL_PADDING.x };
        const free = inner.width - this.type.width(text, style);
        const shift = align === 'right' ? free : align === 'center' ? free / 2 : indent;
        if (sign !== undefined) {
          drawSign(this.canvas, sign, { x: inner.x, y: y + (style.leading - SIGN_SIZE) / 2 });
        }
        this.canvas.text(text, { x: inner.x + shift, y: y + baselineIn(style) }, style);
        y += style.leading;
      });
      if (!grid.dense) this.canvas.close();
      x += width;
    });
    this.canvas.close();
    this.y = top + height;
  }

  private rule(colour: string, width: number): void {
    const [from, to] = [
      { x: this.left, y: this.y },
      { x: this.left + this.width, y: this.y },
    ];
    this.canvas.path([from, to], colour, { width });
  }

  private linesOf(cell: Cell, width: number): readonly Line[] {
    return cell.flatMap(({ text, style = STYLES.cell, sign, gap = 0 }) => {
      const indent = sign === undefined ? 0 : SIGN_SIZE + SIGN_GAP;
      return this.type.lines(text, width - 2 * CELL_PADDING.x - indent, style).map((line, nth) => ({
        text: line,
        style,
        indent,
        before: nth === 0 ? gap : 0,
        ...(nth === 0 && sign !== undefined && { sign }),
      }));
    });
  }

  private line(text: string, style: TextStyle, align: 'left' | 'center' = 'left', indent = 0): void {
    const shift = align === 'center' ? (this.width - this.type.width(text, style)) / 2 : indent;
    this.canvas.text(text, { x: this.left + shift, y: this.y + baselineIn(style) }, style);
    this.y += style.leading;
  }

  private furnish(): void {
    const { headLeft, headRight, warning, foot } = this.furniture;
    const style = STYLES.furniture;
    const end = this.left + this.width;
    const put = (text: string, y: number, align: 'left' | 'right', as: TextStyle = style): void =>
      this.canvas.text(text, { x: align === 'left' ? this.left : end - this.type.width(text, as), y }, as);
    const headY = MARGINS.top - 16;
    if (warning !== undefined) put(warning, headY - 13, 'left', STYLES.warning);
    if (this.page > 1) {
      const room = this.width - this.type.width(headRight, style) - 16;
      put(this.type.fitted(headLeft, room, style), headY, 'left');
      put(headRight, headY, 'right');
      this.canvas.path(
        [
          { x: this.left, y: headY + 5 },
          { x: end, y: headY + 5 },
        ],
        COLOURS.rule,
        { width: 0.4 },
      );
    }
    const footY = this.size.height - MARGINS.bottom + 24;
    put(foot, footY, 'left');
    put(`Страница ${this.page} из ${this.draught.pages}`, footY, 'right');
  }
}

/** Where the baseline of a line lies below its upper edge. */
export function baselineIn({ size, leading }: Pick<TextStyle, 'size' | 'leading'>): number {
  // Capitals are 0.7 of the size high; they stand in the middle of the line.
  return (leading + 0.7 * size) / 2;
}

function gridOf(columns: readonly TableColumn[], width: number, dense: boolean): Grid {
  const shares = columns.reduce((sum, { share }) => sum + share, 0);
  return {
    columns: columns.map((column) => ({ ...column, width: (column.share / shares) * width })),
    isHeaded: columns.some(({ headingRu }) => headingRu !== ''),
    dense,
    padding: dense ? DENSE_PADDING : CELL_PADDING.y,
  };
}

function heightOf(cells: readonly (readonly Line[])[], { padding }: Grid): number {
  return Math.max(0, ...cells.map(heightOfLines)) + 2 * padding;
}

function heightOfLines(lines: readonly Line[]): number {
  return lines.reduce((sum, { style, before }, nth) => sum + style.leading + (nth === 0 ? 0 : before), 0);
}

/** The lines that fit into the room, and the rest. */
function torn(lines: readonly Line[], room: number): readonly [fits: readonly Line[], rest: readonly Line[]] {
  let height = 0;
  let count = 0;
  for (const { style, before } of lines) {
    height += style.leading + (count === 0 ? 0 : before);
    if (height > room) break;
    count += 1;
  }
  return [lines.slice(0, count), lines.slice(count)];
}

/** Dots that lead the eye to the page number, in one grid for all lines. */
function dots(from: number, to: number, baseline: number): readonly Box[] {
  const step = 4;
  const boxes: Box[] = [];
  for (let x = Math.ceil(from / step) * step; x < to; x += step) {
    boxes.push({ x, y: baseline - 0.8, width: 0.8, height: 0.8 });
  }
  return boxes;
}
