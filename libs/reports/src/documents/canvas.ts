import { type TextStyle } from './typesetter';

/** In points from the left and upper edges of the page. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PageSize {
  readonly width: number;
  readonly height: number;
}

/** What a part of the document is to a program that reads it aloud (ISO 32000-1, 14.8.4). */
export type Tag =
  'Sect' | 'H1' | 'H2' | 'P' | 'Table' | 'TR' | 'TH' | 'TD' | 'Figure' | 'Caption' | 'TOC' | 'TOCI';

/**
 * Where a document is drawn. Everything is drawn in the reader's order; what is drawn between `open` and `close` belongs to
 * that part, and shapes outside of a Figure are ornament.
 */
export interface Canvas {
  addPage(size: PageSize): void;
  open(tag: Tag, alternative?: string): void;
  close(): void;
  /** Text on one line; `y` is its baseline. */
  text(text: string, at: Point, style: TextStyle): void;
  rectangles(boxes: readonly Box[], colour: string): void;
  /** A line through the points; closed, it is filled instead. */
  path(points: readonly Point[], colour: string, stroke: { readonly width: number } | 'filled'): void;
  /** What is drawn is no part of the text: page numbers, repeated headings. */
  ornament(draw: () => void): void;
  /** A place that links and contents can name. */
  anchor(name: string, y: number): void;
  bookmark(title: string, level: 1 | 2, y: number): void;
  link(name: string, box: Box): void;
}

/** A canvas that draws nothing and finds out what stands on which page. */
export class Draft implements Canvas {
  /** Pages, counted from one, by the names of anchors. */
  readonly anchors = new Map<string, number>();
  pages = 0;

  addPage(): void {
    this.pages += 1;
  }

  anchor(name: string): void {
    this.anchors.set(name, this.pages);
  }

  ornament(draw: () => void): void {
    draw();
  }

  open(_tag: Tag): void {}
  close(): void {}
  text(_text: string, _at: Point, _style: TextStyle): void {}
  rectangles(): void {}
  path(): void {}
  bookmark(_title: string): void {}
  link(): void {}
}

/** Draws into a PDF. Pages are handed on as they are filled: there is no way back to one. */
export class PdfCanvas implements Canvas {
  private readonly root: PDFKit.PDFStructureElement;
  private readonly parts: { readonly tag: Tag; readonly element: PDFKit.PDFStructureElement }[] = [];
  /** Marked content that is open on the page: of the innermost part, or an ornament. */
  private marked: 'ornament' | PDFKit.PDFStructureContent | undefined;
  private isOrnament = false;
  private chapter: PDFKit.PDFOutline | undefined;

  constructor(private readonly document: PDFKit.PDFDocument) {
    this.root = document.struct('Document');
    document.addStructure(this.root);
  }

  addPage({ width, height }: PageSize): void {
    this.unmark();
    this.document.addPage({ size: [width, height], margin: 0 });
  }

  open(tag: Tag, alternative?: string): void {
    this.unmark();
    const element = this.document.struct(tag, { ...(alternative !== undefined && { alt: alternative }) });
    (this.parts.at(-1)?.element ?? this.root).add(element);
    this.parts.push({ tag, element });
  }

  close(): void {
    this.unmark();
    this.parts.pop()?.element.end();
  }

  text(text: string, { x, y }: Point, { face, size, colour }: TextStyle): void {
    if (text === '') return;
    this.mark();
    this.document
      .font(face)
      .fontSize(size)
      .fillColor(colour)
      .text(text, x, y, { lineBreak: false, baseline: 'alphabetic' });
  }

  rectangles(boxes: readonly Box[], colour: string): void {
    this.shape(() => {
      for (const { x, y, width, height } of boxes) this.document.rect(x, y, width, height);
      if (boxes.length > 0) this.document.fill(colour);
    });
  }

  path(
    [first, ...others]: readonly Point[],
    colour: string,
    stroke: { readonly width: number } | 'filled',
  ): void {
    if (first === undefined) return;
    this.shape(() => {
      this.document.moveTo(first.x, first.y);
      for (const { x, y } of others) this.document.lineTo(x, y);
      if (stroke === 'filled') this.document.closePath().fill(colour);
      else this.document.lineWidth(stroke.width).stroke(colour);
    });
  }

  ornament(draw: () => void): void {
    const before = this.isOrnament;
    this.isOrnament = true;
    draw();
    this.isOrnament = before;
  }

  anchor(name: string, y: number): void {
    this.document.addNamedDestination(name, 'XYZ', 0, y, null);
  }

  bookmark(title: string, level: 1 | 2, y: number): void {
    // `left` is counted from the right edge there.
    const place = { expanded: level === 1, top: y, left: this.document.page.width };
    if (level === 1 || this.chapter === undefined) this.chapter = this.document.outline.addItem(title, place);
    else this.chapter.addItem(title, place);
  }

  link(name: string, { x, y, width, height }: Box): void {
    this.document.goTo(x, y, width, height, name);
  }

  /** Ends the document: nothing can be drawn any more. */
  end(): void {
    this.unmark();
    this.root.end();
    this.document.end();
  }

  private shape(draw: () => void): void {
    if (this.parts.at(-1)?.tag === 'Figure') this.mark();
    else this.markOrnament();
    draw();
  }

  private mark(): void {
    const part = this.parts.at(-1);
    if (this.isOrnament || part === undefined) return this.markOrnament();
    if (this.marked !== undefined && this.marked !== 'ornament') return;
    this.unmark();
    this.marked = this.document.markStructureContent(part.tag);
  }

  private markOrnament(): void {
    if (this.marked === 'ornament') return;
    this.unmark();
    this.document.markContent('Artifact', { type: 'Layout' });
    this.marked = 'ornament';
  }

  private unmark(): void {
    if (this.marked === undefined) return;
    this.document.endMarkedContent();
    if (this.marked !== 'ornament') this.parts.at(-1)?.element.add(this.marked);
    this.marked = undefined;
  }
}
