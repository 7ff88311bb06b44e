import { randomUUID } from 'node:crypto';
import { Workbook } from 'exceljs';
import { registerProjections } from '@letopis/audit';
import {
  AlternativeChannelProvided,
  BroadcastHeld,
  BroadcastScheduled,
  ConsentGiven,
  ConsentRefused,
  ConsentWithdrawn,
  DestructionActSigned,
  GroupCreated,
  GuardianRecorded,
  GuardianshipEnded,
  LocalActAcknowledged,
  LocalActIssued,
  LocalActRevoked,
  MemberMovementRecorded,
  OnlineSessionCancelled,
  OnlineSessionHeld,
  OnlineSessionScheduled,
  OrganizationProfileUpdated,
  PersonalDataDestroyed,
  PublicationPublished,
  PublicationWithdrawn,
  SessionAttendanceRecorded,
} from '@letopis/school';
import { startApplication, type TestApplication } from '../support/application';
import { RecordedSchool } from '../support/recorded-school';

let app: TestApplication;

beforeAll(async () => {
  app = await startApplication();
}, 60_000);

afterAll(() => app.stop());

const SEPTEMBER = '2025-09-01T05:00:00.000Z';
const OCTOBER = '2025-10-01T05:00:00.000Z';
const NOVEMBER = '2025-11-01T05:00:00.000Z';

type Movement = Parameters<typeof MemberMovementRecorded.of>[0];

/** A person on whom there is an order of September, or another. */
async function person(
  school: RecordedSchool,
  kind: Movement['kind'],
  order: Partial<Movement> = {},
): Promise<string> {
  const personId = order.personId ?? randomUUID();
  const effectiveAt = order.effectiveAt ?? SEPTEMBER;
  await school.happened(
    effectiveAt,
    MemberMovementRecorded.of({ orderRef: '№ 12', ...order, personId, kind, effectiveAt }),
  );
  return personId;
}

/** A parent of a pupil. */
async function parentOf(school: RecordedSchool, childId: string): Promise<string> {
  const personId = randomUUID();
  await school.happened(
    SEPTEMBER,
    GuardianRecorded.of({ personId, childId, relation: 'mother', at: SEPTEMBER }),
  );
  return personId;
}

describe('F9, the journal of publications', () => {
  async function published(school: RecordedSchool, at: string, title: string) {
    const data = {
      publicationId: randomUUID(),
      channelId: randomUUID(),
      channelTitle: 'Школа № 5: общий канал',
      title,
      suppliedBy: randomUUID(),
      by: randomUUID(),
      at,
      url: 'https://school5.example/news/1',
    };
    await school.happened(at, PublicationPublished.of(data));
    return data;
  }

  async function withdrawn(school: RecordedSchool, publicationId: string): Promise<void> {
    await school.happened(
      OCTOBER,
      PublicationWithdrawn.of({
        publicationId,
        channelId: randomUUID(),
        reason: 'Ошибка в датах',
        by: randomUUID(),
        at: OCTOBER,
      }),
    );
  }

  it('given a publication, then the row tells who supplied it, who published it and where', async () => {
    const school = await RecordedSchool.create(app);
    const { suppliedBy, by } = await published(school, SEPTEMBER, 'Расписание каникул');

    expect(await school.items('F9')).toMatchObject([
      {
        publishedAt: SEPTEMBER,
        channel: 'Школа № 5: общий канал',
        topic: 'Расписание каникул',
        suppliedBy: { id: suppliedBy },
        publishedBy: { id: by },
        url: 'https://school5.example/news/1',
        status: 'published',
        withdrawnAt: null,
      },
    ]);
  });

  it('given a publication that was withdrawn, then it stays, with the reason', async () => {
    const school = await RecordedSchool.create(app);
    const { publicationId } = await published(school, SEPTEMBER, 'Расписание каникул');
    await withdrawn(school, publicationId);

    expect(await school.items('F9')).toMatchObject([
      { status: 'withdrawn', withdrawnAt: OCTOBER, withdrawalReason: 'Ошибка в датах' },
    ]);
  });

  it('given a period and a status, then only such publications are listed', async () => {
    const school = await RecordedSchool.create(app);
    await published(school, SEPTEMBER, 'Сентябрь');
    await published(school, OCTOBER, 'Октябрь');
    const { publicationId } = await published(school, OCTOBER, 'Снято');
    await withdrawn(school, publicationId);

    expect(await school.items(`F9?from=${OCTOBER}&status=published`)).toMatchObject([{ topic: 'Октябрь' }]);
  });

  it('given CSV, then it is as the form has it', async () => {
    const school = await RecordedSchool.create(app);
    const { publicationId, suppliedBy, by } = await published(school, SEPTEMBER, 'Каникулы; «сроки»');
    await withdrawn(school, publicationId);

    expect((await school.ask('F9?format=csv')).text).toBe(
      [
        'Дата;Канал;Тема;Материал предоставил;Опубликовал;Ссылка;Состояние;Снято;Причина снятия',
        `01.09.2025 10:00;Школа № 5: общий канал;"Каникулы; «сроки»";${suppliedBy.slice(0, 8)};${by.slice(0, 8)};` +
          'https://school5.example/news/1;снято;01.10.2025 10:00;Ошибка в датах',
        '',
      ].join('\r\n'),
    );
  });
});

describe('F10, the journal of remote sessions', () => {
  type Plan = Parameters<typeof OnlineSessionScheduled.of>[0];

  async function scheduled(school: RecordedSchool, plan: Partial<Plan> = {}): Promise<string> {
    const sessionId = randomUUID();
    await school.happened(
      SEPTEMBER,
      OnlineSessionScheduled.of({
        sessionId,
        kind: 'lesson',
        format: 'online',
        subject: 'Математика',
        teacherId: randomUUID(),
        startsAt: OCTOBER,
        plannedMinutes: 30,
        ...plan,
      }),
    );
    return sessionId;
  }

  async function held(school: RecordedSchool, sessionId: string, actualMinutes = 28): Promise<void> {
    const endedAt = '2025-10-01T05:28:00.000Z';
    await school.happened(
      OCTOBER,
      OnlineSessionHeld.of({ sessionId, startedAt: OCTOBER, endedAt, actualMinutes }),
    );
  }

  async function attended(
    school: RecordedSchool,
    sessionId: string,
    present: string[],
    absent: string[] = [],
  ): Promise<void> {
    await school.happened(OCTOBER, SessionAttendanceRecorded.of({ sessionId, present, absent }));
  }

  async function classOf(school: RecordedSchool, title: string): Promise<string> {
    const groupId = randomUUID();
    await school.happened(SEPTEMBER, GroupCreated.of({ groupId, kind: 'class', title }));
    return groupId;
  }

  it('given a lesson that was held, then plan, fact and attendance stand in the row', async () => {
    const school = await RecordedSchool.create(app);
    const groupId = await classOf(school, '5А');
    const [teacherId, pupil] = [randomUUID(), await person(school, 'enrolled', { toGroup: groupId })];
    await person(school, 'enrolled', { toGroup: groupId });
    const sessionId = await scheduled(school, { groupId, teacherId });
    await held(school, sessionId);
    await attended(school, sessionId, [pupil]);

    expect(await school.items('F10')).toMatchObject([
      {
        date: OCTOBER,
        group: '5А',
        kind: 'lesson',
        topic: 'Математика',
        teacher: { id: teacherId },
        format: 'online',
        plannedMinutes: 30,
        actualMinutes: 28,
        present: 1,
        listed: 2,
        status: 'held',
        cancellationReason: null,
      },
    ]);
  });

  it('given pupils who come and go later, then the list of the lesson stays', async () => {
    const school = await RecordedSchool.create(app);
    const groupId = await classOf(school, '5А');
    const pupil = await person(school, 'enrolled', { toGroup: groupId });
    await scheduled(school, { groupId });
    await person(school, 'departed', { personId: pupil, fromGroup: groupId, effectiveAt: NOVEMBER });
    await person(school, 'enrolled', { toGroup: groupId, effectiveAt: NOVEMBER });
    await person(school, 'enrolled', { toGroup: groupId, effectiveAt: NOVEMBER });

    expect(await school.items('F10')).toMatchObject([{ listed: 1 }]);
  });

  it('given a pupil who changed classes before, then the list has the pupil no more', async () => {
    const school = await RecordedSchool.create(app);
    const [groupId, toGroup] = [await classOf(school, '5А'), await classOf(school, '5Б')];
    const personId = await person(school, 'enrolled', { toGroup: groupId });
    await person(school, 'enrolled', { toGroup: groupId });
    await person(school, 'transferred', {
      personId,
      fromGroup: groupId,
      toGroup,
      effectiveAt: '2025-09-10T00:00:00.000Z',
    });
    await scheduled(school, { groupId });

    expect(await school.items('F10')).toMatchObject([{ listed: 1 }]);
  });

  it('given a meeting, then those who were called are its list', async () => {
    const school = await RecordedSchool.create(app);
    const called = [randomUUID(), randomUUID(), randomUUID()];
    const sessionId = await scheduled(school, { kind: 'meeting', participantIds: called });
    await attended(school, sessionId, called.slice(0, 2));

    expect(await school.items('F10')).toMatchObject([{ kind: 'meeting', present: 2, listed: 3 }]);
  });

  it('given attendance that was corrected, then the later record counts', async () => {
    const school = await RecordedSchool.create(app);
    const [one, two] = [randomUUID(), randomUUID()];
    const sessionId = await scheduled(school, { kind: 'parent_meeting' });
    await attended(school, sessionId, [one, two]);
    await attended(school, sessionId, [one], [two]);

    expect(await school.items('F10')).toMatchObject([{ present: 1, listed: 2 }]);
  });

  it('given a session that was cancelled, then the reason is told', async () => {
    const school = await RecordedSchool.create(app);
    const sessionId = await scheduled(school);
    await school.happened(OCTOBER, OnlineSessionCancelled.of({ sessionId, reason: 'Болезнь педагога' }));

    expect(await school.items('F10?status=cancelled')).toMatchObject([
      { date: OCTOBER, cancellationReason: 'Болезнь педагога', actualMinutes: null },
    ]);
  });

  it('given something that was held without a plan, then it has a row', async () => {
    const school = await RecordedSchool.create(app);
    await held(school, randomUUID());

    expect(await school.items('F10')).toMatchObject([
      { kind: null, plannedMinutes: null, actualMinutes: 28, status: 'held' },
    ]);
  });

  it('given a broadcast, then those who watched it count', async () => {
    const school = await RecordedSchool.create(app);
    const [sessionId, organizerId] = [randomUUID(), randomUUID()];
    const endsAt = '2025-10-01T06:30:00.000Z';
    await school.happened(
      SEPTEMBER,
      BroadcastScheduled.of({
        sessionId,
        topic: 'День учителя',
        startsAt: OCTOBER,
        endsAt,
        plannedMinutes: 90,
        organizerId,
      }),
    );
    await school.happened(
      OCTOBER,
      BroadcastHeld.of({ sessionId, startedAt: OCTOBER, endedAt: endsAt, actualMinutes: 90, viewers: 214 }),
    );

    expect(await school.items('F10')).toMatchObject([
      { kind: 'broadcast', topic: 'День учителя', teacher: { id: organizerId }, present: 214, listed: null },
    ]);
  });

  it('given a class, then only its sessions are listed', async () => {
    const school = await RecordedSchool.create(app);
    const [one, two] = [await classOf(school, '5А'), await classOf(school, '6Б')];
    await scheduled(school, { groupId: one });
    await scheduled(school, { groupId: two, subject: 'Физика' });
    await scheduled(school, { kind: 'meeting' });

    expect(await school.items(`F10?class=${two}`)).toMatchObject([{ group: '6Б', topic: 'Физика' }]);
  });

  it('given XLSX, then minutes are summed up', async () => {
    const school = await RecordedSchool.create(app);
    await held(school, await scheduled(school));
    await held(school, await scheduled(school, { plannedMinutes: 40 }), 35);
    const { token } = await app.as('director', { organizationId: school.organizationId });
    await app.core.projections.advance();

    const response = await fetch(
      `${app.url}/v1/organizations/${school.organizationId}/registers/F10?format=xlsx`,
      { headers: { authorization: `Bearer ${token}` } },
    );
    const book = new Workbook();
    await book.xlsx.load(await response.arrayBuffer());

    const [sheet] = book.worksheets;
    expect(['A4', 'G4', 'H4', 'I4'].map((cell) => sheet?.getCell(cell).value)).toEqual([
      'Итого',
      70,
      63,
      null,
    ]);
  });
});

describe('F11, acts of destruction', () => {
  const destroyed = {
    actNo: '3',
    categories: ['фамилия, имя, отчество', 'номер телефона'],
    informationSystem: 'Летопись',
    reason: 'Отзыв согласия',
  };

  async function addressed(school: RecordedSchool, address: string): Promise<void> {
    await school.happened(
      SEPTEMBER,
      OrganizationProfileUpdated.of({ changedFields: ['address'], before: {}, after: { address } }),
    );
  }

  async function signed(school: RecordedSchool, subjectId: string, processor?: string) {
    const signers = [
      { personId: randomUUID(), position: 'Ответственный за обработку персональных данных' },
      { personId: randomUUID(), position: 'Заместитель директора' },
    ];
    await school.happened(
      OCTOBER,
      DestructionActSigned.of({
        subjectId,
        ...destroyed,
        date: '2025-10-01',
        signers,
        logExportRef: 'Выгрузка № 3',
        ...(processor !== undefined && { processor }),
      }),
    );
    return signers;
  }

  async function carriedOut(school: RecordedSchool, subjectId: string, by: string): Promise<void> {
    await school.happened(
      NOVEMBER,
      PersonalDataDestroyed.of({ subjectId, ...destroyed, at: NOVEMBER, method: 'key_destroyed', by }),
    );
    await school.destroyed(subjectId);
  }

  it('given an act that is signed, then it is shown as not carried out', async () => {
    const school = await RecordedSchool.create(app);
    await addressed(school, 'г. Ясногорск, ул. Школьная, д. 5');
    const subjectId = await person(school, 'enrolled', { fullName: 'Ветров Илья Олегович' });
    const signers = await signed(school, subjectId, 'ООО «Обработчик»');

    expect(await school.items('F11')).toMatchObject([
      {
        actNo: '3',
        actDate: '2025-10-01',
        operator: 'МБОУ «Школа № 5»',
        operatorAddress: 'г. Ясногорск, ул. Школьная, д. 5',
        processor: 'ООО «Обработчик»',
        subject: { id: subjectId, name: 'Ветров Илья Олегович' },
        signers: signers.map(({ personId }) => ({ id: personId })),
        positions: ['Ответственный за обработку персональных данных', 'Заместитель директора'],
        signedAt: OCTOBER,
        categories: ['фамилия, имя, отчество', 'номер телефона'],
        informationSystem: 'Летопись',
        method: null,
        reason: 'Отзыв согласия',
        destroyedAt: null,
        status: 'signed',
        logExportRef: 'Выгрузка № 3',
        extractSubject: null,
        extractCategories: [],
        extractDate: null,
      },
    ]);
  });

  it('given that it was carried out, then the extract of the log stands beside the act', async () => {
    const school = await RecordedSchool.create(app);
    const [subjectId, officer] = [
      await person(school, 'enrolled', { fullName: 'Ветров Илья' }),
      randomUUID(),
    ];
    await signed(school, subjectId);
    await carriedOut(school, subjectId, officer);

    const subject = { id: subjectId, state: 'destroyed' };
    expect(await school.items('F11')).toMatchObject([
      {
        subject,
        method: 'key_destroyed',
        destroyedAt: NOVEMBER,
        destroyedBy: { id: officer },
        status: 'destroyed',
        extractSubject: subject,
        extractCategories: destroyed.categories,
        extractInformationSystem: 'Летопись',
        extractReason: 'Отзыв согласия',
        extractDate: NOVEMBER,
      },
    ]);
  });

  it('given CSV, then the data of the subject are said to be destroyed', async () => {
    const school = await RecordedSchool.create(app);
    const subjectId = await person(school, 'enrolled', { fullName: 'Ветров Илья' });
    await signed(school, subjectId);
    await carriedOut(school, subjectId, randomUUID());

    const { text } = await school.ask('F11?format=csv');

    expect(text.split(';данные уничтожены;')).toHaveLength(3);
    expect(text).not.toContain('Ветров');
  });

  it('given a school that moves after the act, then the act keeps the address', async () => {
    const school = await RecordedSchool.create(app);
    await addressed(school, 'ул. Школьная, д. 5');
    await signed(school, randomUUID());
    await addressed(school, 'ул. Новая, д. 1');

    expect(await school.items('F11')).toMatchObject([{ operatorAddress: 'ул. Школьная, д. 5' }]);
  });

  it('given an address that is entered after the act, then it is told', async () => {
    const school = await RecordedSchool.create(app);
    await signed(school, randomUUID());
    await addressed(school, 'ул. Школьная, д. 5');

    expect(await school.items('F11')).toMatchObject([{ operatorAddress: 'ул. Школьная, д. 5' }]);
  });

  it('given a status, then only such acts are listed', async () => {
    const school = await RecordedSchool.create(app);
    const [open, done] = [randomUUID(), randomUUID()];
    await signed(school, open);
    await signed(school, done);
    await carriedOut(school, done, randomUUID());

    expect(await school.items('F11?status=signed')).toMatchObject([{ subject: { id: open } }]);
  });

  it('given a period, then the day of the destruction counts', async () => {
    const school = await RecordedSchool.create(app);
    const done = randomUUID();
    await signed(school, randomUUID());
    await signed(school, done);
    await carriedOut(school, done, randomUUID());

    expect(await school.items(`F11?from=${NOVEMBER}`)).toMatchObject([{ subject: { id: done } }]);
  });
});

describe('F12, the acknowledgement sheet', () => {
  async function issued(
    school: RecordedSchool,
    {
      actId = randomUUID(),
      version = '2025-08-29',
      number = '324',
    }: { actId?: string; version?: string; number?: string } = {},
  ): Promise<string> {
    await school.happened(
      SEPTEMBER,
      LocalActIssued.of({
        actId,
        kind: 'order',
        number,
        date: '2025-08-29',
        titleRu: 'Об использовании ИКОП «Сферум»',
        clausesVersion: version,
        legalBasis: ['273-ФЗ'],
        fileSha256: 'e'.repeat(64),
      }),
    );
    return actId;
  }

  async function acknowledged(
    school: RecordedSchool,
    actId: string,
    personId: string,
    { at = OCTOBER, version }: { at?: string; version?: string } = { version: '2025-08-29' },
  ): Promise<void> {
    await school.happened(
      at,
      LocalActAcknowledged.of({
        actId,
        personId,
        method: 'signature',
        at,
        ...(version !== undefined && { clausesVersion: version }),
      }),
    );
  }

  it('given staff, parents and an act, then it tells of each whether they acknowledged it', async () => {
    const school = await RecordedSchool.create(app);
    const [teacher, pupil] = [await person(school, 'hired'), await person(school, 'enrolled')];
    const mother = await parentOf(school, pupil);
    const actId = await issued(school);
    await acknowledged(school, actId, teacher);

    expect(await school.items('F12')).toMatchObject([
      {
        person: { id: teacher },
        roles: ['staff'],
        act: 'Об использовании ИКОП «Сферум»',
        actRef: 'Приказ № 324 от 29.08.2025',
        version: '2025-08-29',
        acknowledgedAt: OCTOBER,
        method: 'signature',
        status: 'acknowledged',
      },
      { person: { id: mother }, roles: ['parent'], acknowledgedAt: null, method: null, status: 'pending' },
    ]);
  });

  it('given somebody in both roles, then both are told', async () => {
    const school = await RecordedSchool.create(app);
    const mother = await parentOf(school, await person(school, 'enrolled'));
    await person(school, 'hired', { personId: mother });
    await issued(school);

    expect(await school.items('F12')).toMatchObject([{ roles: ['staff', 'parent'] }]);
  });

  it('given an act and a status, then only such rows are listed', async () => {
    const school = await RecordedSchool.create(app);
    const [signer, other] = [await person(school, 'hired'), await person(school, 'hired')];
    const actId = await issued(school);
    await issued(school, { number: '325' });
    await acknowledged(school, actId, signer);

    expect(await school.items(`F12?act=${actId}&status=pending`)).toMatchObject([
      { person: { id: other }, actRef: 'Приказ № 324 от 29.08.2025' },
    ]);
  });

  it('given somebody who left, then only what they acknowledged stays', async () => {
    const school = await RecordedSchool.create(app);
    const teacher = await person(school, 'hired');
    await acknowledged(school, await issued(school), teacher);
    await issued(school, { number: '325' });
    await person(school, 'dismissed', { personId: teacher, effectiveAt: NOVEMBER });

    expect(await school.items('F12')).toMatchObject([
      { person: { id: teacher }, roles: ['unlisted'], status: 'acknowledged' },
    ]);
  });

  it('given a guardianship that ended, then nothing is to be acknowledged', async () => {
    const school = await RecordedSchool.create(app);
    const childId = await person(school, 'enrolled');
    const personId = await parentOf(school, childId);
    await issued(school);
    await school.happened(
      OCTOBER,
      GuardianshipEnded.of({ personId, childId, reason: 'Решение суда', at: OCTOBER }),
    );

    expect(await school.items('F12')).toEqual([]);
  });

  it('given a new version of an act, then it is to be acknowledged anew', async () => {
    const school = await RecordedSchool.create(app);
    const teacher = await person(school, 'hired');
    const actId = await issued(school);
    await acknowledged(school, actId, teacher);
    await issued(school, { actId, version: '2026-01-10' });

    expect(await school.items('F12')).toMatchObject([
      { version: '2025-08-29', status: 'acknowledged' },
      { version: '2026-01-10', status: 'pending' },
    ]);
  });

  it('given an act that was revoked, then only those who acknowledged it stay', async () => {
    const school = await RecordedSchool.create(app);
    const teacher = await person(school, 'hired');
    await person(school, 'hired');
    const actId = await issued(school);
    await acknowledged(school, actId, teacher);
    await school.happened(
      NOVEMBER,
      LocalActRevoked.of({ actId, reason: 'Протест прокурора', byOrder: '№ 41' }),
    );

    expect(await school.items('F12')).toMatchObject([{ person: { id: teacher } }]);
  });

  it('given an earlier day that comes in later, then the sheet has the earlier one', async () => {
    const school = await RecordedSchool.create(app);
    const teacher = await person(school, 'hired');
    const actId = await issued(school);
    await acknowledged(school, actId, teacher);
    await acknowledged(school, actId, teacher, { at: SEPTEMBER, version: '2025-08-29' });

    expect(await school.items('F12')).toMatchObject([{ acknowledgedAt: SEPTEMBER }]);
  });

  it('given an act that was not on record, then its version is not known', async () => {
    const school = await RecordedSchool.create(app);
    await acknowledged(school, randomUUID(), randomUUID(), {});

    expect(await school.items('F12')).toMatchObject([{ act: null, actRef: null, version: null }]);
  });

  it('given people and acts that come between two pages, then each row is on one of them', async () => {
    const school = await RecordedSchool.create(app);
    await issued(school);
    for (let one = 0; one < 3; one++) await person(school, 'hired');

    const first = await school.ask('F12?limit=2');
    await issued(school, { number: '325' });
    await person(school, 'hired');
    const second = await school.ask(`F12?cursor=${first.body.nextCursor ?? ''}`);

    const rows = [...first.body.items, ...second.body.items].map((row) =>
      JSON.stringify([row.person, row.actRef]),
    );
    expect([rows.length, new Set(rows).size]).toEqual([8, 8]);
  });
});

describe('F13, the register of consents and refusals', () => {
  type Declaration = { personId: string; onBehalfOf?: string; purpose: 'platform_use' | 'publication' };

  async function consented(school: RecordedSchool, at: string, declaration: Declaration): Promise<void> {
    await school.happened(at, ConsentGiven.of({ ...declaration, documentRef: 'Согласие № 17', at }));
  }

  async function refused(school: RecordedSchool, at: string, declaration: Declaration): Promise<void> {
    await school.happened(at, ConsentRefused.of({ ...declaration, at }));
  }

  async function withdrew(school: RecordedSchool, at: string, declaration: Declaration): Promise<void> {
    await school.happened(at, ConsentWithdrawn.of({ ...declaration, receivedAt: at }));
  }

  const declaration = (): Required<Declaration> => ({
    personId: randomUUID(),
    onBehalfOf: randomUUID(),
    purpose: 'platform_use',
  });

  it('given a consent of a parent, then the pupil is the subject and the parent the representative', async () => {
    const school = await RecordedSchool.create(app);
    const said = declaration();
    await consented(school, SEPTEMBER, said);

    expect(await school.items('F13')).toMatchObject([
      {
        subject: { id: said.onBehalfOf },
        representative: { id: said.personId },
        purpose: 'platform_use',
        document: 'Согласие № 17',
        declaredAt: SEPTEMBER,
        withdrawnAt: null,
        alternativeChannel: null,
        status: 'given',
      },
    ]);
  });

  it('given somebody who speaks for themselves, then there is no representative', async () => {
    const school = await RecordedSchool.create(app);
    const { personId, purpose } = declaration();
    await consented(school, SEPTEMBER, { personId, purpose });

    expect(await school.items('F13')).toMatchObject([{ subject: { id: personId }, representative: null }]);
  });

  it('given a withdrawal, then the consent tells when, and the channel instead', async () => {
    const school = await RecordedSchool.create(app);
    const said = declaration();
    const { personId, onBehalfOf } = said;
    await consented(school, SEPTEMBER, said);
    await withdrew(school, OCTOBER, said);
    await school.happened(
      OCTOBER,
      AlternativeChannelProvided.of({ personId, onBehalfOf, channel: 'e_diary', at: OCTOBER }),
    );

    expect(await school.items('F13')).toMatchObject([
      { withdrawnAt: OCTOBER, alternativeChannel: 'e_diary', status: 'withdrawn' },
    ]);
  });

  it('given a consent that comes in after its withdrawal, then it is withdrawn', async () => {
    const school = await RecordedSchool.create(app);
    const said = declaration();
    await withdrew(school, OCTOBER, said);
    await consented(school, SEPTEMBER, said);

    expect(await school.items('F13')).toMatchObject([{ declaredAt: SEPTEMBER, withdrawnAt: OCTOBER }]);
  });

  it('given a consent after the withdrawal, then it is in force', async () => {
    const school = await RecordedSchool.create(app);
    const said = declaration();
    await consented(school, SEPTEMBER, said);
    await withdrew(school, OCTOBER, said);
    await consented(school, NOVEMBER, said);

    expect(await school.items('F13')).toMatchObject([{ status: 'withdrawn' }, { status: 'given' }]);
  });

  it('given a withdrawal for another purpose, then the consent is in force', async () => {
    const school = await RecordedSchool.create(app);
    const said = declaration();
    await consented(school, SEPTEMBER, said);
    await withdrew(school, OCTOBER, { ...said, purpose: 'publication' });

    expect(await school.items('F13')).toMatchObject([
      { purpose: 'platform_use', status: 'given' },
      { purpose: 'publication', document: null, declaredAt: null, withdrawnAt: OCTOBER },
    ]);
  });

  it('given a refusal after a consent, then the consent has ended', async () => {
    const school = await RecordedSchool.create(app);
    const said = declaration();
    await consented(school, SEPTEMBER, said);
    await refused(school, OCTOBER, said);

    expect(await school.items('F13')).toMatchObject([
      { status: 'withdrawn', withdrawnAt: OCTOBER },
      { status: 'refused', declaredAt: OCTOBER },
    ]);
  });

  it('given a consent after a refusal, then it is no refusal any more', async () => {
    const school = await RecordedSchool.create(app);
    const said = declaration();
    await refused(school, SEPTEMBER, said);
    await consented(school, OCTOBER, said);

    expect(await school.items('F13?status=refused')).toEqual([]);
  });

  it('given a refusal to publish, then no other channel is owed', async () => {
    const school = await RecordedSchool.create(app);
    const { personId, onBehalfOf } = declaration();
    await refused(school, SEPTEMBER, { personId, onBehalfOf, purpose: 'publication' });
    await school.happened(
      OCTOBER,
      AlternativeChannelProvided.of({ personId, onBehalfOf, channel: 'paper', at: OCTOBER }),
    );

    expect(await school.items('F13')).toMatchObject([{ status: 'refused', alternativeChannel: null }]);
  });

  it('given a period, then only what was declared in it is listed', async () => {
    const school = await RecordedSchool.create(app);
    await consented(school, SEPTEMBER, declaration());
    await refused(school, OCTOBER, declaration());

    expect(await school.items(`F13?from=${OCTOBER}&to=${NOVEMBER}`)).toMatchObject([{ status: 'refused' }]);
  });
});

it('given everything that happened here, then views that are built anew are the same', async () => {
  await app.core.projections.advance();

  const rebuilt = await app.core.projections.rebuild(registerProjections.map(({ name }) => name));

  expect(rebuilt.filter(({ equal, switched }) => equal !== true || !switched)).toEqual([]);
});
