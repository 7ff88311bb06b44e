import { randomUUID } from 'node:crypto';
import { type PersonEntry } from '@letopis/audit';
import { type Client, startApplication, type TestApplication } from '../support/application';

describe('people', () => {
  let app: TestApplication;
  let organizationId: string;
  let administrator: Client;
  let personId: string;

  beforeAll(async () => {
    app = await startApplication();
    organizationId = await app.createSchool();
    administrator = await app.as('platform_admin', { organizationId });
  }, 60_000);

  afterAll(() => app.stop());

  beforeEach(() => {
    personId = randomUUID();
  });

  const ordered = (kind: string, fullName: string, orderRef: string, at = '2025-08-25T00:00:00Z') =>
    administrator.must(
      'RecordMovement',
      { personId, kind, orderRef, effectiveAt: at, fullName },
      { occurredAt: at },
    );
  const found = async (fullName: string, client = administrator): Promise<readonly PersonEntry[]> => {
    await app.core.projections.advance();
    const { body } = await client.post<{ people: readonly PersonEntry[] }>('people/search', { fullName });
    return body.people;
  };
  const read = async (id: string): Promise<PersonEntry> => {
    await app.core.projections.advance();
    return (await administrator.get<PersonEntry>(`people/${id}`)).body;
  };

  it('given a name that changed, then its bearer is found under the new and the old one', async () => {
    await ordered('hired', 'Воробьёва Инна Павловна', '№ 1');
    await administrator.must('CorrectMemberData', {
      personId,
      fullName: 'Снегирёва Инна Павловна',
      basis: 'Свидетельство о браке',
    });

    const expected = [
      {
        personId,
        fullName: 'Снегирёва Инна Павловна',
        formerNames: ['Воробьёва Инна Павловна'],
        employed: true,
      },
    ];
    expect(await found('Снегирёва Инна Павловна')).toMatchObject(expected);
    expect(await found('  Воробьёва  Инна Павловна ')).toMatchObject(expected);
    expect(await found('Инна')).toEqual([]);
  });

  it('given an order with a name of before comes late, then the name of now stands', async () => {
    await ordered('hired', 'Дроздова Анна Олеговна', '№ 2', '2025-09-01T00:00:00Z');
    await ordered('leave', 'Дроздова Анна Олеговна', '№ 9', '2025-11-01T00:00:00Z');
    await ordered('hired', 'Зябликова Анна Олеговна', '№ 3', '2025-10-01T00:00:00Z');

    expect(await read(personId)).toMatchObject({
      fullName: 'Дроздова Анна Олеговна',
      formerNames: ['Зябликова Анна Олеговна'],
    });
  });

  it('given a teacher who is a parent too, then both are told, and the children', async () => {
    const children = [randomUUID(), randomUUID()].sort();
    await ordered('hired', 'Синицын Пётр Ильич', '№ 4');
    for (const childId of children)
      await administrator.must('RecordGuardian', { personId, childId, relation: 'father' });

    expect(await read(personId)).toMatchObject({ employed: true, enrolled: false, children });
  });

  it('given a teacher who left and came back, then the roster has them again', async () => {
    await ordered('hired', 'Чижова Вера Ивановна', '№ 5');
    await ordered('dismissed', 'Чижова Вера Ивановна', '№ 6', '2025-10-01T00:00:00Z');
    expect(await read(personId)).toMatchObject({ employed: false });
    await ordered('hired', 'Чижова Вера Ивановна', '№ 7', '2025-11-01T00:00:00Z');

    expect(await read(personId)).toMatchObject({ employed: true, formerNames: [] });
  });

  it('given an account that is linked later, then it is the person’s', async () => {
    const externalUserId = randomUUID();
    await ordered('enrolled', 'Скворцов Олег Петрович', '№ 8');
    await administrator.must('LinkAccount', { personId, externalUserId, basis: 'Показал в профиле' });

    expect(await read(personId)).toMatchObject({ enrolled: true, accounts: [externalUserId] });
  });

  it('given the key was destroyed, then nobody reads the name any more', async () => {
    await ordered('enrolled', 'Галкина Юлия Сергеевна', '№ 10');
    await app.core.vault.destroy({ organizationId, subjectId: personId });

    expect(await read(personId)).toMatchObject({ fullName: { destroyed: true } });
  });

  it('given another school, then the name is not found there', async () => {
    await ordered('hired', 'Грачёва Ольга Ивановна', '№ 11');
    const elsewhere = await app.as('director', { organizationId: await app.createSchool() });

    expect(await found('Грачёва Ольга Ивановна', elsewhere)).toEqual([]);
  });

  it('given nobody of that id, then it is not found', async () => {
    expect((await administrator.get(`people/${personId}`)).status).toBe(404);
  });
});
