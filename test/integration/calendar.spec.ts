import { calendarOf, ComplianceView, controlCatalogue, productionCalendar } from '@letopis/compliance';
import { FixedClock } from '@letopis/kernel';
import { startWorker } from '@letopis/worker';
import { startApplication, type TestApplication } from '../support/application';

/** Three working days from here end in January of a year whose days off nobody has decreed yet. */
const NOW = '2027-12-30T09:00:00.000Z';
const daysOff = { 2028: { transfers: [['2028-01-01', '2028-01-10']] } };
const BY_LAW = '2028-01-12T20:59:59.999Z';
const BY_FILE = '2028-01-13T20:59:59.999Z';

interface Overview {
  readonly calendar: { readonly version: string; readonly provisionalYears: readonly number[] };
}

interface Shown {
  readonly findings: readonly { readonly dueAt?: string; readonly provisionalYear?: number }[];
}

async function started(services: { readonly daysOff?: typeof daysOff } = {}): Promise<TestApplication> {
  return startApplication({ clock: new FixedClock(new Date(NOW)), worker: false, services });
}

/** What the API says of the school's calendar, and of its duty to have an administrator. */
async function askedOf(app: TestApplication, organizationId: string) {
  const director = await app.as('director', { organizationId });
  const { calendar } = (await director.get<Overview>('compliance')).body;
  const { findings } = (await director.get<Shown>('compliance/controls/C03')).body;
  return { calendar, findings };
}

describe('without a calendar of its own, an installation', () => {
  let app: TestApplication;
  let organizationId: string;

  beforeAll(async () => {
    app = await started();
    organizationId = await app.createSchool();
    await app.core.projections.advance();
  }, 60_000);

  afterAll(() => app.stop());

  it('says which years are provisional, and which deadlines rest on them', async () => {
    expect(await askedOf(app, organizationId)).toMatchObject({
      calendar: { version: productionCalendar.version, provisionalYears: [2028] },
      findings: [{ dueAt: BY_LAW, provisionalYear: 2028 }],
    });
  });

  it('judges anew when it is given one', async () => {
    const options = { ...app.core, catalogue: controlCatalogue };
    const dueBy = async (calendar: typeof productionCalendar): Promise<readonly (string | undefined)[]> => {
      const view = new ComplianceView({ ...options, calendar });
      return (await view.findings(organizationId, 'C03')).findings.map(({ dueAt }) => dueAt);
    };
    expect([
      await dueBy(productionCalendar),
      await dueBy(calendarOf(daysOff)),
      await dueBy(productionCalendar),
    ]).toEqual([[BY_LAW], [BY_FILE], [BY_LAW]]);
  });

  it('warns when its worker starts', async () => {
    const warn = jest.spyOn(app.core.log, 'warn');
    await startWorker(app.core);
    expect(warn).toHaveBeenCalledWith(
      { calendar: productionCalendar.version, years: [2028] },
      expect.stringContaining('LETOPIS_CALENDAR_FILE'),
    );
    warn.mockRestore();
  });
});

describe('with a calendar of its own, an installation', () => {
  it('counts by it', async () => {
    const app = await started({ daysOff });
    try {
      const organizationId = await app.createSchool();
      await app.core.projections.advance();
      const { calendar, findings } = await askedOf(app, organizationId);
      expect(calendar).toEqual({ version: calendarOf(daysOff).version, provisionalYears: [] });
      expect(findings).toMatchObject([{ dueAt: BY_FILE }]);
      expect(findings[0]).not.toHaveProperty('provisionalYear');
    } finally {
      await app.stop();
    }
  }, 60_000);

  it('does not start where it is wrong', async () => {
    const wrong = { 2028: { transfers: [['2028-01-10', '2028-01-01']] } };
    await expect(started({ daysOff: wrong })).rejects.toThrow(
      '/2028/transfers/0/0 must be a Saturday or a Sunday',
    );
  }, 60_000);
});
