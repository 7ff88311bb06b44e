import { Turns } from './turns';

/** Holds the thread. */
function work(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}

describe('turns', () => {
  it('given work that holds the thread for long, then others get a turn', async () => {
    let waited = true;
    setImmediate(() => (waited = false));
    const turns = new Turns();
    work(20);
    await turns.offer();

    expect(waited).toBe(false);
  });

  it('given little work, then it goes on at once', async () => {
    let waited = true;
    setImmediate(() => (waited = false));
    await new Turns().offer();

    expect(waited).toBe(true);
  });

  it('given that nobody wants the work any more, then it ends', async () => {
    const turns = new Turns(AbortSignal.abort(new Error('gone')));
    await expect(turns.offer()).rejects.toThrow('gone');
  });
});
