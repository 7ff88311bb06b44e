import { type Figure } from './rounds';

/** A target, and what was reached. */
export interface Check {
  readonly name: string;
  readonly reached: number;
  readonly unit: string;
  readonly target: number;
  readonly sense: 'at least' | 'at most';
  readonly figures: readonly Figure[];
}

/** `own` as a multiple of `other`. */
export function compared(
  name: string,
  own: Figure | undefined,
  other: Figure | undefined,
  target: number,
): Check {
  if (own === undefined || other === undefined) throw new Error(`${name}: nothing was measured`);
  const reached = own.median / other.median;
  return { name, reached, unit: '×', target, sense: 'at least', figures: [own, other] };
}

/** A figure that stands for itself. */
export function reached(name: string, figure: Figure, target: number, sense: Check['sense']): Check {
  return { name, reached: figure.median, unit: figure.unit, target, sense, figures: [figure] };
}

export function isMet({ reached: value, target, sense }: Check): boolean {
  return sense === 'at least' ? value >= target : value <= target;
}

const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1);

/** Two tables in Markdown: targets, and the figures that they rest on. */
export function tableOf(checks: readonly Check[]): string {
  const figures = new Set(checks.flatMap((check) => check.figures));
  return [
    '| what | reached | target | |',
    '| --- | ---: | ---: | --- |',
    ...checks.map((check) => {
      const target = `${check.sense} ${number(check.target)} ${check.unit}`;
      const verdict = isMet(check) ? 'met' : 'missed';
      return `| ${check.name} | ${number(check.reached)} ${check.unit} | ${target} | ${verdict} |`;
    }),
    '',
    '| measured | median | least | most | rounds |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...[...figures].map(
      ({ name, unit, median, rounds }) =>
        `| ${name} | ${number(median)} ${unit} | ${number(Math.min(...rounds))} | ${number(Math.max(...rounds))} | ${rounds.length} |`,
    ),
    '',
  ].join('\n');
}
