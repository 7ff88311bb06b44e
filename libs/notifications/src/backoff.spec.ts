import { MAX_ATTEMPTS, waitAfter } from './backoff';

describe('waiting between attempts', () => {
  it.each([
    [1, 30_000],
    [2, 60_000],
    [3, 120_000],
    [10, 15_360_000],
    [11, 21_600_000],
    [1_000, 21_600_000],
  ])('given attempt %i, then %i milliseconds', (attempts, milliseconds) => {
    expect(waitAfter(attempts)).toBe(milliseconds);
  });

  it('given every attempt, then the last one comes within a day', () => {
    const waits = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, index) => waitAfter(index + 1));

    expect(waits.reduce((sum, wait) => sum + wait)).toBeLessThan(24 * 3_600_000);
  });
});
