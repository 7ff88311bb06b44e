import { dayOf, FixedClock, instant, instantOf } from './clock';

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

describe('days and instants', () => {
  it.each([
    ['2026-02-28', true],
    ['2026-02-29', false],
    ['2024-02-29', true],
    ['2000-02-29', true],
    ['2100-02-29', false],
    ['2026-04-31', false],
    ['2026-12-31', true],
    ['2026-13-01', false],
    ['2026-00-10', false],
    ['2026-01-00', false],
    ['1899-12-31', false],
    ['2999-12-31', true],
    ['3000-01-01', false],
    ['2026-1-1', false],
    ['2026-01-01T00:00:00Z', false],
  ])('given the day %s, then that it exists is %s', (text, is) => {
    expect(dayOf(text)?.toISOString()).toBe(is ? `${text}T00:00:00.000Z` : undefined);
  });

  it.each([
    ['2026-09-01T08:00:00Z', '2026-09-01T08:00:00.000Z'],
    ['2026-09-01T08:00:00.5+05:00', '2026-09-01T03:00:00.500Z'],
    ['2024-02-29T23:59:59-01:00', '2024-03-01T00:59:59.000Z'],
    ['2026-02-30T08:00:00Z', undefined],
    ['2026-09-01T25:00:00Z', undefined],
    ['2026-09-01T08:60:00Z', undefined],
    ['2026-09-01T08:00:00', undefined],
    ['2026-09-01 08:00:00Z', undefined],
    ['1900-01-01T00:00:00+05:00', undefined],
  ])('given the text %s, then it names the instant %s', (text, at) => {
    expect(instantOf(text)?.toISOString()).toBe(at);
  });
});
