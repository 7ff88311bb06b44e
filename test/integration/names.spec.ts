import { randomUUID } from 'node:crypto';
import { type Named, readNames } from '@letopis/audit';
import {
  AccountLinked,
  ChatRegistered,
  GroupCreated,
  GroupRenamed,
  LocalActIssued,
  MemberMovementRecorded,
  SystemChannelRegistered,
} from '@letopis/school';
import { personalDataOf } from '../../apps/api/src/open-personal';
import { startApplication, type TestApplication } from '../support/application';
import { RecordedSchool } from '../support/recorded-school';

const AT = '2025-09-02T05:00:00.000Z';

describe('what texts mention', () => {
  let app: TestApplication;
  let school: RecordedSchool;

  beforeAll(async () => {
    app = await startApplication({ worker: false });
    school = await RecordedSchool.create(app);
  }, 60_000);

  afterAll(() => app.stop());

  /** What a reader who sees names, or one who does not, is told instead of the mention. */
  async function told(mention: Named, names: 'shown' | 'hidden' = 'shown'): Promise<string> {
    const { core } = app;
    await core.projections.advance();
    const personal = names === 'shown' ? personalDataOf(core) : undefined;
    const nameOf = await readNames(core.views, school.organizationId, [mention], personal);
    return nameOf(mention);
  }

  async function hired(fullName: string): Promise<string> {
    const personId = randomUUID();
    await school.happened(
      AT,
      MemberMovementRecorded.of({ personId, kind: 'hired', fullName, orderRef: '№ 1-к', effectiveAt: AT }),
    );
    return personId;
  }

  async function group(kind: 'class' | 'club', title: string): Promise<string> {
    const groupId = randomUUID();
    await school.happened(AT, GroupCreated.of({ groupId, kind, title }));
    return groupId;
  }

  it('given a person, then by name to who may see names, by pseudonym to others', async () => {
    const id = await hired('Журавлёва Инна Павловна');

    expect(await told({ kind: 'person', id })).toBe('Журавлёва Инна Павловна');
    expect(await told({ kind: 'person', id }, 'hidden')).toBe(`участник ${id.slice(0, 8)}`);
  });

  it('given a person of whom nothing is on record, then by pseudonym', async () => {
    const id = randomUUID();
    expect(await told({ kind: 'person', id })).toBe(`участник ${id.slice(0, 8)}`);
  });

  it('given a person whose key is destroyed, then that is said', async () => {
    const id = await hired('Забытый Сергей Юрьевич');
    await school.destroyed(id);

    expect(await told({ kind: 'person', id })).toBe(`участник ${id.slice(0, 8)} (данные уничтожены)`);
  });

  it('given an account that is linked to a person, then it is that person', async () => {
    const personId = await hired('Орехова Дарья Львовна');
    const id = randomUUID();
    await school.happened(AT, AccountLinked.of({ personId, externalUserId: id, basis: 'Сверка' }));

    expect(await told({ kind: 'account', id })).toBe('Орехова Дарья Львовна');
    expect(await told({ kind: 'account', id }, 'hidden')).toBe(`аккаунт ${id.slice(0, 8)}`);
  });

  it('given a class and a club, then each by its present title', async () => {
    const [clazz, club] = [await group('class', '5А'), await group('club', 'Робототехника')];
    await school.happened(AT, GroupRenamed.of({ groupId: clazz, from: '5А', to: '6А' }));

    expect(await told({ kind: 'group', id: clazz })).toBe('класс 6А');
    expect(await told({ kind: 'group', id: club })).toBe('группа «Робототехника»');
  });

  it('given a chat whose title has quotation marks, then those are the inner ones', async () => {
    const id = randomUUID();
    const title = 'Родители «5А»';
    await school.happened(
      AT,
      ChatRegistered.of({ chatId: id, kind: 'class_parents', title, ownerId: randomUUID() }),
    );

    expect(await told({ kind: 'chat', id }, 'hidden')).toBe('чат «Родители „5А“»');
  });

  it('given a channel, then by its title', async () => {
    const id = randomUUID();
    await school.happened(AT, SystemChannelRegistered.of({ channelId: id, kind: 'general', title: 'Общий' }));

    expect(await told({ kind: 'channel', id })).toBe('канал «Общий»');
  });

  it.each([
    ['order', '324', 'приказ № 324'],
    ['polozhenie', '12', 'Положение № 12'],
  ] as const)('given a local act that is %s, then by its number', async (kind, number, name) => {
    const actId = randomUUID();
    await school.happened(
      AT,
      LocalActIssued.of({
        ...{ actId, kind, number, date: '2025-09-01', titleRu: 'Об использовании платформы' },
        ...{ clausesVersion: '1', legalBasis: [], fileSha256: '0'.repeat(64) },
      }),
    );

    expect(await told({ kind: 'act', id: actId })).toBe(name);
  });

  it('given the school, then by its name', async () => {
    expect(await told({ kind: 'organization', id: school.organizationId })).toBe('МБОУ «Школа № 5»');
  });

  it.each([
    ['link', '3f2a1b0c-0000-4000-8000-000000000000', 'ссылка-приглашение № 3f2a1b0c'],
    ['period', '2025-10', 'период 2025-10'],
  ])('given a %s, which has no name, then by its id', async (kind, id, name) => {
    expect(await told({ kind, id })).toBe(name);
  });

  it('of another school, then nothing is told but ids', async () => {
    const foreign = await group('class', '7В');
    const other = await RecordedSchool.create(app);
    await app.core.projections.advance();

    const mention = { kind: 'group', id: foreign };
    const nameOf = await readNames(app.core.views, other.organizationId, [mention]);

    expect(nameOf(mention)).toBe(`группа ${foreign.slice(0, 8)}`);
  });
});
