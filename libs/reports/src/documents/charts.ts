import { type ControlStatus } from '@letopis/compliance';
import { type Box, type Canvas } from './canvas';
import { baselineIn } from './flow';
import { drawSign, type Sign, SIGN_SIZE, signOfStatus } from './signs';
import { COLOURS, STATUS_COLOURS, STYLES } from './styles';
import { type TextStyle, type Typesetter } from './typesetter';
import { numberRu, STATUSES_IN_ORDER, STATUSES_RU } from './wording';

/** A picture of a known height, with the words for those who cannot see it. */
export interface Chart {
  readonly height: number;
  readonly alternative: string;
  draw(canvas: Canvas, box: Box): void;
}

const STRIP_HEIGHT = 14;
/** What signs mean: a sign, a space, a word, a gap to the next; rows of one height. */
const KEY = { space: 4, gap: 13, row: 14 };
const TILE = { height: 19, gap: 4, perRow: 9 };

/** A strip of shares by status, a legend with counts, and a tile with a sign for each clause. */
export function statusByClause(
  clauses: readonly { readonly clause: string; readonly status: ControlStatus }[],
  width: number,
  type: Typesetter,
): Chart {
  const counts = countsOf(clauses.map(({ status }) => status));
  const rows = Math.ceil(clauses.length / TILE.perRow);
  const entries = entriesOf(counts);
  const head = STRIP_HEIGHT + 6 + rowsOfKey(entries, width, type).length * KEY.row + 4;
  return {
    height: head + rows * (TILE.height + TILE.gap),
    alternative: `Состояние по пунктам Положения: ${toldCounts(counts)}.`,
    draw: (canvas, { x, y }) => {
      strip(canvas, counts, { x, y, width, height: STRIP_HEIGHT });
      drawKey(canvas, entries, { x, y: y + STRIP_HEIGHT + 6, width }, type);
      const tileWidth = (width - (TILE.perRow - 1) * TILE.gap) / TILE.perRow;
      clauses.forEach(({ clause, status }, index) => {
        const box = {
          x: x + (index % TILE.perRow) * (tileWidth + TILE.gap),
          y: y + head + Math.floor(index / TILE.perRow) * (TILE.height + TILE.gap),
          width: tileWidth,
          height: TILE.height,
        };
        frame(canvas, box);
        drawSign(canvas, signOfStatus(status), { x: box.x + 5, y: box.y + (TILE.height - SIGN_SIZE) / 2 });
        const style = STYLES.chart;
        const text = type.fitted(clause, tileWidth - SIGN_SIZE - 12, style);
        canvas.text(text, { x: box.x + SIGN_SIZE + 9, y: middleOf(box, style) }, style);
      });
    },
  };
}

const TREND = { height: 168, axis: 24, labels: 16, legend: 18 };

/** How many findings were violated and open at the end of each week. */
export function trendByWeek(
  weeks: readonly { readonly label: string; readonly violated: number; readonly open: number }[],
  type: Typesetter,
): Chart {
  const highest = Math.max(0, ...weeks.map(({ violated, open }) => violated + open));
  const step = stepFor(highest);
  const top = Math.max(step, Math.ceil(highest / step) * step);
  const last = weeks.at(-1);
  return {
    height: TREND.height,
    alternative:
      last === undefined
        ? 'Недель в периоде нет.'
        : `Незакрытые нарушения и обязанности по неделям: на ${last.label} не устранено ${last.violated}, идёт срок ${last.open}; наибольшее число за период — ${highest}.`,
    draw: (canvas, { x, y, width }) => {
      const series = [
        { text: 'не устранено', sign: { colour: COLOURS.alarm } },
        { text: 'идёт срок', sign: { colour: COLOURS.pale } },
      ];
      drawKey(canvas, series, { x: x + TREND.axis, y, width: width - TREND.axis }, type);
      const plot = {
        x: x + TREND.axis,
        y: y + TREND.legend,
        width: width - TREND.axis,
        height: TREND.height - TREND.legend - TREND.labels,
      };
      const bottom = plot.y + plot.height;
      const scale = plot.height / top;
      for (let value = 0; value <= top; value += step) {
        const at = bottom - value * scale;
        line(canvas, { x: plot.x, y: at }, { x: plot.x + plot.width, y: at }, value === 0);
        const text = numberRu(value);
        const right = plot.x - 5 - type.width(text, STYLES.chart);
        canvas.text(text, { x: right, y: at + 2.8 }, STYLES.chart);
      }
      const slot = plot.width / Math.max(1, weeks.length);
      const bar = Math.min(22, slot * 0.7);
      const labelled = Math.max(1, Math.ceil(30 / slot));
      const boxes = (of: 'violated' | 'open'): readonly Box[] =>
        weeks.flatMap((week, index) => {
          const height = week[of] * scale;
          const base = bottom - (of === 'open' ? week.violated * scale : 0);
          const left = plot.x + index * slot + (slot - bar) / 2;
          return height === 0 ? [] : [{ x: left, y: base - height, width: bar, height }];
        });
      canvas.rectangles(boxes('violated'), COLOURS.alarm);
      canvas.rectangles(boxes('open'), COLOURS.pale);
      weeks.forEach(({ label }, index) => {
        // Counted from the end: the last week is always named.
        if ((weeks.length - 1 - index) % labelled !== 0) return;
        const middle = plot.x + index * slot + slot / 2;
        const left = Math.min(
          middle - type.width(label, STYLES.chart) / 2,
          plot.x + plot.width - type.width(label, STYLES.chart),
        );
        canvas.text(label, { x: left, y: bottom + 11 }, STYLES.chart);
      });
    },
  };
}

const BAR = { height: 11, gap: 6, label: 190, value: 30 };

/** Horizontal bars with names before and numbers behind them. */
export function bars(
  title: string,
  items: readonly { readonly name: string; readonly value: number }[],
  type: Typesetter,
): Chart {
  const highest = Math.max(1, ...items.map(({ value }) => value));
  return {
    height: items.length * (BAR.height + BAR.gap),
    alternative: `${title}: ${items.map(({ name, value }) => `${name} — ${value}`).join('; ')}.`,
    draw: (canvas, { x, y, width }) => {
      items.forEach(({ name, value }, index) => {
        const top = y + index * (BAR.height + BAR.gap);
        const text = type.fitted(name, BAR.label - 8, STYLES.caption);
        const baseline = top + BAR.height / 2 + 3.1;
        canvas.text(
          text,
          { x: x + BAR.label - 8 - type.width(text, STYLES.caption), y: baseline },
          STYLES.caption,
        );
        const length = ((width - BAR.label - BAR.value) * value) / highest;
        canvas.rectangles([{ x: x + BAR.label, y: top, width: length, height: BAR.height }], COLOURS.alarm);
        canvas.text(numberRu(value), { x: x + BAR.label + length + 5, y: baseline }, STYLES.chartBold);
      });
    },
  };
}

/** Strips of shares by status, one below the other, with a legend. */
export function statusStrips(
  items: readonly { readonly name: string; readonly counts: ReadonlyMap<ControlStatus, number> }[],
  width: number,
  type: Typesetter,
): Chart {
  const total = new Map(
    STATUSES_IN_ORDER.map((status) => [
      status,
      items.reduce((sum, { counts }) => sum + (counts.get(status) ?? 0), 0),
    ]),
  );
  const entries = entriesOf(total);
  const head = rowsOfKey(entries, width, type).length * KEY.row + 6;
  return {
    height: head + items.length * (BAR.height + BAR.gap),
    alternative: `Состояние контролей: ${toldCounts(total)}.`,
    draw: (canvas, { x, y }) => {
      drawKey(canvas, entries, { x, y, width }, type);
      items.forEach(({ name, counts }, index) => {
        const top = y + head + index * (BAR.height + BAR.gap);
        const text = type.fitted(name, BAR.label + 60, STYLES.caption);
        canvas.text(text, { x, y: top + BAR.height / 2 + 3.1 }, STYLES.caption);
        strip(canvas, counts, {
          x: x + BAR.label + 70,
          y: top,
          width: width - BAR.label - 70,
          height: BAR.height,
        });
      });
    },
  };
}

/** How often each status occurs. */
export function countsOf(statuses: readonly ControlStatus[]): ReadonlyMap<ControlStatus, number> {
  return new Map(
    STATUSES_IN_ORDER.map((status) => [status, statuses.filter((other) => other === status).length]),
  );
}

function toldCounts(counts: ReadonlyMap<ControlStatus, number>): string {
  return [...counts]
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${STATUSES_RU[status]} — ${count}`)
    .join(', ');
}

function strip(canvas: Canvas, counts: ReadonlyMap<ControlStatus, number>, box: Box): void {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return frame(canvas, box);
  let x = box.x;
  for (const [status, count] of counts) {
    const width = (box.width * count) / total;
    if (count === 0) continue;
    canvas.rectangles([{ ...box, x, width: Math.max(0.6, width - 0.8) }], STATUS_COLOURS[status]);
    x += width;
  }
}

interface Entry {
  readonly text: string;
  readonly sign: Sign | { readonly colour: string };
}

/** What signs and colours mean, in as many rows as the width asks for. */
function rowsOfKey(
  entries: readonly Entry[],
  width: number,
  type: Typesetter,
): readonly (readonly Entry[])[] {
  const rows: Entry[][] = [[]];
  let used = 0;
  for (const entry of entries) {
    const needed = widthInKey(entry, type);
    if (used > 0 && used + needed - KEY.gap > width) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(entry);
    used += needed;
  }
  return rows;
}

function widthInKey({ text }: Entry, type: Typesetter): number {
  return SIGN_SIZE + KEY.space + type.width(text, STYLES.chart) + KEY.gap;
}

function drawKey(
  canvas: Canvas,
  entries: readonly Entry[],
  { x: left, y: top, width }: Omit<Box, 'height'>,
  type: Typesetter,
): void {
  rowsOfKey(entries, width, type).forEach((row, nth) => {
    const y = top + nth * KEY.row;
    let x = left;
    for (const entry of row) {
      const { sign } = entry;
      if ('shape' in sign) drawSign(canvas, sign, { x, y });
      else canvas.rectangles([{ x, y, width: SIGN_SIZE, height: SIGN_SIZE }], sign.colour);
      canvas.text(entry.text, { x: x + SIGN_SIZE + KEY.space, y: y + 7.4 }, STYLES.chart);
      x += widthInKey(entry, type);
    }
  });
}

function entriesOf(counts: ReadonlyMap<ControlStatus, number>): readonly Entry[] {
  return [...counts]
    .filter(([, count]) => count > 0)
    .map(([status, count]) => ({
      text: `${STATUSES_RU[status]} — ${numberRu(count)}`,
      sign: signOfStatus(status),
    }));
}

/** A step of the axis that is easy to read: one, two or five times a power of ten, not more than six of them. */
function stepFor(highest: number): number {
  let step = 1;
  for (const factors = [2, 2.5, 2]; highest / step > 6;) {
    const factor = factors.shift() ?? 2;
    step *= factor;
    factors.push(factor);
  }
  return step;
}

function middleOf({ y, height }: Box, style: TextStyle): number {
  return y + baselineIn({ size: style.size, leading: height });
}

function frame(canvas: Canvas, { x, y, width, height }: Box): void {
  const corners = [
    { x, y },
    { x: x + width, y },
    { x: x + width, y: y + height },
    { x, y: y + height },
    { x, y },
  ];
  canvas.path(corners, COLOURS.rule, { width: 0.5 });
}

function line(
  canvas: Canvas,
  from: Box | { x: number; y: number },
  to: { x: number; y: number },
  isBase: boolean,
): void {
  canvas.path([from, to], isBase ? COLOURS.ink : COLOURS.rule, { width: isBase ? 0.7 : 0.3 });
}
