import { createHash } from 'node:crypto';
import { derivedId } from '@letopis/kernel';
import { readPayload } from '@letopis/platform';
import { chatIdOf, school } from '@letopis/school';
import { importKinds } from './catalogue';
import { IMPORT_KINDS, type ImportKindName } from './kind';
import { templateOf } from './template';
import { aliasesOf, idOf, ORGANIZATION, planOf } from './testing';

const STAFF = 'ФИО;Табельный номер;Дата рождения;Приказ о приёме;Дата приёма\n';
const MARIA = 'Соколова Мария Петровна;0417;14.02.1985;№ 12-к;25.08.2025\n';
const IGOR = 'Петров Игорь Львович;0418;03.11.1979;№ 31-к;01.09.2019\n';
const PUPILS = 'ФИО;Номер личного дела;Дата рождения;Класс;Приказ о зачислении;Дата зачисления\n';
const ARTYOM = 'Белов Артём Сергеевич;Б-118;19.05.2014;5А;№ 40-у;01.09.2025\n';

const messagesOf = ({
  problems,
}: {
  readonly problems: readonly { row: number | null; message: string }[];
}) => problems.map(({ row, message }) => [row, message]);

/** Who is known once staff and pupils of these tests have been imported. */
const known = () => aliasesOf(['staff', STAFF + MARIA + IGOR], ['pupils', PUPILS + ARTYOM]);
const whoIs = async (kind: 'staff' | 'pupils', row: string): Promise<unknown> => {
  const { commands } = await planOf(kind, (kind === 'staff' ? STAFF : PUPILS) + row);
  return commands[0]?.payload.personId;
};

describe.each(IMPORT_KINDS.map((name) => [name, importKinds[name]] as const))(
  'files of the kind %s',
  (name, kind) => {
    it('have no two columns under one heading', () => {
      const headings = kind.columns
        .flatMap(({ heading, synonyms }) => [heading, ...synonyms])
        .map((h) => h.toLowerCase());
      expect(headings.filter((heading, index) => headings.indexOf(heading) !== index)).toEqual([]);
    });

    it.each(['csv', 'xlsx'] as const)(
      'have a template in %s whose examples can be imported',
      async (format) => {
        const people = await aliasesOf(
          ['staff', await templateOf(importKinds.staff, format)],
          ['pupils', await templateOf(importKinds.pupils, format)],
        );
        const { rows, commands, problems } = await planOf(name, await templateOf(kind, format), { people });
        expect(problems).toEqual([]);
        expect(rows).toBe(kind.examples.length);
        for (const { command, payload } of commands) {
          const declaration = school.commands.find((candidate) => candidate.name === command);
          expect(() => readPayload(declaration!.payload, payload)).not.toThrow();
        }
      },
    );
  },
);

describe('staff', () => {
  it('are hired from the beginning of the day, where the school is', async () => {
    const { commands } = await planOf('staff', STAFF + MARIA);
    expect(commands).toEqual([
      {
        row: 2,
        command: 'RecordMovement',
        payload: {
          personId: expect.any(String),
          kind: 'hired',
          orderRef: '№ 12-к',
          effectiveAt: '2025-08-24T19:00:00.000Z',
          fullName: 'Соколова Мария Петровна',
        },
        aliases: expect.any(Array),
      },
    ]);
  });

  it('are the same people in a second file', async () => {
    const people = await known();
    const first = await planOf('staff', STAFF + MARIA);
    const second = await planOf('staff', STAFF + MARIA, { people });
    expect(second.commands[0]?.payload).toEqual(first.commands[0]?.payload);
  });

  it('need a name, and something that tells them apart', async () => {
    const plan = await planOf(
      'staff',
      `${STAFF};0417;;№ 12-к;25.08.2025\nСоколова Мария;;;№ 12-к;25.08.2025\n`,
    );
    expect(messagesOf(plan)).toEqual([
      [2, 'Не указано имя человека'],
      [3, 'Не указано, чем этот человек отличается от однофамильцев'],
    ]);
  });

  it('come once in a file', async () => {
    expect(messagesOf(await planOf('staff', STAFF + MARIA + MARIA))).toEqual([
      [3, 'Работник: то же самое уже есть в строке 2'],
    ]);
  });

  it('that are wrong keep nobody else out', async () => {
    const { commands, problems } = await planOf('staff', `${STAFF}17;1;;№ 1;вчера\n${MARIA}`);
    expect(problems.map(({ row, column }) => [row, column])).toEqual([[2, 'Дата приёма']]);
    expect(commands.map(({ row }) => row)).toEqual([3]);
  });
});

describe('pupils', () => {
  it('are enrolled in their class', async () => {
    const { commands } = await planOf('pupils', PUPILS + ARTYOM);
    expect(commands[0]?.payload).toMatchObject({ kind: 'enrolled', toGroup: idOf('5А') });
  });

  it('need a class that is on record', async () => {
    expect(messagesOf(await planOf('pupils', PUPILS + ARTYOM.replace('5А', '7Я')))).toEqual([
      [2, 'Класса «7Я» нет среди действующих'],
    ]);
  });
});

describe('parents', () => {
  const HEADINGS = 'ФИО родителя;Телефон родителя;Степень родства;ФИО ребёнка;Дата рождения ребёнка\n';
  const OLGA = 'Белова Ольга Сергеевна;+79000000001;мать;Белов Артем Сергеевич;19.05.2014\n';

  it('are recorded with their child, whose name may be written with е for ё', async () => {
    const { commands } = await planOf('parents', HEADINGS + OLGA, { people: await known() });
    expect(commands[0]).toMatchObject({
      command: 'RecordGuardian',
      payload: {
        childId: await whoIs('pupils', ARTYOM),
        relation: 'mother',
        fullName: 'Белова Ольга Сергеевна',
      },
    });
  });

  it('need a child that is on record', async () => {
    expect(messagesOf(await planOf('parents', HEADINGS + OLGA))).toEqual([
      [2, 'Этот человек не найден среди загруженных ранее'],
    ]);
  });
});

describe('classes', () => {
  const HEADINGS = 'Класс;Вид группы;Учебный год;Приказ\n';

  it('are approved together, and then created', async () => {
    const { commands } = await planOf('classes', `${HEADINGS}5 "а";;2025/2026;№ 325\nТеатр;кружок;;\n`, {
      groups: [],
    });
    expect(
      commands.map(({ row, command, payload: { groupId: _, ...rest } }) => ({ row, command, ...rest })),
    ).toEqual([
      {
        row: 1,
        command: 'ApproveNomenclature',
        schoolYear: '2025/2026',
        orderRef: '№ 325',
        groups: [
          { kind: 'class', title: '5А' },
          { kind: 'club', title: 'Театр' },
        ],
      },
      { row: 2, command: 'CreateGroup', kind: 'class', title: '5А' },
      { row: 3, command: 'CreateGroup', kind: 'club', title: 'Театр' },
    ]);
  });

  it('that are there already are the same groups', async () => {
    const { commands } = await planOf('classes', `${HEADINGS}5А;;2025/2026;№ 325\n`);
    expect(commands[1]?.payload.groupId).toBe(idOf('5А'));
  });

  it('need one order for all', async () => {
    await expect(planOf('classes', `${HEADINGS}5А;;2025/2026;№ 325\n5Б;;2025/2026;№ 326\n`)).rejects.toThrow(
      'В столбце «Приказ о номенклатуре» разные значения: строки 2 и 3',
    );
  });

  it('need an order at all', async () => {
    await expect(planOf('classes', `${HEADINGS}5А;;2025/2026;\n`)).rejects.toThrow(
      'Столбец «Приказ о номенклатуре» пуст',
    );
  });

  it('are 500 at most', async () => {
    const rows = Array.from({ length: 501 }, (_, index) => `Кружок ${index};кружок;2025/2026;№ 1\n`);
    await expect(planOf('classes', HEADINGS + rows.join(''))).rejects.toThrow('больше 500 строк');
  });
});

describe('class teachers', () => {
  const HEADINGS = 'Класс;Классный руководитель;Учебный год;Приказ\n';

  it('are approved together, and then attached', async () => {
    const { commands } = await planOf(
      'class-teachers',
      `${HEADINGS}5А;Соколова Мария Петровна;2025/2026;№ 326\n`,
      {
        people: await known(),
      },
    );
    const pair = { groupId: idOf('5А'), personId: await whoIs('staff', MARIA) };
    expect(commands).toEqual([
      {
        row: 1,
        command: 'ApproveClassTeacherDistribution',
        payload: { schoolYear: '2025/2026', orderRef: '№ 326', pairs: [pair] },
      },
      { row: 2, command: 'AssignClassTeacher', payload: pair },
    ]);
  });

  it('are one for a class', async () => {
    const rows = '5А;Соколова Мария Петровна;2025/2026;№ 326\n5а;Петров Игорь Львович;;\n';
    expect(messagesOf(await planOf('class-teachers', HEADINGS + rows, { people: await known() }))).toEqual([
      [3, 'Класс: то же самое уже есть в строке 2'],
    ]);
  });
});

describe('the teaching load', () => {
  it('is approved by one order', async () => {
    const { commands } = await planOf(
      'teaching-load',
      'Класс;Предмет;Учитель;Учебный год;Приказ\n5А;Математика;Соколова Мария Петровна;2025/2026;№ 327\n',
      { people: await known() },
    );
    expect(commands).toEqual([
      {
        row: 1,
        command: 'ApproveTeachingLoad',
        payload: {
          schoolYear: '2025/2026',
          orderRef: '№ 327',
          load: [{ groupId: idOf('5А'), subject: 'Математика', personId: await whoIs('staff', MARIA) }],
        },
      },
    ]);
  });
});

describe('chats', () => {
  const HEADINGS = 'Вид чата;Название;Класс;Владелец;Цель;Номер чата в MAX\n';

  it('are registered with their class and owner', async () => {
    const { commands } = await planOf(
      'chats',
      `${HEADINGS}ученики;5А — ученики;5А;Соколова Мария Петровна;;-71\n`,
      {
        people: await known(),
      },
    );
    expect(commands[0]?.payload).toEqual({
      maxChatId: '-71',
      kind: 'class_students',
      title: '5А — ученики',
      groupId: idOf('5А'),
      ownerId: await whoIs('staff', MARIA),
    });
  });

  it('without a number in MAX are told apart by kind, title and class', async () => {
    const rows =
      'другой;Музей;;Соколова Мария Петровна;Выставка;\nдругой; МУЗЕЙ;;Петров Игорь Львович;Выставка;\n';
    expect(messagesOf(await planOf('chats', HEADINGS + rows, { people: await known() }))).toEqual([
      [3, 'Чат: то же самое уже есть в строке 2'],
    ]);
  });
});

describe('links', () => {
  const HEADINGS = 'Куда ведёт;Класс или группа;Номер чата в MAX;Для кого;Действует до;Лимит;Ссылка\n';
  const URL = 'https://max.example/join/1';
  const row = ({ to = 'сообщество;;', until = '31.12.2036' } = {}): string =>
    `${HEADINGS}${to};учителя;${until};30;${URL}\n`;

  it('are good on the last day of their time, and kept as a digest', async () => {
    const { commands } = await planOf('links', row());
    const urlHash = createHash('sha256').update(URL).digest('hex');
    expect(commands[0]?.payload).toEqual({
      linkId: derivedId('import-link', ORGANIZATION, urlHash),
      targetKind: 'community',
      targetId: ORGANIZATION,
      platformRole: 'teacher',
      expiresAt: '2036-12-31T18:59:59.000Z',
      maxUses: 30,
      urlHash,
    });
  });

  it.each([
    ['a group', 'класс;5А;', idOf('5А')],
    ['a chat', 'чат;;-71', chatIdOf(ORGANIZATION, '-71')],
  ])('lead to %s', async (_what, to, targetId) => {
    const { commands } = await planOf('links', row({ to }));
    expect(commands[0]?.payload.targetId).toBe(targetId);
  });

  it('whose time is over are refused', async () => {
    expect(messagesOf(await planOf('links', row({ until: '16.11.2025' })))).toEqual([
      [2, 'Срок действия ссылки истёк'],
    ]);
  });
});

describe('movements', () => {
  const HEADINGS = 'ФИО;Номер;Движение;Приказ;Дата;Из класса;В класс\n';

  it('move whom the rosters know', async () => {
    const { commands } = await planOf(
      'movements',
      `${HEADINGS}Белов Артём Сергеевич;Б-118;переведен;№ 52-у;11.11.2025;5А;5Б\n` +
        'Соколова Мария Петровна;0417;уволена;№ 77-к;30.11.2025;;\n',
      { people: await known() },
    );
    expect(commands.map(({ payload }) => payload)).toEqual([
      expect.objectContaining({
        personId: await whoIs('pupils', ARTYOM),
        kind: 'transferred',
        fromGroup: idOf('5А'),
        toGroup: idOf('5Б'),
      }),
      expect.objectContaining({ personId: await whoIs('staff', MARIA), kind: 'dismissed' }),
    ]);
  });

  it('to another class say to which', async () => {
    const plan = await planOf('movements', `${HEADINGS}Белов Артём;Б-118;переведён;№ 52-у;11.11.2025;5А;\n`);
    expect(messagesOf(plan)).toEqual([[2, 'Не указано, куда переведён обучающийся']]);
  });
});

describe('a cell with a formula', () => {
  it('is a problem of its row, and is never evaluated', async () => {
    const { commands, problems } = await planOf('staff', `${STAFF}"=CMD(""x"")";1;;№ 1;01.09.2025\n`);
    expect(commands).toEqual([]);
    expect(problems).toEqual([
      {
        severity: 'error',
        row: 2,
        column: 'ФИО',
        message: 'В ячейке формула',
        remedy: 'Вставьте значение вместо формулы (Специальная вставка → Значения)',
      },
    ]);
  });
});

describe('a file without a good row', () => {
  it('tells what is wrong with its rows, not with the file', async () => {
    const { commands, problems } = await planOf('classes', 'Класс;Учебный год;Приказ\n5А;когда-то;№ 1\n');
    expect(commands).toEqual([]);
    expect(problems).toMatchObject([{ row: 2, column: 'Учебный год' }]);
  });
});

describe('a file of 100,000 rows', () => {
  it('is planned', async () => {
    const rows = Array.from(
      { length: 100_000 },
      (_, index) => `Иванов Иван;${index};01.01.2015;5А;№ 1;01.09.2025\n`,
    );
    const { commands } = await planOf('pupils' satisfies ImportKindName, PUPILS + rows.join(''));
    expect(commands).toHaveLength(100_000);
  });
});
