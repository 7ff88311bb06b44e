import { type Box, Draft } from './canvas';
import { bars, type Chart, statusByClause, trendByWeek } from './charts';
import { typesetter } from './testing';

const type = typesetter();
const PAGE = { x: 70, y: 100, width: 480 };

/** Remembers what was filled and written. */
class Traced extends Draft {
  readonly boxes: Box[] = [];
  readonly texts: string[] = [];

  override rectangles(boxes: readonly Box[] = []): void {
    this.boxes.push(...boxes);
  }

  override text(text: string): void {
    this.texts.push(text);
  }
}

function drawn(chart: Chart): Traced {
  const canvas = new Traced();
  chart.draw(canvas, { ...PAGE, height: chart.height });
  for (const { x, y, width, height } of canvas.boxes) {
    expect(x).toBeGreaterThanOrEqual(PAGE.x - 0.01);
    expect(x + width).toBeLessThanOrEqual(PAGE.x + PAGE.width + 0.01);
    expect(y).toBeGreaterThanOrEqual(PAGE.y - 0.01);
    expect(y + height).toBeLessThanOrEqual(PAGE.y + chart.height + 0.01);
  }
  return canvas;
}

describe('the state by clause', () => {
  it('given clauses, then each has a tile and the words count them', () => {
    const clauses = Array.from({ length: 70 }, (_, index) => ({
      clause: `3.1.${index}`,
      status: index % 7 === 0 ? ('violated' as const) : ('compliant' as const),
    }));
    const chart = statusByClause(clauses, PAGE.width, type);

    expect(drawn(chart).texts).toEqual(expect.arrayContaining(['3.1.0', '3.1.69', 'нарушается — 10']));
    expect(chart.alternative).toBe('Состояние по пунктам Положения: нарушается — 10, соблюдается — 60.');
  });

  it('given no clauses, then nothing breaks', () => {
    expect(drawn(statusByClause([], PAGE.width, type)).texts).toEqual([]);
  });
});

describe('the trend by week', () => {
  const weeks = (count: number, violated: number) =>
    Array.from({ length: count }, (_, index) => ({ label: `${index}`.padStart(5, '0'), violated, open: 1 }));

  it.each([1, 18, 53, 200])('given %d weeks, then all fit the chart and the last is named', (count) => {
    expect(drawn(trendByWeek(weeks(count, 7), type)).texts).toContain(`${count - 1}`.padStart(5, '0'));
  });

  it.each([
    [4, ['0', '1', '2', '3', '4', '5']],
    [54, ['0', '10', '20', '30', '40', '50', '60']],
    [2000, ['0', '500', '1000', '1500', '2000', '2500']],
  ])('given at most %d, then the axis has round numbers', (violated, axis) => {
    const { texts } = drawn(trendByWeek(weeks(2, violated), type));
    expect(texts.filter((text) => /^\d+$/.test(text) && text.length < 5)).toEqual(axis);
  });
});

describe('bars', () => {
  it('given a value, then its length is in proportion to the highest', () => {
    const { boxes, texts } = drawn(
      bars(
        'Просрочено',
        [
          { name: 'директор', value: 10 },
          { name: 'куратор', value: 5 },
        ],
        type,
      ),
    );

    expect((boxes[0]?.width ?? 0) / (boxes[1]?.width ?? 1)).toBeCloseTo(2);
    expect(texts).toEqual(['директор', '10', 'куратор', '5']);
  });
});
