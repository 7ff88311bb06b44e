/** What was measured in each round of one contender; the rounds of all contenders of a run alternate. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly rounds: readonly number[];
  readonly median: number;
}

export function figureOf(name: string, unit: string, rounds: readonly number[]): Figure {
  return { name, unit, rounds, median: median(rounds) };
}

/** @throws RangeError where there is nothing to take the median of */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which `share` of `values` lie, by linear interpolation. @throws RangeError where there are none */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) throw new RangeError('There are no values');
  return low + (high - low) * (at - Math.floor(at));
}

export interface Contender {
  readonly name: string;
  readonly unit: string;
  /** One round, in `unit`. */
  readonly round: () => Promise<number>;
}

/** A B C, A B C, …: whatever else the machine does meanwhile meets all alike. One round before them warms up. */
export async function alternate(
  rounds: number,
  contenders: readonly Contender[],
): Promise<readonly Figure[]> {
  const measured = contenders.map((): number[] => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const value = await contender.round();
      if (round >= 0) measured[index]?.push(value);
    }
  }
  return contenders.map(({ name, unit }, index) => figureOf(name, unit, measured[index] ?? []));
}

/** Runs `work` over and over, `lanes` at a time, for `milliseconds`; returns how often a second it was done. */
export async function perSecond(
  lanes: number,
  milliseconds: number,
  work: () => Promise<unknown>,
): Promise<number> {
  const began = performance.now();
  let done = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() - began < milliseconds) {
      await work();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (done * 1_000) / (performance.now() - began);
}
