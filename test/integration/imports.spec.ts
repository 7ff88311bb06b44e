import { setTimeout as wait } from 'node:timers/promises';
import { type ImportKindName, ImportService, type ImportView } from '@letopis/imports';
import { LetopisError } from '@letopis/kernel';
import { type Client, linesOf, startApplication, type TestApplication } from '../support/application';

/** The school year of today: groups are created by the nomenclature that counts now. */
const now = new Date();
const first = now.getUTCMonth() < 8 ? now.getUTCFullYear() - 1 : now.getUTCFullYear();
const YEAR = `${first}/${first + 1}`;

const CLASSES = `Класс;Учебный год;Приказ\n5А;${YEAR};№ 325\n5Б;;\n`;
const STAFF =
  'ФИО;Табельный номер;Дата рождения;Приказ о приёме;Дата приёма\n' +
  'Соколова Мария Петровна;0417;14.02.1985;№ 12-к;25.08.2025\n';
const PUPILS =
  'ФИО;Дата рождения;Класс;Приказ о зачислении;Дата зачисления\n' +
  'Белов Артём Сергеевич;19.05.2014;5А;№ 40-у;01.09.2025\n' +
  'Зимина Дарья;02.12.2013;5Б;№ 40-у;01.09.2025\n';
const PARENTS =
  'ФИО родителя;Телефон родителя;Степень родства;ФИО ребёнка;Дата рождения ребёнка\n' +
  'Белова Ольга Сергеевна;+7 900 000-00-01;мать;Белов Артем Сергеевич;19.05.2014\n';

interface FeedEvent {
  readonly type: string;
  readonly origin: string;
  readonly actorid: string;
  readonly actorrole: string;
}

describe('imports', () => {
  let app: TestApplication;
  let administrator: Client;
  let organizationId: string;

  beforeAll(async () => {
    app = await startApplication();
  }, 60_000);

  afterAll(() => app.stop());

  beforeEach(async () => {
    organizationId = await app.createSchool();
    administrator = await app.as('platform_admin', { organizationId });
    await administrator.get(`/v1/organizations/${organizationId}`);
    await app.core.projections.advance();
  });

  const post = (
    client: Client,
    kind: string,
    file: string | Buffer,
    { query = '', type = 'text/csv; charset=utf-8' } = {},
  ) =>
    client.send<{ importId: string; detail?: string }>('POST', `imports?kind=${kind}${query}`, {
      headers: { 'content-type': type },
      body: file,
    });

  const ended = async (client: Client, id: string): Promise<ImportView> => {
    for (;;) {
      const { body } = await client.get<ImportView>(`imports/${id}`);
      if (body.finishedAt !== null) return body;
      await wait(50);
    }
  };

  const imported = async (
    kind: ImportKindName,
    file: string | Buffer,
    { client = administrator, query = '' } = {},
  ): Promise<ImportView> => {
    const { status, text, body } = await post(client, kind, file, { query });
    if (status !== 202) throw new Error(text);
    return ended(client, body.importId);
  };

  const events = async (): Promise<readonly FeedEvent[]> => {
    const director = await app.as('director', { organizationId });
    return linesOf<FeedEvent>((await director.get('events?limit=1000')).text);
  };
  const typesOf = async (): Promise<readonly string[]> => (await events()).map(({ type }) => type);

  /** Accepts a file that no job will carry out. */
  const accepted = (kind: ImportKindName, file: string): Promise<string> =>
    new ImportService(app.core).accept(
      {
        organizationId,
        kind,
        dryRun: false,
        caller: { id: administrator.personId, roles: ['platform_admin'] },
      },
      Buffer.from(file),
    );
  const run = (id: string): Promise<void> =>
    new ImportService(app.core).run(id, () => Promise.resolve(), false);
  const row = async (id: string) => {
    const { rows } = await app.core.database.query<{
      file: Buffer | null;
      problems: Buffer;
      done_through: number | null;
    }>('SELECT file, problems, done_through FROM letopis.imports WHERE id = $1', [id]);
    return rows[0]!;
  };

  it('bring a school in, file by file, as events of whoever imported', async () => {
    for (const [kind, file] of [
      ['classes', CLASSES],
      ['staff', STAFF],
      ['pupils', PUPILS],
      ['parents', PARENTS],
    ] as const) {
      expect(await imported(kind, file)).toMatchObject({ status: 'done', progress: 100, problems: [] });
    }
    const recorded = (await events()).filter(({ origin }) => origin === 'import');
    expect(recorded.map(({ type }) => type)).toEqual([
      'NomenclatureApproved',
      'GroupCreated',
      'GroupCreated',
      'MemberMovementRecorded',
      'MemberMovementRecorded',
      'MemberMovementRecorded',
      'GuardianRecorded',
    ]);
    expect(new Set(recorded.map(({ actorid, actorrole }) => `${actorid} ${actorrole}`))).toEqual(
      new Set([`${administrator.personId} platform_admin`]),
    );
  });

  it('tell how often each command came to what', async () => {
    expect((await imported('classes', CLASSES)).result).toEqual({
      rows: 2,
      rowsWithErrors: 0,
      commands: [
        expect.objectContaining({ command: 'ApproveNomenclature', recorded: 1, unchanged: 0, refused: 0 }),
        expect.objectContaining({ command: 'CreateGroup', recorded: 2, unchanged: 0, refused: 0 }),
      ],
    });
  });

  it.each(['platform_admin', 'deputy'] as const)(
    'of the same file twice change nothing, the second time by a %s',
    async (role) => {
      await imported('classes', CLASSES);
      await imported('pupils', PUPILS);
      const before = await typesOf();
      const client = role === 'deputy' ? await app.as(role, { organizationId }) : administrator;
      const { result } = await imported('pupils', PUPILS, { client });
      expect(result.commands).toEqual([expect.objectContaining({ recorded: 0, unchanged: 2, refused: 0 })]);
      expect(await typesOf()).toEqual(before);
    },
  );

  it('record the good rows and list the bad ones', async () => {
    await imported('classes', CLASSES);
    const { status, result, problems } = await imported('pupils', PUPILS.replace(';5Б;', ';5Я;'));
    expect({ status, result }).toMatchObject({
      status: 'done',
      result: { rows: 2, rowsWithErrors: 1, commands: [{ command: 'RecordMovement', recorded: 1 }] },
    });
    expect(problems).toEqual([
      {
        severity: 'error',
        row: 3,
        column: 'Класс',
        message: 'Класса «5Я» нет среди действующих',
        remedy: 'Исправьте название или сначала загрузите список классов',
      },
    ]);
  });

  it('on trial record nothing and tell what would be', async () => {
    const before = await typesOf();
    const { result, problems } = await imported('classes', CLASSES, { query: '&dryRun=true' });
    expect(result.commands.map(({ command, recorded }) => [command, recorded])).toEqual([
      ['ApproveNomenclature', 1],
      ['CreateGroup', 2],
    ]);
    expect(problems).toEqual([]);
    expect(await typesOf()).toEqual(before);
  });

  it('on trial tell what is on record already, decisions among it', async () => {
    const links =
      'Куда ведёт;Для кого;Действует до;Лимит;Ссылка\nсообщество;учителя;31.12.2036;30;https://max.example/join/1\n';
    await imported('links', links);
    const { result, problems } = await imported('links', links, { query: '&dryRun=true' });
    expect(problems).toEqual([]);
    expect(result.commands).toEqual([expect.objectContaining({ recorded: 0, unchanged: 1 })]);
  });

  it('on trial tell what a rule of the regulation would refuse', async () => {
    await imported('staff', STAFF);
    const chats = 'Вид чата;Название;Владелец;Цель\nдругой;Музей;Соколова Мария Петровна;Выставка\n';
    const { problems } = await imported('chats', chats, { query: '&dryRun=true' });
    expect(problems).toMatchObject([
      { row: 2, message: expect.stringMatching(/подтверждённым статусом «учитель»/) },
    ]);
  });

  it('do what the caller may, and tell whom the rest waits for', async () => {
    await imported('classes', CLASSES);
    await imported('staff', STAFF);
    const director = await app.as('director', { organizationId });
    const { result, problems } = await imported(
      'class-teachers',
      `Класс;Классный руководитель;Учебный год;Приказ\n5А;Соколова Мария Петровна;${YEAR};№ 326\n`,
      { client: director },
    );
    expect(result.commands).toMatchObject([
      { command: 'ApproveClassTeacherDistribution', recorded: 1, notAllowed: 0 },
      { command: 'AssignClassTeacher', recorded: 0, notAllowed: 1 },
    ]);
    expect(problems).toMatchObject([
      { severity: 'notice', row: null, remedy: 'Пусть этот же файл загрузит администратор' },
    ]);
  });

  it('of a file with wrong columns fail, and say which', async () => {
    const { status, problems } = await imported('pupils', 'ФИО;Класс\nБелов;5А\n');
    expect(status).toBe('failed');
    expect(problems[0]?.message).toBe('Нет столбцов: «Приказ о зачислении»; «Дата зачисления»');
  });

  it('keep file and problems encrypted, and the file no longer than needed', async () => {
    const id = await accepted('pupils', PUPILS);
    const open = await row(id);
    expect(open.file?.includes('Белов')).toBe(false);
    await run(id);
    const done = await row(id);
    expect(done.file).toBeNull();
    expect(done.problems.includes('5А')).toBe(false);
  });

  it('write no personal data to the log', async () => {
    const info = jest.spyOn(app.core.log, 'info');
    await run(await accepted('pupils', PUPILS));
    const logged = JSON.stringify(info.mock.calls);
    info.mockRestore();
    expect(logged).toMatch('An import has ended');
    expect(logged).not.toMatch(/Белов|Зимина|5А/);
  });

  it('go on after a crash where they had come to', async () => {
    await imported('classes', CLASSES);
    const rows = Array.from({ length: 2_500 }, (_, index) => `Иванов Иван;${index};5А;№ 40-у;01.09.2025\n`);
    const id = await accepted('pupils', `ФИО;Личное дело;Класс;Приказ;Дата зачисления\n${rows.join('')}`);
    const { commands } = app.core;
    const original = commands.executeAll.bind(commands);
    const crash = jest.spyOn(commands, 'executeAll').mockImplementationOnce(original);
    crash.mockRejectedValueOnce(new LetopisError('unavailable', 'The database is away'));
    await expect(run(id)).rejects.toThrow('away');
    crash.mockRestore();
    expect((await row(id)).done_through).toBe(1_001);
    await run(id);
    const { body } = await administrator.get<ImportView>(`imports/${id}`);
    expect(body).toMatchObject({ status: 'done', result: { commands: [{ recorded: 2_500, unchanged: 0 }] } });
  }, 60_000);

  it('that have lost their job are queued again', async () => {
    const id = await accepted('classes', CLASSES);
    await app.core.database.query(
      `UPDATE letopis.imports SET moved_at = now() - interval '1 hour' WHERE id = $1`,
      [id],
    );
    await new ImportService(app.core).requeue();
    expect(await ended(administrator, id)).toMatchObject({ status: 'done' });
  });

  it('take a template of XLSX as it was given out', async () => {
    const response = await fetch(
      `${app.url}/v1/organizations/${organizationId}/imports/templates/staff?format=xlsx`,
      {
        headers: { authorization: `Bearer ${administrator.token}` },
      },
    );
    const template = Buffer.from(await response.arrayBuffer());
    const type = response.headers.get('content-type') ?? '';
    const { body } = await post(administrator, 'staff', template, { type });
    expect(await ended(administrator, body.importId)).toMatchObject({ status: 'done', problems: [] });
  });

  it('refuse a file of 50 MB', async () => {
    const { status } = await post(administrator, 'pupils', Buffer.alloc(50_000_000, 'x'));
    expect(status).toBe(413);
  });

  it.each([
    ['an unknown kind', 'people', 'text/csv'],
    ['another media type', 'pupils', 'application/json'],
  ])('refuse %s', async (_what, kind, type) => {
    expect((await post(administrator, kind, '{}', { type })).status).toBe(400);
  });

  it.each(['teacher', 'curator', 'parent', 'inspector'] as const)('are not for a %s', async (role) => {
    const client = await app.as(role, { organizationId });
    expect((await post(client, 'pupils', PUPILS)).status).toBe(403);
  });

  it('are not told to another school', async () => {
    const id = await accepted('classes', CLASSES);
    const stranger = await app.as('platform_admin', { organizationId: await app.createSchool() });
    expect((await stranger.get(`imports/${id}`)).status).toBe(404);
  });
});
