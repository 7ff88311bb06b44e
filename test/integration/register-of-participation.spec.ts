import { randomUUID } from 'node:crypto';
import { Workbook } from 'exceljs';
import {
  AccountLinked,
  AlternativeChannelProvided,
  ChatClosed,
  ChatMemberAdded,
  ChatRegistered,
  ClassTeacherAssigned,
  ConsentGiven,
  ConsentRefused,
  GroupArchived,
  GroupCreated,
  GuardianRecorded,
  MemberJoined,
  MemberMovementRecorded,
  MemberRemoved,
  MemberRoleChanged,
  MessagePosted,
  RoleVerified,
  UsageStatisticsCaptured,
} from '@letopis/school';
import { startApplication, type TestApplication } from '../support/application';
import { RecordedSchool } from '../support/recorded-school';

let app: TestApplication;

beforeAll(async () => {
  app = await startApplication();
}, 60_000);

afterAll(() => app.stop());

const SEPTEMBER = '2025-09-01T05:00:00.000Z';
/** The end of the week that is asked about. */
const TO = '2025-11-10T00:00:00.000Z';
const WITHIN = '2025-11-05T10:00:00.000Z';

class Monitored {
  private constructor(readonly school: RecordedSchool) {}

  static async create(): Promise<Monitored> {
    return new Monitored(await RecordedSchool.create(app));
  }

  async moved(
    personId: string,
    kind: 'hired' | 'dismissed' | 'enrolled',
    { at = SEPTEMBER, toGroup }: { at?: string; toGroup?: string } = {},
  ): Promise<void> {
    await this.school.happened(
      at,
      MemberMovementRecorded.of({ personId, kind, orderRef: '№ 3', effectiveAt: at, toGroup }),
    );
  }

  async joined(personId: string, at = SEPTEMBER): Promise<void> {
    await this.school.happened(
      at,
      MemberJoined.of({ personId, platformRole: 'teacher', via: 'auto_sync', at }),
    );
  }

  async verified(personId: string): Promise<void> {
    await this.school.happened(
      SEPTEMBER,
      RoleVerified.of({
        personId,
        role: 'teacher',
        method: 'moya_shkola',
        evidenceRef: 'Запись 8841',
        by: randomUUID(),
      }),
    );
  }

  /** A verified teacher in the community. */
  async teacher(): Promise<string> {
    const personId = randomUUID();
    await this.moved(personId, 'hired');
    await this.joined(personId);
    await this.verified(personId);
    return personId;
  }

  async class(title: string): Promise<string> {
    const groupId = randomUUID();
    await this.school.happened(SEPTEMBER, GroupCreated.of({ groupId, kind: 'class', title }));
    return groupId;
  }

  async pupil(toGroup: string): Promise<string> {
    const personId = randomUUID();
    await this.moved(personId, 'enrolled', { toGroup });
    return personId;
  }

  async parentOf(...children: readonly string[]): Promise<string> {
    const personId = randomUUID();
    for (const childId of children) {
      await this.school.happened(
        SEPTEMBER,
        GuardianRecorded.of({ personId, childId, relation: 'mother', at: SEPTEMBER }),
      );
    }
    return personId;
  }

  async chat(
    groupId: string,
    kind: 'class_students' | 'class_parents',
    ...members: readonly string[]
  ): Promise<string> {
    const chatId = randomUUID();
    await this.school.happened(
      SEPTEMBER,
      ChatRegistered.of({ chatId, kind, title: 'Чат', groupId, ownerId: randomUUID() }),
    );
    for (const personId of members) {
      await this.school.happened(
        SEPTEMBER,
        ChatMemberAdded.of({ chatId, personId, via: 'sync', at: SEPTEMBER }),
      );
    }
    return chatId;
  }

  async posted(senderId: string, at = WITHIN): Promise<void> {
    await this.school.happened(
      at,
      MessagePosted.of({
        chatId: randomUUID(),
        mid: randomUUID(),
        seq: '1',
        senderId,
        textSha256: 'a'.repeat(64),
        attachmentKinds: [],
        at,
      }),
    );
  }

  async refused(personId: string, purpose: 'platform_use' | 'publication' = 'platform_use'): Promise<void> {
    await this.school.happened(SEPTEMBER, ConsentRefused.of({ personId, purpose, at: SEPTEMBER }));
  }

  async captured(periodTo: string, teacher: number): Promise<void> {
    const byRole = { teacher, student: 0, parent: 0 };
    await this.school.happened(
      periodTo,
      UsageStatisticsCaptured.of({
        periodFrom: '2025-10-01T00:00:00.000Z',
        periodTo,
        source: 'cabinet',
        metrics: { registered: byRole, verified: byRole, weeklyActive: byRole },
      }),
    );
  }

  items(filter = '') {
    return this.school.items(`F1?to=${TO}${filter}`);
  }
}

describe('the row of a class', () => {
  it('given pupils and parents, then they are counted by the list, in their chats, and as active', async () => {
    const monitored = await Monitored.create();
    const { school } = monitored;
    const groupId = await monitored.class('5А');
    const curator = randomUUID();
    await school.happened(
      SEPTEMBER,
      ClassTeacherAssigned.of({ groupId, personId: curator, orderRef: '№ 326' }),
    );
    const [pupil, absent] = [await monitored.pupil(groupId), await monitored.pupil(groupId)];
    await monitored.pupil(groupId);
    const [mother, other] = [await monitored.parentOf(pupil, absent), await monitored.parentOf(pupil)];
    await monitored.chat(groupId, 'class_students', pupil, curator);
    await monitored.chat(groupId, 'class_parents', mother, other);
    await monitored.posted(mother);
    await monitored.posted(pupil);

    expect(await monitored.items()).toEqual([
      {
        unit: '5А',
        classTeacher: { id: curator, state: 'unnamed' },
        teachers: null,
        teachersRegistered: null,
        teachersVerified: null,
        teachersActive: null,
        teachersActivePercent: null,
        pupils: 3,
        pupilsInChat: 1,
        pupilsInChatPercent: 33.3,
        parents: 2,
        parentsInChat: 2,
        parentsActive: 1,
        parentsActivePercent: 50,
        refused: 0,
        withAlternative: 0,
        asOf: TO,
      },
    ]);
  });

  it('given a chat that was closed, then who was in it is in no chat', async () => {
    const monitored = await Monitored.create();
    const groupId = await monitored.class('5А');
    const chatId = await monitored.chat(groupId, 'class_students', await monitored.pupil(groupId));
    await monitored.school.happened(SEPTEMBER, ChatClosed.of({ chatId, reason: 'Новый чат', at: SEPTEMBER }));

    expect(await monitored.items()).toMatchObject([{ pupils: 1, pupilsInChat: 0 }]);
  });

  it('given refusals, then those count that are the last word on taking part', async () => {
    const monitored = await Monitored.create();
    const { school } = monitored;
    const groupId = await monitored.class('5А');
    const pupils = [
      await monitored.pupil(groupId),
      await monitored.pupil(groupId),
      await monitored.pupil(groupId),
    ];
    const [refuses = '', agrees = '', unpublished = ''] = pupils;
    const mother = await monitored.parentOf(refuses);
    await monitored.refused(refuses);
    await monitored.refused(mother);
    await monitored.refused(agrees);
    await monitored.refused(unpublished, 'publication');
    const at = WITHIN;
    await school.happened(
      at,
      ConsentGiven.of({ personId: agrees, purpose: 'platform_use', documentRef: '№ 17', at }),
    );
    await school.happened(
      at,
      AlternativeChannelProvided.of({ personId: mother, onBehalfOf: refuses, channel: 'paper', at }),
    );

    expect(await monitored.items()).toMatchObject([{ refused: 2, withAlternative: 1 }]);
  });

  it('given a filter of class, then only its row is listed', async () => {
    const monitored = await Monitored.create();
    await monitored.teacher();
    await monitored.class('5А');
    const groupId = await monitored.class('6Б');

    expect(await monitored.items(`&class=${groupId}`)).toMatchObject([{ unit: '6Б' }]);
  });

  it('given a class that was archived, then it has no row', async () => {
    const monitored = await Monitored.create();
    const groupId = await monitored.class('11А');
    await monitored.school.happened(SEPTEMBER, GroupArchived.of({ groupId, reason: 'Выпуск' }));

    expect(await monitored.items()).toEqual([]);
  });
});

describe('the row of the staff', () => {
  it('given teachers, then they are counted as employed, registered, confirmed and active', async () => {
    const monitored = await Monitored.create();
    const active = await monitored.teacher();
    const unverified = randomUUID();
    await monitored.moved(unverified, 'hired');
    await monitored.joined(unverified);
    const absent = randomUUID();
    await monitored.moved(absent, 'hired');
    await monitored.refused(absent);
    await monitored.posted(active);

    expect(await monitored.items()).toMatchObject([
      {
        unit: 'Педагоги',
        classTeacher: null,
        teachers: 3,
        teachersRegistered: 2,
        teachersVerified: 1,
        teachersActive: 1,
        teachersActivePercent: 33.3,
        pupils: null,
        parents: null,
        refused: 1,
        withAlternative: 0,
      },
    ]);
  });

  it('given a teacher who was removed, then a join that comes in late does not bring them back', async () => {
    const monitored = await Monitored.create();
    const personId = randomUUID();
    await monitored.moved(personId, 'hired');
    await monitored.school.happened(
      WITHIN,
      MemberRemoved.of({ personId, scope: 'community', reason: 'Ошибка', at: WITHIN }),
    );
    await monitored.joined(personId);

    expect(await monitored.items()).toMatchObject([{ teachers: 1, teachersRegistered: 0 }]);
  });

  it('given a teacher who changed roles, then they are registered as a teacher no more', async () => {
    const monitored = await Monitored.create();
    const personId = await monitored.teacher();
    await monitored.school.happened(
      WITHIN,
      MemberRoleChanged.of({ personId, from: 'teacher', to: 'parent', basis: 'Заявление', at: WITHIN }),
    );
    await monitored.joined(personId, TO);

    expect(await monitored.items()).toMatchObject([{ teachersRegistered: 1, teachersVerified: 0 }]);
  });

  it('given a teacher who was dismissed and comes back, then the status is not confirmed yet', async () => {
    const monitored = await Monitored.create();
    const personId = await monitored.teacher();
    await monitored.moved(personId, 'dismissed', { at: WITHIN });
    await monitored.moved(personId, 'hired', { at: TO });

    expect(await monitored.items()).toMatchObject([{ teachers: 1, teachersVerified: 0 }]);
  });
});

describe('the week of activity', () => {
  it.each([
    ['at its first instant', '2025-11-03T00:00:00.000Z', 1],
    ['just before it', '2025-11-02T23:59:59.999Z', 0],
    ['just before its end', '2025-11-09T23:59:59.999Z', 1],
    ['at its end', TO, 0],
  ])('given a message %s, then it counts accordingly', async (_name, at, teachersActive) => {
    const monitored = await Monitored.create();
    await monitored.posted(await monitored.teacher(), at);

    expect(await monitored.items()).toMatchObject([{ teachersActive }]);
  });

  it('given several messages of one day, then those within the week count', async () => {
    const monitored = await Monitored.create();
    const teacher = await monitored.teacher();
    const ends = '2025-11-05T12:00:00.000Z';
    await monitored.posted(teacher, '2025-11-05T18:00:00.000Z');
    await monitored.posted(teacher, '2025-11-05T06:00:00.000Z');

    expect(await monitored.school.items(`F1?to=${ends}`)).toMatchObject([{ teachersActive: 1 }]);
  });

  it('given an account that is linked to a person later, then it was that person before', async () => {
    const monitored = await Monitored.create();
    const [teacher, account] = [await monitored.teacher(), randomUUID()];
    await monitored.posted(account);
    await monitored.school.happened(
      TO,
      AccountLinked.of({ personId: teacher, externalUserId: account, basis: 'Подтвердил директор' }),
    );

    expect(await monitored.items()).toMatchObject([{ teachersActive: 1 }]);
  });

  it('given no end, then the week ends now', async () => {
    const monitored = await Monitored.create();
    await monitored.posted(await monitored.teacher(), new Date(Date.now() - 3_600_000).toISOString());

    expect(await monitored.school.items('F1')).toMatchObject([{ teachersActive: 1 }]);
  });

  it('given a school whose messages are not delivered, then activity is not known', async () => {
    const monitored = await Monitored.create();
    await monitored.teacher();

    expect(await monitored.items()).toMatchObject([{ teachersActive: null, teachersActivePercent: null }]);
  });

  it.each([
    ['a period that ended lately', '2025-11-01T00:00:00.000Z', 4],
    ['a period long over', '2025-10-10T00:00:00.000Z', null],
  ])('given numbers of the platform for %s, then they stand in or not', async (_name, periodTo, active) => {
    const monitored = await Monitored.create();
    await monitored.teacher();
    await monitored.captured(periodTo, 4);

    expect(await monitored.items()).toMatchObject([{ teachersActive: active }]);
  });
});

it('given a beginning, then it is refused: the lists are those of now', async () => {
  const { school } = await Monitored.create();

  expect((await school.ask(`F1?from=${SEPTEMBER}`)).status).toBe(400);
});

it('given XLSX, then counts are summed up, percentages are not', async () => {
  const monitored = await Monitored.create();
  for (const title of ['5А', '6Б']) {
    const groupId = await monitored.class(title);
    await monitored.chat(groupId, 'class_students', await monitored.pupil(groupId));
  }
  const { organizationId } = monitored.school;
  const { token } = await monitored.school.reader();
  await app.core.projections.advance();

  const response = await fetch(`${app.url}/v1/organizations/${organizationId}/registers/F1?format=xlsx`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const book = new Workbook();
  await book.xlsx.load(await response.arrayBuffer());

  const [sheet] = book.worksheets;
  expect(['A4', 'H4', 'I4', 'J4'].map((cell) => sheet?.getCell(cell).value)).toEqual(['Итого', 2, 2, null]);
});

it('given everything that happened here, then views that are built anew are the same', async () => {
  const rebuilt = await app.core.projections.rebuild(['participation', 'activity']);

  expect(rebuilt.map(({ equal, switched }) => ({ equal, switched }))).toEqual(
    Array.from({ length: 2 }, () => ({ equal: true, switched: true })),
  );
});
