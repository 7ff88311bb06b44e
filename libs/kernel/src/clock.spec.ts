import { FixedClock, instant } from './clock';

describe('a clock that stands still', () => {
  it('given it is moved, then it shows the new instant', () => {
    const clock = new FixedClock(new Date('2025-11-17T14:00:00Z'));
    clock.advance(1_500);
    expect(instant(clock.now())).toBe('2025-11-17T14:00:01.500Z');
  });

  it('given somebody changes the date that it gave, then it shows its own', () => {
    const clock = new FixedClock(new Date('2025-11-17T14:00:00Z'));
    clock.now().setFullYear(1999);
    expect(instant(clock.now())).toBe('2025-11-17T14:00:00.000Z');
  });
});
