import { type RegisterPage, registers, type Row } from '@letopis/audit';
import { declaredControls } from '@letopis/compliance';
import { type AnyCommand, type CloudEvent, FixedClock, newId } from '@letopis/kernel';
import { LETOPIS } from '@letopis/platform';
import { CLAUSES, school } from '@letopis/school';
import { simulateYear, sizeOf } from '@letopis/simulator';
import { eventsOfCommands } from '../../apps/cli/src/exploration';
import { type Client, linesOf, startApplication, type TestApplication } from '../support/application';
import { idsOf, type PlayedYear, playOverHttp, type Tally, tallyOf } from '../support/simulated-school';

/** The year is over. */
const clock = new FixedClock(new Date('2026-09-01T00:00:00.000Z'));
/** After the year, when what it does not have is done. */
const AUGUST = '2026-08-17T09:00:00.000Z';
const FORMS = registers.map(({ form }) => form);

const eventTypes = school.concepts.flatMap(({ events }) => events);
const cites =
  (clause: string) =>
  ({ clauses }: { readonly clauses: readonly string[] }): boolean =>
    clauses.includes(clause);
const isOnlyOfSystem = ({ actors }: AnyCommand): boolean => actors.every((role) => role === 'system');
const namesOf = (commands: readonly AnyCommand[]): readonly string[] => commands.map(({ name }) => name);
const formsOf = (clause: string): readonly string[] => [
  ...new Set(
    declaredControls
      .filter(cites(clause))
      .flatMap(({ shownIn }) => ('form' in shownIn ? [shownIn.form] : [])),
  ),
];

describe('the regulation, clause by clause, in a simulated year over HTTP', () => {
  const year = simulateYear({ ...sizeOf(3), seed: 7, messagesPerMonth: 1 });
  let app: TestApplication;
  let director: Client;
  let played: PlayedYear;
  let tally: Tally;
  let rows: ReadonlyMap<string, readonly Row[]>;
  let feed: readonly CloudEvent[];
  /** Commands of people that no step of the year gives, with the ids of the events of their answers. */
  const beside = new Map<string, readonly string[]>();

  beforeAll(async () => {
    // No worker: by the clock of the year's end every link of the year would be overdue as soon as it is made.
    app = await startApplication({ clock, worker: false });
    director = await app.as('director', { organizationId: year.organizationId });
    played = await playOverHttp(app, year);
    tally = tallyOf(played.steps);
    await app.core.projections.advance();
    rows = new Map(await Promise.all(FORMS.map(async (form) => [form, await allOf(form)] as const)));
    await whatNoYearHas();
    feed = await everything();
  }, 240_000);

  afterAll(() => app.stop());

  /** Somebody whom the platform let in by itself, the end of a chat of the head, and what follows from findings. */
  async function whatNoYearHas(): Promise<void> {
    const admin = await app.as('platform_admin', { organizationId: year.organizationId });
    const joined = { personId: admin.personId, platformRole: 'parent', via: 'auto_sync' };
    const answer = await admin.must('RecordMemberJoined', joined, { occurredAt: AUGUST });
    beside.set('RecordMemberJoined', idsOf(answer));
    const chatId = (await everything()).find(({ type }) => type === 'HeadChatDesignated')?.data.chatId;
    await director.must('CloseChat', { chatId, reason: 'Чат создаётся заново' }, { occurredAt: AUGUST });
    await decisionsOnFindings();
    await aReport();
  }

  const carryOut = async (client: Client, command: string, payload: object): Promise<void> => {
    beside.set(command, idsOf(await client.must(command, payload, { occurredAt: AUGUST })));
  };

  /** What a control found in the year is mended, returned, mended again, excepted and dismissed. */
  async function decisionsOnFindings(): Promise<void> {
    const { body } = await director.get<{ findings: readonly { id: string; control: string }[] }>(
      'compliance/findings?control=C08&limit=1',
    );
    const [finding] = body.findings;
    const about = { findingId: finding?.id, controlId: finding?.control };
    const deputy = await app.as('deputy', { organizationId: year.organizationId });
    const reason = 'Ссылка аннулирована';
    const until = '2036-12-05T15:00:00.000Z';
    const assigned = {
      ...about,
      assigneeId: deputy.personId,
      dueAt: until,
      recommendation: 'Аннулировать ссылку',
    };
    await carryOut(director, 'AssignFindingRemediation', assigned);
    await carryOut(deputy, 'ReportFindingRemedied', { ...about, evidenceRef: 'журнал ссылок, № 7' });
    await carryOut(director, 'ReturnFinding', { ...about, reason: 'Ссылка ещё действует' });
    await carryOut(deputy, 'ReportFindingRemedied', { ...about, evidenceRef: 'журнал ссылок, № 8' });
    await carryOut(director, 'VerifyFindingRemedied', about);
    await carryOut(director, 'ReopenFinding', { ...about, reason });
    await carryOut(director, 'ExceptFinding', { ...about, reason, until });
    await carryOut(director, 'DismissFinding', { ...about, reason });
    await carryOut(director, 'SetControlParameter', {
      ...{ controlId: 'C08', parameter: 'unclaimedRevokeAfter', value: { days: 10 } },
      ...{ effectiveFrom: AUGUST, orderNo: '401', orderDate: '2026-08-17' },
    });
  }

  /** A report that Letopis registers is approved, acknowledged and withdrawn. */
  async function aReport(): Promise<void> {
    const reportId = newId();
    const digest = '0f'.repeat(32);
    await app.core.commands.execute({
      name: 'RegisterControlReport',
      organizationId: year.organizationId,
      payload: {
        reportId,
        digest,
        kind: 'control',
        from: '2025-09-01T00:00:00Z',
        to: '2026-06-01T00:00:00Z',
      },
      caller: LETOPIS,
      source: 'system',
      occurredAt: AUGUST,
    });
    await carryOut(director, 'ApproveReport', { reportId, digest });
    await carryOut(director, 'AcknowledgeReport', { reportId });
    await carryOut(director, 'WithdrawReport', { reportId, reason: 'Составлена новая справка' });
  }

  async function everything(): Promise<readonly CloudEvent[]> {
    const all: CloudEvent[] = [];
    for (let after = '0'; ;) {
      const { status, text, headers } = await director.get(`events?limit=2000&after=${after}`);
      if (status !== 200) throw new Error(text);
      const page = linesOf<CloudEvent>(text);
      if (page.length === 0) return all;
      all.push(...page);
      after = headers.get('x-letopis-next-after') ?? '';
    }
  }

  async function allOf(form: string, client = director): Promise<readonly Row[]> {
    const all: Row[] = [];
    for (let cursor = ''; ;) {
      const { status, text, body } = await client.get<RegisterPage>(`registers/${form}?limit=500${cursor}`);
      if (status !== 200) throw new Error(text);
      all.push(...body.items);
      if (body.nextCursor === undefined) return all;
      cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
    }
  }

  const ofYear = (): readonly CloudEvent[] => feed.filter(({ time }) => time !== AUGUST);
  const rowsOf = (form: string): readonly Row[] => rows.get(form) ?? [];
  const sumOf = (form: string, column: string): number =>
    rowsOf(form).reduce((sum, row) => sum + Number(row[column] ?? 0), 0);

  it('is refused nothing', () => expect(played.refused).toEqual([]));

  it('is in the feed as the simulator tells it', () => {
    const counts: Record<string, number> = {};
    for (const { type } of ofYear()) counts[type] = (counts[type] ?? 0) + 1;
    expect(counts).toEqual(year.summary().events);
  });

  it('is in the feed as it came in: each step of people over HTTP, each of the system beside it', () => {
    const commandsOf = (events: readonly CloudEvent[]): number =>
      new Set(events.map(({ commandid }) => commandid)).size;
    // What follows by policy has a cause.
    const first = ofYear().filter(({ causationid }) => causationid === undefined);
    expect([
      commandsOf(first.filter(({ origin }) => origin === 'operator')),
      commandsOf(first.filter(({ origin }) => origin !== 'operator')),
    ]).toEqual([played.overHttp, played.bySystem]);
  });

  describe('each clause', () => {
    const ofPeople = CLAUSES.flatMap(({ id }) => {
      const commands = school.commands.filter(cites(id)).filter((command) => !isOnlyOfSystem(command));
      return commands.length === 0 ? [] : [{ id, commands: namesOf(commands) }];
    });
    const ofSystem = CLAUSES.flatMap(({ id }) => {
      const commands = school.commands.filter(cites(id)).filter(isOnlyOfSystem);
      return commands.length === 0 ? [] : [{ id, commands }];
    });

    it.each(ofPeople)('$id: its commands are carried out over HTTP: $commands', ({ commands }) => {
      const recorded = new Set(feed.map(({ id }) => id));
      const answered = commands.filter((name) => {
        const ids = played.answers.get(name) ?? beside.get(name) ?? [];
        return ids.length > 0 && ids.every((id) => recorded.has(id));
      });
      expect(answered).toEqual(commands);
    });

    it.each(ofSystem)('$id: what only Letopis does is recorded in its name', ({ commands }) => {
      const types = eventsOfCommands({ ...school, commands });
      const acted = commands.filter(({ name }) =>
        feed.some(({ type, actorrole }) => actorrole === 'system' && types.get(name)?.includes(type)),
      );
      expect(namesOf(acted)).toEqual(namesOf(commands));
    });

    it.each(CLAUSES)('$id: its events are in the feed', ({ id }) => {
      const types = eventTypes.filter(cites(id)).map(({ type }) => type);
      const present = new Set(feed.map(({ type }) => type));
      expect([types.length > 0, types.filter((type) => !present.has(type))]).toEqual([true, []]);
    });

    it.each(CLAUSES.map(({ id }) => ({ id, forms: formsOf(id) })).filter(({ forms }) => forms.length > 0))(
      '$id: the registers of its controls have rows: $forms',
      ({ forms }) => expect(forms.filter((form) => rowsOf(form).length === 0)).toEqual([]),
    );
  });

  describe('its registers, against the simulator', () => {
    it.each(FORMS)('%s has as many rows as the year gave it', (form) =>
      expect(rowsOf(form).length).toBe(tally.rows[form]),
    );

    it('F1 lists the staff, and the pupils and parents of each class', () => {
      const classes = Object.fromEntries(
        rowsOf('F1')
          .filter(({ pupils }) => pupils !== null)
          .map(({ unit, pupils, parents }) => [unit, { pupils, parents }]),
      );
      expect([sumOf('F1', 'teachers'), classes]).toEqual([tally.teachers, tally.classes]);
    });

    it('F10 adds up the minutes that were planned and held', () => {
      const minutes = { planned: sumOf('F10', 'plannedMinutes'), actual: sumOf('F10', 'actualMinutes') };
      expect(minutes).toEqual(tally.minutes);
    });

    it('F5 shows the director the names of the orders', () => {
      const [first] = played.steps.filter(({ command }) => command === 'RecordMovement');
      const { fullName, personId, orderRef } = first?.payload ?? {};
      expect(rowsOf('F5')[0]).toMatchObject({
        orderRef,
        person: { id: personId, state: 'shown', name: fullName },
      });
    });

    it('F5 hides every name from an inspector', async () => {
      const inspector = await app.as('inspector', { organizationId: year.organizationId });
      const seen = await allOf('F5', inspector);
      const states = new Set(
        seen.map(
          ({ person }) => person !== null && typeof person === 'object' && 'state' in person && person.state,
        ),
      );
      expect([seen.length, [...states]]).toEqual([rowsOf('F5').length, ['hidden']]);
    });
  });
});
