import { workingDaysUntil } from './working-days';

it('given a calendar, then its working days stand in order, up to the end of the next year', () => {
  const worked = new Set(['2020-01-09', '2025-11-01', '2026-12-31', '2027-01-11']);
  const calendar = { isWorkingDay: (day: string) => worked.has(day) };

  const days = workingDaysUntil(new Date('2025-10-01T00:00:00Z'), calendar);

  expect(days).toEqual(['2020-01-09', '2025-11-01', '2026-12-31']);
});
