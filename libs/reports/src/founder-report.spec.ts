import { controlCatalogue } from '@letopis/compliance';
import { UnauthorizedAccessReported } from '@letopis/school';
import { frozen } from './content';
import { founderReportContent, schoolPart } from './founder-report';
import { evaluatedOver, history, idOf } from './testing';

const PERIOD = { from: '2025-09-30T21:00:00.000Z', to: '2025-10-31T21:00:00.000Z' };
const AT = '2025-10-06T06:00:00.000Z';
const catalogue = controlCatalogue.filter(({ id }) => id === 'C23');

const part = (id: string, name: string, takenOver: number) =>
  schoolPart(
    { id, name },
    evaluatedOver(
      history(
        ...Array.from({ length: takenOver }, (_, index) => {
          const incidentId = idOf(`incident ${index}`);
          const people = { reporterId: idOf('mother'), affectedPersonId: idOf('pupil') };
          return [
            AT,
            UnauthorizedAccessReported.of({ incidentId, ...people, detectedAt: AT, reportedAt: AT }),
          ] as const;
        }),
      ),
      { period: PERIOD, controls: ['C23'] },
    ).map(({ evaluation }) => evaluation),
    PERIOD,
  );

const reportOn = (...schools: readonly ReturnType<typeof part>[]) =>
  founderReportContent({
    ...{ period: PERIOD, timeZone: 'Asia/Yekaterinburg', position: 7n, catalogue, schools },
    versions: { catalogue: 'controls-1', calendar: 'ru-2026' },
  });

describe("a founder's report", () => {
  it('given schools, then it has the numbers of each, the most broken first, and of each control', () => {
    const content = reportOn(part('a', 'Школа № 1', 0), part('b', 'Школа № 2', 2));

    expect(content).toMatchObject({
      kind: 'founder',
      formRu: 'Отчёт учредителю о соблюдении порядка использования платформы',
      asOf: '2025-10-31T20:59:59.999Z',
      timeZone: 'Asia/Yekaterinburg',
      schools: [
        {
          ...{
            id: 'b',
            name: 'Школа № 2',
            counts: { inTime: 2, violated: 2, open: 0, mended: 0, excepted: 0 },
          },
          controls: [{ id: 'C23', status: 'violated', violated: 2 }],
        },
        { id: 'a', counts: { inTime: 0, violated: 0 }, controls: [{ id: 'C23', status: 'no-evidence' }] },
      ],
      controls: [{ id: 'C23', schools: { violated: 1, 'no-evidence': 1, compliant: 0 }, violated: 2 }],
    });
  });

  it('then it names nobody', () => {
    const { text } = frozen(reportOn(part('a', 'Школа № 1', 2)));
    for (const name of ['mother', 'pupil', 'director', 'incident 0']) expect(text).not.toContain(idOf(name));
  });

  it('given schools in another order, then its digest is the same', () => {
    const [one, other] = [part('a', 'Школа № 1', 1), part('b', 'Школа № 2', 1)];
    expect(frozen(reportOn(one, other)).digest).toBe(frozen(reportOn(other, one)).digest);
  });
});
