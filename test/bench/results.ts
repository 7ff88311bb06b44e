import { type Figure } from './rounds';

export interface Target {
  readonly sense: 'at least' | 'at most';
  readonly value: number;
}

/** What was reached, and the target where there is one. */
export interface Check {
  readonly name: string;
  readonly reached: number;
  readonly unit: string;
  readonly target?: Target;
  readonly figures: readonly Figure[];
}

/** `own` as a multiple of `other`. */
export function compared(
  name: string,
  own: Figure | undefined,
  other: Figure | undefined,
  target?: number,
): Check {
  if (own === undefined || other === undefined) throw new Error(`${name}: nothing was measured`);
  const reached = own.median / other.median;
  const least: Target | undefined = target === undefined ? undefined : { sense: 'at least', value: target };
  return { name, reached, unit: '×', target: least, figures: [own, other] };
}

/** A figure that stands for itself. */
export function reached(name: string, figure: Figure, target?: Target): Check {
  return { name, reached: figure.median, unit: figure.unit, target, figures: [figure] };
}

/** Undefined where there is no target. */
export function isMet({ reached: value, target }: Check): boolean | undefined {
  if (target === undefined) return undefined;
  return target.sense === 'at least' ? value >= target.value : value <= target.value;
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
      const { name, reached: value, unit, target } = check;
      const aim = target === undefined ? '' : `${target.sense} ${number(target.value)} ${unit}`;
      const met = isMet(check);
      const verdict = met === undefined ? '' : met ? 'met' : 'missed';
      return `| ${name} | ${number(value)} ${unit} | ${aim} | ${verdict} |`;
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
