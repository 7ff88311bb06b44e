import { create } from 'qrcode';
import { type Box, type Canvas } from './canvas';
import { baselineIn, type Flow } from './flow';
import { type DocumentOptions } from './options';
import { COLOURS, STYLES } from './styles';
import { type TextStyle } from './typesetter';

/** Light modules round a QR code (ISO/IEC 18004, 9.1). */
const QUIET = 4;
const QR_SIZE = 96;
const PADDING = 8;

/** The digest in groups of eight, four to a line: so people compare it. */
export function digestLines(digest: string): readonly string[] {
  const groups = digest.match(/.{1,8}/g) ?? [];
  return [groups.slice(0, 4).join(' '), groups.slice(4).join(' ')];
}

/** The beginning of the digest: `3f2a91c0 5be77d14 …`. */
export function shortDigest(digest: string): string {
  return `${digest.slice(0, 8)} ${digest.slice(8, 16)} …`;
}

/** The report's number, its digest and where that is checked, in words and as a QR code. */
export function seal(
  flow: Flow,
  { digest, checkUrl, reportId }: Pick<DocumentOptions, 'digest' | 'checkUrl' | 'reportId'>,
): void {
  const width = flow.width - QR_SIZE - 3 * PADDING;
  const paragraphs: readonly { readonly text: string; readonly style: TextStyle }[] = [
    { text: 'Проверка подлинности', style: STYLES.cellLabel },
    { text: `Номер документа: ${reportId}`, style: STYLES.digest },
    { text: 'Отпечаток содержания (SHA-256):', style: STYLES.digest },
    ...digestLines(digest).map((text) => ({ text, style: STYLES.digest })),
    { text: `Отпечаток проверяется по QR-коду или по адресу ${checkUrl}`, style: STYLES.label },
  ];
  const lines = paragraphs.flatMap(({ text, style }) =>
    flow.type.lines(text, width, style).map((line) => ({ line, style })),
  );
  const textHeight = lines.reduce((sum, { style }) => sum + style.leading, 0);
  const height = Math.max(QR_SIZE, textHeight) + 2 * PADDING;
  flow.skip(8);
  flow.place(height);
  flow.block(height, (canvas, box) => {
    canvas.rectangles([box], COLOURS.panel);
    let y = box.y + (height - textHeight) / 2;
    canvas.open('P');
    for (const { line, style } of lines) {
      canvas.text(line, { x: box.x + QR_SIZE + 2 * PADDING, y: y + baselineIn(style) }, style);
      y += style.leading;
    }
    canvas.close();
    canvas.open('Figure', `QR-код с адресом ${checkUrl}`);
    qrCode(canvas, checkUrl, {
      x: box.x + PADDING,
      y: box.y + (height - QR_SIZE) / 2,
      width: QR_SIZE,
      height: QR_SIZE,
    });
    canvas.close();
  });
  flow.y += 8;
}

function qrCode(canvas: Canvas, text: string, { x, y, width }: Box): void {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const side = width / (modules.size + 2 * QUIET);
  const dark: Box[] = [];
  for (let row = 0; row < modules.size; row += 1) {
    let from = 0;
    for (let column = 0; column <= modules.size; column += 1) {
      if (column < modules.size && modules.get(row, column) !== 0) continue;
      if (column > from) {
        dark.push({
          x: x + (QUIET + from) * side,
          y: y + (QUIET + row) * side,
          width: (column - from) * side,
          height: side,
        });
      }
      from = column + 1;
    }
  }
  canvas.rectangles([{ x, y, width, height: width }], '#ffffff');
  canvas.rectangles(dark, '#000000');
}
