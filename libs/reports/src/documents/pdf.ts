import { pipeline, type Readable } from 'node:stream';
import PDFDocument from 'pdfkit';
import { type ReportContent } from '../content';
import { Batches } from './batches';
import { type Canvas, Draft, PdfCanvas } from './canvas';
import { setControlReport } from './control-pdf';
import { A4, A4_LANDSCAPE, type Draught, Flow, type Furniture } from './flow';
import { setFounderReport } from './founder-pdf';
import { type DocumentOptions } from './options';
import { shortDigest } from './seal';
import { Turns } from './turns';
import { embedFont, FACES, registerFonts, Typesetter } from './typesetter';
import { clockOf, NBSP, typographed } from './wording';

/**
 * The report as a PDF for A4: fonts embedded, tagged, in Russian, with contents and bookmarks. Pages leave as they are
 * filled. The same content and options give the same bytes (with one version of zlib).
 *
 * @throws LetopisError `invalid` where the organisation's time zone is unknown
 */
export function pdfOf(content: ReportContent, options: DocumentOptions): Readable {
  const clock = clockOf(content);
  const document = new PDFDocument({
    autoFirstPage: false,
    pdfVersion: '1.7',
    lang: 'ru-RU',
    tagged: true,
    displayTitle: true,
    info: {
      // Without the organisation's name: pdfkit writes this into XML as it is.
      Title: `${content.formRu} за ${clock.period(content.period)}`.replace(/[<>&]/g, ' '),
      Keywords: options.digest.replace(/[^0-9a-f]/gi, ''),
      Creator: 'Letopis',
      Producer: 'Letopis',
      CreationDate: new Date(options.requestedAt),
    },
  });
  registerFonts(document);
  const given = new AbortController();
  document.once('close', () => given.abort(new Error('Nobody reads the document')));
  set(document, new Turns(given.signal)).catch((error: unknown) => {
    document.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  // Whatever ends one of the two ends the other; whoever reads hears of it.
  return pipeline(document, new Batches(), () => undefined);

  async function set(target: PDFKit.PDFDocument, turns: Turns): Promise<void> {
    const type = new Typesetter(target);
    const draft = new Draft();
    await setReport(draft, type, content, options, { anchors: new Map(), pages: 0 }, turns);
    const canvas = new PdfCanvas(target);
    await setReport(canvas, type, content, options, draft, turns);
    for (const face of FACES) {
      embedFont(target, face);
      await turns.offer();
    }
    canvas.end();
  }
}

/** Sets the report on the canvas, once. A draft finds out what the contents and the page numbers of the next time say. */
export async function setReport(
  canvas: Canvas,
  type: Typesetter,
  content: ReportContent,
  options: DocumentOptions,
  draught: Draught,
  turns: Turns,
): Promise<void> {
  const furniture = furnitureOf(content, options);
  switch (content.kind) {
    case 'control':
      return setControlReport(new Flow(canvas, type, furniture, draught, A4, turns), content, options);
    case 'founder':
      return setFounderReport(
        new Flow(canvas, type, furniture, draught, A4_LANDSCAPE, turns),
        content,
        options,
      );
  }
}

function furnitureOf(content: ReportContent, { digest, withdrawn }: DocumentOptions): Furniture {
  const clock = clockOf(content);
  return {
    headLeft:
      content.kind === 'control' ? typographed(content.organization.name) : 'Сводный отчёт для учредителя',
    headRight: `${content.formRu}, ${clock.period(content.period)}`,
    foot: `SHA-256:${NBSP}${shortDigest(digest)}`,
    ...(withdrawn !== undefined && { warning: `ОТОЗВАНО ${clock.day(withdrawn.at)}` }),
  };
}
