import { LetopisError } from '@letopis/kernel';

/** So many may be at work at a time; the others wait, and take their turns in the order in which they came. */
export class Places {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  /** @param longestWait in milliseconds */
  constructor(
    count: number,
    private readonly longestWait: number,
  ) {
    this.free = count;
  }

  /**
   * A place, as soon as there is one.
   *
   * @returns what gives the place back; once is enough
   * @throws LetopisError `throttled` where there was none for too long
   */
  async take(): Promise<() => void> {
    if (this.free === 0) await this.turn();
    else this.free -= 1;
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.giveBack();
    };
  }

  private giveBack(): void {
    const next = this.waiting.shift();
    // Handed over, the place never becomes free: nobody who comes later is sooner.
    if (next === undefined) this.free += 1;
    else next();
  }

  private turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(called), 1);
        reject(new LetopisError('throttled', 'Others are at work', { retryAfterSeconds: 10 }));
      }, this.longestWait);
      const called = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.waiting.push(called);
    });
  }
}
