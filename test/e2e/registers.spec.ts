import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Workbook } from 'exceljs';
import { registerProjections, registers } from '@letopis/audit';
import {
  AccountLinked,
  ChatAdminGranted,
  ChatMemberAdded,
  ChatMemberRemoved,
  ChatRegistered,
  ChatRosterSnapshotTaken,
  GroupCreated,
  GuardianRecorded,
  IncidentClosed,
  IncidentInvestigationCompleted,
  InvitationLinkCreated,
  InvitationLinkRevoked,
  InvitationLinkSent,
  InvitationLinkUsed,
  MeasureRecorded,
  MemberDataCorrected,
  MemberJoined,
  MemberMovementRecorded,
  MemberRemoved,
  PersonalDataImpactAssessed,
  RegulatorInitialNoticeSent,
  UnauthorizedAccessReported,
  ViolationConfirmed,
  ViolationReported,
} from '@letopis/school';
import { type Client, startApplication, type TestApplication } from '../support/application';
import { RecordedSchool } from '../support/recorded-school';

let app: TestApplication;

beforeAll(async () => {
  app = await startApplication();
}, 60_000);

afterAll(() => app.stop());

/** A school of its own for each test, and what happened there. */
class School extends RecordedSchool {
  static async open(timeZone = 'Asia/Yekaterinburg'): Promise<School> {
    return new School(app, await app.createSchool(timeZone));
  }

  async hired(personId: string, fullName?: string): Promise<void> {
    await this.happened(
      SEPTEMBER,
      MemberMovementRecorded.of({
        personId,
        kind: 'hired',
        orderRef: '№ 12-к',
        effectiveAt: SEPTEMBER,
        ...(fullName !== undefined && { fullName }),
      }),
    );
  }

  async enrolled(personId: string, toGroup: string): Promise<void> {
    await this.happened(
      SEPTEMBER,
      MemberMovementRecorded.of({
        personId,
        kind: 'enrolled',
        orderRef: '№ 3',
        effectiveAt: SEPTEMBER,
        toGroup,
      }),
    );
  }

  async linkCreated(issuerId: string, at = SEPTEMBER): Promise<string> {
    const linkId = randomUUID();
    await this.happened(
      at,
      InvitationLinkCreated.of({
        linkId,
        targetKind: 'community',
        targetId: this.organizationId,
        platformRole: 'teacher',
        issuer: { personId: issuerId, role: 'platform_admin' },
        expiresAt: '2036-09-15T00:00:00.000Z',
        maxUses: 30,
        urlHash: 'a'.repeat(64),
      }),
    );
    return linkId;
  }

  /** A class of this title, and a live chat of it. */
  async classChat(title: string, kind: 'class_students' | 'class_parents', ownerId = randomUUID()) {
    const [groupId, chatId] = [randomUUID(), randomUUID()];
    await this.happened(SEPTEMBER, GroupCreated.of({ groupId, kind: 'class', title }));
    await this.happened(
      SEPTEMBER,
      ChatRegistered.of({ chatId, kind, title: `${title} – чат`, groupId, ownerId, basis: 'Приказ № 326' }),
    );
    return { groupId, chatId };
  }
}

const SEPTEMBER = '2025-09-01T05:00:00.000Z';

describe('the list of registers', () => {
  it('given an inspector, then it tells the forms, their columns and their filters', async () => {
    const school = await School.open();

    const { body } = await (
      await school.reader('inspector')
    ).get<{
      registers: readonly { form: string; columns: readonly object[]; filters: readonly object[] }[];
    }>('registers');

    expect(body.registers.map(({ form }) => form)).toEqual(registers.map(({ form }) => form));
    expect(body.registers.find(({ form }) => form === 'F3')).toMatchObject({
      nameRu: 'Журнал ссылок-приглашений',
      columns: expect.arrayContaining([
        { key: 'uses', headingRu: 'Факт. использований', type: 'number', total: true },
      ]),
      filters: [
        { name: 'from' },
        { name: 'to' },
        { name: 'class' },
        { name: 'status', values: { live: 'действует', revoked: 'аннулирована', expired: 'истекла' } },
      ],
    });
  });
});

describe.each(registers.map((register) => [register.form, register] as const))('%s', (form, register) => {
  it('given a school without anything, then it is empty, in every format', async () => {
    const school = await School.open();

    const [json, csv, xlsx] = await Promise.all(
      ['json', 'csv', 'xlsx'].map((format) => school.ask(`${form}?format=${format}`)),
    );

    expect(json?.body).toEqual({ form, nameRu: register.nameRu, items: [] });
    expect(csv?.text.split('\r\n')).toHaveLength(2);
    expect(xlsx?.status).toBe(200);
  });
});

describe('who is shown', () => {
  it('given a name in an order, then the director reads it', async () => {
    const school = await School.open();
    const anna = randomUUID();
    await school.hired(anna, 'Соколова Анна Петровна');
    await school.linkCreated(anna);

    expect(await school.items('F3')).toMatchObject([
      { number: 1, createdBy: { id: anna, state: 'shown', name: 'Соколова Анна Петровна' } },
    ]);
  });

  it.each(['inspector', 'founder'] as const)('given an %s, then names are hidden', async (role) => {
    const school = await School.open();
    const anna = randomUUID();
    await school.hired(anna, 'Соколова Анна Петровна');
    await school.linkCreated(anna);

    const { text } = await school.ask('F3?format=csv', role);

    expect(text).toContain(';скрыто;');
    expect(text).not.toContain('Соколова');
  });

  it('given somebody without a name on record, then the id tells who it is', async () => {
    const school = await School.open();
    const anna = randomUUID();
    await school.linkCreated(anna);

    expect((await school.ask('F3?format=csv')).text).toContain(`;${anna.slice(0, 8)};`);
  });

  it('given somebody whose data were destroyed, then it says so', async () => {
    const school = await School.open();
    const anna = randomUUID();
    await school.hired(anna, 'Соколова Анна Петровна');
    await school.linkCreated(anna);

    await app.core.vault.destroy({ organizationId: school.organizationId, subjectId: anna });

    expect((await school.ask('F3?format=csv')).text).toContain(';данные уничтожены;');
  });

  it('given a name that was corrected, then both are told', async () => {
    const school = await School.open();
    const anna = randomUUID();
    await school.hired(anna, 'Белова Анна Петровна');
    await school.happened(
      '2025-10-01T00:00:00.000Z',
      MemberDataCorrected.of({
        personId: anna,
        fields: ['fullName'],
        basis: 'Свидетельство о браке',
        fullName: 'Соколова Анна Петровна',
      }),
    );
    await school.linkCreated(anna);

    expect(await school.items('F3')).toMatchObject([
      { createdBy: { name: 'Соколова Анна Петровна', formerNames: ['Белова Анна Петровна'] } },
    ]);
  });

  it('given an older name that came in late, then the newer one stands', async () => {
    const school = await School.open();
    const anna = randomUUID();
    await school.hired(anna, 'Соколова Анна Петровна');
    await school.happened(
      '2025-08-01T00:00:00.000Z',
      MemberMovementRecorded.of({
        personId: anna,
        kind: 'leave',
        orderRef: '№ 1',
        effectiveAt: SEPTEMBER,
        fullName: 'Белова Анна Петровна',
      }),
    );
    await school.linkCreated(anna);

    expect(await school.items('F3')).toMatchObject([
      { createdBy: { name: 'Соколова Анна Петровна', formerNames: ['Белова Анна Петровна'] } },
    ]);
  });
});

describe('F3, the journal of invitation links', () => {
  it('given a link that was sent, used and revoked, then the row tells all of it', async () => {
    const school = await School.open();
    const [admin, teacher] = [randomUUID(), randomUUID()];
    const linkId = await school.linkCreated(admin);
    await school.happened(
      SEPTEMBER,
      InvitationLinkSent.of({ linkId, recipientIds: [teacher], channel: 'email' }),
    );
    await school.happened(SEPTEMBER, InvitationLinkUsed.of({ linkId, personId: teacher, at: SEPTEMBER }));
    await school.happened(
      '2025-09-20T05:00:00.000Z',
      InvitationLinkRevoked.of({ linkId, reason: 'unclaimed', by: admin }),
    );

    expect(await school.items('F3')).toMatchObject([
      {
        createdAt: SEPTEMBER,
        createdBy: { id: admin },
        targetKind: 'community',
        target: 'МБОУ «Школа № 5»',
        platformRole: 'teacher',
        maxUses: 30,
        uses: 1,
        sentTo: [{ id: teacher }],
        revokedAt: '2025-09-20T05:00:00.000Z',
        revokedBy: { id: admin },
        revocationReason: 'unclaimed',
        status: 'revoked',
      },
    ]);
  });

  it('given a filter of status, then only such links are listed, under their own numbers', async () => {
    const school = await School.open();
    const revoked = await school.linkCreated(randomUUID());
    await school.linkCreated(randomUUID());
    await school.happened(
      SEPTEMBER,
      InvitationLinkRevoked.of({ linkId: revoked, reason: 'manual', by: randomUUID() }),
    );

    expect(await school.items('F3?status=live')).toMatchObject([{ number: 2, status: 'live' }]);
  });

  it('given a period, then its end is not in it', async () => {
    const school = await School.open();
    await school.linkCreated(randomUUID(), '2025-09-01T00:00:00.000Z');
    await school.linkCreated(randomUUID(), '2025-10-01T00:00:00.000Z');

    expect(await school.items('F3?from=2025-09-01T00:00:00Z&to=2025-10-01T00:00:00Z')).toMatchObject([
      { number: 1 },
    ]);
  });

  it('given pages, then they hold each row once, in order, whatever is recorded between them', async () => {
    const school = await School.open();
    for (let link = 0; link < 3; link++) await school.linkCreated(randomUUID());

    const first = await school.ask('F3?limit=2');
    await school.linkCreated(randomUUID());
    const second = await school.ask(`F3?limit=2&cursor=${first.body.nextCursor ?? ''}`);

    expect([first, second].map(({ body }) => body.items.map(({ number }) => number))).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(second.body.nextCursor).toBeUndefined();
  });
});

describe('F2, the register of chats', () => {
  it('given a chat of a class, then its members are counted by the list and as they are', async () => {
    const school = await School.open();
    const [teacher, pupil, absent, stranger] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const { groupId, chatId } = await school.classChat('5А', 'class_students', teacher);
    await school.hired(teacher);
    await school.enrolled(pupil, groupId);
    await school.enrolled(absent, groupId);
    for (const personId of [teacher, pupil, stranger]) {
      await school.happened(
        SEPTEMBER,
        ChatMemberAdded.of({ chatId, personId, via: 'inviter', at: SEPTEMBER }),
      );
    }
    await school.happened(SEPTEMBER, ChatAdminGranted.of({ chatId, personId: teacher, at: SEPTEMBER }));

    expect(await school.items('F2')).toMatchObject([
      {
        number: 1,
        title: '5А – чат',
        group: '5А',
        owner: { id: teacher },
        admins: [{ id: teacher }],
        basis: 'Приказ № 326',
        listed: 2,
        actual: 3,
        strangers: [{ id: stranger }],
        reconciledAt: null,
        status: 'live',
      },
    ]);
  });

  it('given a list that was read off the chat, then it counts, and what happened since', async () => {
    const school = await School.open();
    const { chatId } = await school.classChat('5А', 'class_students');
    const [gone, stays, comes] = [randomUUID(), randomUUID(), randomUUID()];
    const taken = '2025-09-10T00:00:00.000Z';
    await school.happened(
      SEPTEMBER,
      ChatMemberAdded.of({ chatId, personId: gone, via: 'sync', at: SEPTEMBER }),
    );
    await school.happened(
      taken,
      ChatRosterSnapshotTaken.of({ chatId, memberIds: [stays], adminIds: [], takenAt: taken, source: 'api' }),
    );
    const since = '2025-09-11T00:00:00.000Z';
    await school.happened(since, ChatMemberAdded.of({ chatId, personId: comes, via: 'sync', at: since }));

    const [row] = await school.items('F2');

    expect(row).toMatchObject({ actual: 2, reconciledAt: taken });
    expect(row?.strangers).toEqual([stays, comes].sort().map((id) => ({ id, state: 'unnamed' })));
  });

  it('given parents, then those of the class are on the list and others are strangers', async () => {
    const school = await School.open();
    const { groupId, chatId } = await school.classChat('5А', 'class_parents');
    const [pupil, mother, other] = [randomUUID(), randomUUID(), randomUUID()];
    await school.enrolled(pupil, groupId);
    await school.happened(
      SEPTEMBER,
      GuardianRecorded.of({ personId: mother, childId: pupil, relation: 'mother', at: SEPTEMBER }),
    );
    for (const personId of [mother, other]) {
      await school.happened(SEPTEMBER, ChatMemberAdded.of({ chatId, personId, via: 'sync', at: SEPTEMBER }));
    }

    expect(await school.items('F2')).toMatchObject([{ listed: 1, actual: 2, strangers: [{ id: other }] }]);
  });

  it('given an account that is linked to a person later, then it was that person before', async () => {
    const school = await School.open();
    const { groupId, chatId } = await school.classChat('5А', 'class_students');
    const [pupil, account] = [randomUUID(), randomUUID()];
    await school.enrolled(pupil, groupId);
    await school.happened(
      SEPTEMBER,
      ChatMemberAdded.of({
        chatId,
        externalUserId: account,
        displayName: 'Вася',
        via: 'sync',
        at: SEPTEMBER,
      }),
    );
    const before = await school.items('F2');
    await school.happened(
      '2025-10-01T00:00:00.000Z',
      AccountLinked.of({
        personId: pupil,
        externalUserId: account,
        basis: 'Подтвердил классный руководитель',
      }),
    );

    expect([before, await school.items('F2')]).toMatchObject([
      [{ actual: 1, strangers: [{ id: account, name: 'Вася' }] }],
      [{ actual: 1, strangers: [] }],
    ]);
  });

  it('given a class, then only its chats are listed', async () => {
    const school = await School.open();
    await school.classChat('5А', 'class_students');
    const { groupId } = await school.classChat('6Б', 'class_students');

    expect(await school.items(`F2?class=${groupId}`)).toMatchObject([{ number: 2, group: '6Б' }]);
  });
});

describe('F5, the journal of movement', () => {
  const EFFECT = '2025-11-01T00:00:00.000Z';

  /** A teacher in the community and a chat, dismissed from the first of November. */
  async function dismissed() {
    const school = await School.open();
    const teacher = randomUUID();
    await school.hired(teacher);
    const { chatId } = await school.classChat('5А', 'class_students', teacher);
    await school.happened(
      SEPTEMBER,
      MemberJoined.of({ personId: teacher, platformRole: 'teacher', via: 'auto_sync', at: SEPTEMBER }),
    );
    await school.happened(
      SEPTEMBER,
      ChatMemberAdded.of({ chatId, personId: teacher, via: 'sync', at: SEPTEMBER }),
    );
    await school.happened(
      '2025-10-25T00:00:00.000Z',
      MemberMovementRecorded.of({
        personId: teacher,
        kind: 'dismissed',
        orderRef: '№ 40-к от 25.10.2025',
        effectiveAt: EFFECT,
      }),
    );
    const removed = async (at: string): Promise<void> => {
      const by = randomUUID();
      await school.happened(at, ChatMemberRemoved.of({ chatId, personId: teacher, by, at }));
      await school.happened(
        at,
        MemberRemoved.of({ personId: teacher, scope: 'community', reason: 'Увольнение', at }),
      );
    };
    return { school, teacher, chatId, removed };
  }

  it('given somebody who is still there long after, then it is overdue', async () => {
    const { school } = await dismissed();

    expect(await school.items('F5')).toMatchObject([
      { kind: 'hired', overdue: null, chatsLeft: null },
      { kind: 'dismissed', leftCommunityAt: null, chatsLeft: 0, chatsRemaining: 1, overdue: true },
    ]);
  });

  it.each([
    ['at the last instant', '2025-11-02T00:00:00.000Z', false],
    ['late', '2025-11-02T00:00:01.000Z', true],
    ['before the day', '2025-10-31T10:00:00.000Z', false],
  ])('given removals %s, then the row says when, and whether in time', async (_name, at, overdue) => {
    const { school, removed } = await dismissed();
    await removed(at);

    expect((await school.items('F5'))[1]).toMatchObject({
      orderRef: '№ 40-к от 25.10.2025',
      leftCommunityAt: at,
      chatsLeft: 1,
      chatsRemaining: 0,
      lastChatLeftAt: at,
      overdue,
    });
  });

  it('given somebody who comes back, then what the journal said of the departure stays', async () => {
    const { school, teacher, chatId, removed } = await dismissed();
    await removed('2025-11-01T10:00:00.000Z');
    const back = '2025-11-10T00:00:00.000Z';
    await school.happened(
      back,
      MemberMovementRecorded.of({ personId: teacher, kind: 'hired', orderRef: '№ 44-к', effectiveAt: back }),
    );
    await school.happened(back, ChatMemberAdded.of({ chatId, personId: teacher, via: 'sync', at: back }));

    expect((await school.items('F5'))[1]).toMatchObject({ chatsLeft: 1, overdue: false });
  });

  it('given a pupil who changed classes, then the chats of the old class count', async () => {
    const school = await School.open();
    const { groupId, chatId } = await school.classChat('5А', 'class_students');
    const other = await school.classChat('5Б', 'class_students');
    const pupil = randomUUID();
    for (const chat of [chatId, other.chatId]) {
      await school.happened(
        SEPTEMBER,
        ChatMemberAdded.of({ chatId: chat, personId: pupil, via: 'sync', at: SEPTEMBER }),
      );
    }
    await school.happened(
      EFFECT,
      MemberMovementRecorded.of({
        personId: pupil,
        kind: 'transferred',
        orderRef: '№ 7',
        effectiveAt: EFFECT,
        fromGroup: groupId,
        toGroup: other.groupId,
      }),
    );

    expect(await school.items('F5')).toMatchObject([
      {
        kind: 'transferred',
        fromGroup: '5А',
        toGroup: '5Б',
        leftCommunityAt: null,
        chatsRemaining: 1,
        overdue: true,
      },
    ]);
  });
});

describe('F7, the journal of violations and incidents', () => {
  it('given a violation that was confirmed and dealt with, then the row tells all of it', async () => {
    const school = await School.open();
    const [violationId, pupil] = [randomUUID(), randomUUID()];
    await school.happened(
      SEPTEMBER,
      ViolationReported.of({
        violationId,
        clauseId: '4.5.3',
        kind: 'ethics',
        subjectId: pupil,
        at: SEPTEMBER,
        description: 'Оскорбление в чате класса',
      }),
    );
    await school.happened(
      SEPTEMBER,
      ViolationConfirmed.of({ violationId, by: randomUUID(), basis: 'Сообщение в чате' }),
    );
    const closed = '2025-09-03T00:00:00.000Z';
    await school.happened(closed, MeasureRecorded.of({ violationId, kind: 'talk', date: '2025-09-03' }));

    expect(await school.items('F7')).toMatchObject([
      {
        number: 1,
        sort: 'violation',
        nature: 'ethics',
        clauses: ['4.5.3'],
        description: { state: 'shown', text: 'Оскорбление в чате класса' },
        participants: [{ id: pupil }],
        measures: ['беседа 03.09.2025'],
        outcome: 'confirmed',
        closedAt: closed,
      },
    ]);
  });

  it('given an inspector, then the description is hidden', async () => {
    const school = await School.open();
    await school.happened(
      SEPTEMBER,
      ViolationReported.of({
        violationId: randomUUID(),
        clauseId: '4.5.3',
        kind: 'ethics',
        subjectId: randomUUID(),
        at: SEPTEMBER,
        description: 'Оскорбление',
      }),
    );

    expect(await school.items('F7', 'inspector')).toMatchObject([
      { description: { state: 'hidden' }, participants: [{ state: 'hidden' }] },
    ]);
  });

  it('given an incident with personal data, then notices, categories and its end stand in the row', async () => {
    const school = await School.open();
    const [incidentId, pupil] = [randomUUID(), randomUUID()];
    const sentAt = '2025-09-01T20:00:00.000Z';
    await school.happened(
      SEPTEMBER,
      UnauthorizedAccessReported.of({
        incidentId,
        reporterId: randomUUID(),
        affectedPersonId: pupil,
        detectedAt: SEPTEMBER,
        reportedAt: SEPTEMBER,
      }),
    );
    await school.happened(
      SEPTEMBER,
      PersonalDataImpactAssessed.of({
        incidentId,
        pdnAffected: true,
        categories: ['ФИО', 'телефон'],
        subjectsCount: 25,
        harm: 'Рассылка спама',
        detectedAt: SEPTEMBER,
      }),
    );
    await school.happened(
      sentAt,
      RegulatorInitialNoticeSent.of({
        incidentId,
        rknRef: '№ 100',
        sentAt,
        authorisedPersonId: randomUUID(),
      }),
    );
    await school.happened(
      sentAt,
      IncidentInvestigationCompleted.of({
        incidentId,
        conclusion: 'Подобран пароль',
        causes: 'Слабый пароль',
      }),
    );
    await school.happened(sentAt, IncidentClosed.of({ incidentId, at: sentAt, approvedBy: randomUUID() }));

    expect(await school.items('F7?status=closed')).toMatchObject([
      {
        sort: 'incident',
        nature: 'unauthorized_access',
        participants: [{ id: pupil }],
        pdnAffected: true,
        pdnCategories: ['ФИО', 'телефон'],
        subjectsCount: 25,
        initialNotice: '№ 100',
        initialNoticeAt: sentAt,
        findingsNotice: null,
        outcome: 'closed',
        conclusion: 'Подобран пароль',
        closedAt: sentAt,
      },
    ]);
  });
});

describe('what is refused', () => {
  it.each([
    ['a form that is not there', 'F99', 404],
    ['a parameter that is not there', 'F3?page=2', 400],
    ['a filter that the form has not', 'F7?class=0f6f2b0e-63c7-4f2b-9b1e-6d1f1e5c7a41', 400],
    ['a status that the form has not', 'F3?status=lost', 400],
    ['a page of a file', 'F3?format=csv&limit=5', 400],
    ['another format', 'F3?format=pdf', 400],
    ['a cursor that was made up', 'F3?cursor=5.abc', 400],
  ])('given %s, then it is refused', async (_name, query, status) => {
    const school = await School.open();
    expect((await school.ask(query)).status).toBe(status);
  });

  it('given the cursor of another question, then it is refused', async () => {
    const school = await School.open();
    for (let link = 0; link < 2; link++) await school.linkCreated(randomUUID());
    const { body } = await school.ask('F3?limit=1');

    expect((await school.ask(`F3?limit=1&status=live&cursor=${body.nextCursor ?? ''}`)).status).toBe(400);
  });

  it('given a teacher, then it is forbidden', async () => {
    const school = await School.open();
    expect((await school.ask('F3', 'teacher')).status).toBe(403);
  });
});

describe('a register as a file', () => {
  it('given CSV, then it has a Russian name and the clock of the school', async () => {
    const school = await School.open('Asia/Yekaterinburg');
    await school.linkCreated(randomUUID(), '2025-09-01T20:30:00.000Z');

    const { headers, text } = await school.ask('F3?format=csv');

    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(decodeURIComponent(headers.get('content-disposition') ?? '')).toMatch(
      /^attachment; filename="F3-\d{4}-\d\d-\d\d\.csv"; filename\*=UTF-8''Журнал ссылок-приглашений \d\d\.\d\d\.\d{4}\.csv$/,
    );
    expect(text).toContain('\r\n1;02.09.2025 01:30;');
  });

  it('given XLSX, then it opens, with the totals under the table', async () => {
    const school = await School.open();
    const linkId = await school.linkCreated(randomUUID());
    await school.happened(
      SEPTEMBER,
      InvitationLinkUsed.of({ linkId, personId: randomUUID(), at: SEPTEMBER }),
    );
    const { token, organizationId } = await school.reader();
    await app.core.projections.advance();

    const response = await fetch(`${app.url}/v1/organizations/${organizationId}/registers/F3?format=xlsx`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const book = new Workbook();
    await book.xlsx.load(await response.arrayBuffer());

    const [sheet] = book.worksheets;
    expect([sheet?.getCell('A3').value, sheet?.getCell('I3').value]).toEqual(['Итого', 1]);
  });
});

it('given everything that happened here, then views that are built anew are the same', async () => {
  const names = [...registerProjections.map(({ name }) => name), 'invitations'];

  const rebuilt = await app.core.projections.rebuild(names);

  expect(rebuilt.every(({ switched }) => switched)).toBe(true);
});

describe('a hundred thousand rows', () => {
  const ROWS = 100_000;
  let school: School;
  let reader: Client;

  beforeAll(async () => {
    school = await School.open();
    reader = await school.reader();
    await app.core.projections.advance();
    await app.core.views.query(
      `INSERT INTO invitation_links (organization_id, link_id, position, target_kind, target_id, platform_role,
         issuer_id, issuer_role, created_at, expires_at, max_uses, uses, sent_to, status)
       SELECT $1, gen_random_uuid(), n, 'community', $1, 'teacher', gen_random_uuid(), 'platform_admin', now(), now(),
         30, 1, '{}', 'live' FROM generate_series(1, ${ROWS}) AS n`,
      [school.organizationId],
    );
  }, 60_000);

  /** Begins to read the register, on a connection of its own. */
  const open = async (format: string): Promise<IncomingMessage> => {
    const path = `/v1/organizations/${school.organizationId}/registers/F3?format=${format}`;
    const asked = get(`${app.url}${path}`, {
      agent: false,
      headers: { authorization: `Bearer ${reader.token}` },
    });
    return new Promise((resolve, reject) => asked.on('response', resolve).on('error', reject));
  };

  /** Resolves when no register is being read. */
  const nobodyReads = async (): Promise<void> => {
    for (let busy = true; busy; await sleep(50)) {
      const { rows } = await app.core.views.query(
        `SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%register%' AND state <> 'idle'`,
      );
      busy = rows.length > 0;
    }
  };

  /** Of client and server together: both are in this process. In MiB. */
  const memory = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1024 / 1024;
  };

  it.each(['csv', 'xlsx'])(
    'given %s, then all of it comes, and is never there at once',
    async (format) => {
      const before = memory();
      let most = 0;
      let bytes = 0;

      const response = await open(format);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        most = Math.max(most, memory() - before);
      });
      await once(response, 'end');

      expect(response.statusCode).toBe(200);
      expect(bytes).toBeGreaterThan(2_000_000);
      expect(most).toBeLessThan(250);
    },
    120_000,
  );

  it('given readers who go, then their connections come back', async () => {
    for (let turn = 0; turn < 2; turn++) {
      const opened = await Promise.all(['csv', 'xlsx', 'csv', 'xlsx'].map(open));
      for (const response of opened) response.destroy();
      expect(opened.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
      await nobodyReads();
    }
  }, 60_000);

  it('given too many at once, then one more is told to wait', async () => {
    await nobodyReads();
    const opened = await Promise.all(Array.from({ length: 5 }, () => open('csv')));
    for (const response of opened) response.destroy();
    await nobodyReads();

    expect(opened.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 200, 200, 429]);
  }, 60_000);
});
