import { randomUUID } from 'node:crypto';
import { schoolScenario, type Step } from '../../apps/cli/src/scenario';
import {
  type BatchLine,
  type Client,
  linesOf,
  openBatch,
  startApplication,
  type TestApplication,
} from '../support/application';

interface FeedEvent {
  readonly type: string;
  readonly subject: string;
  readonly data: object;
}

describe('batches', () => {
  let app: TestApplication;
  let school: string;
  let director: Client;
  let administrator: Client;

  beforeAll(async () => {
    app = await startApplication();
  }, 60_000);

  afterAll(() => app.stop());

  beforeEach(async () => {
    school = await app.createSchool();
    director = await app.as('director', { organizationId: school });
    administrator = await app.as('platform_admin', { organizationId: school });
  });

  const hired = (personId: string, orderRef = '№ 12-к от 25.08.2025'): BatchLine => ({
    command: 'RecordMovement',
    payload: { personId, kind: 'hired', orderRef, effectiveAt: '2025-08-25T00:00:00+05:00' },
  });

  async function feed(client: Client): Promise<readonly FeedEvent[]> {
    const { text } = await client.send('GET', 'events?limit=2000');
    return linesOf<FeedEvent>(text);
  }

  it('given good and bad lines, then each has its own answer in the order of the lines', async () => {
    const personId = randomUUID();
    const answers = await director.batch([
      hired(randomUUID()),
      '{"command":',
      { command: 'NoSuchCommand', payload: {} },
      { command: 'RecordMovement', payload: { kind: 'hired' } },
      { command: 'ConfirmRole', payload: { personId, method: 'moya_shkola', evidenceRef: '1' } },
      { command: 'PutLocalActInForce', payload: { actId: randomUUID(), effectiveFrom: '2025-09-01' } },
      hired(personId),
      hired(personId),
    ]);

    expect(answers.map(({ line, status }) => [line, status])).toEqual([
      [1, 201],
      [2, 400],
      [3, 404],
      [4, 400],
      [5, 403],
      [6, 422],
      [7, 201],
      [8, 200],
    ]);
    expect(answers[5]?.problem).toMatchObject({ code: 'rule-violated', rule: expect.any(String) });
    expect(answers[6]?.events).toEqual([{ id: expect.any(String), type: 'MemberMovementRecorded' }]);
    expect(answers[7]?.events).toEqual([]);
  });

  it('given lines that rest on what earlier ones lead to, then each sees it', async () => {
    const [linkId, personId] = [randomUUID(), randomUUID()];

    const answers = await administrator.batch([
      hired(personId),
      {
        command: 'CreateInvitationLink',
        payload: {
          linkId,
          targetKind: 'community',
          targetId: school,
          platformRole: 'teacher',
          expiresAt: '2036-09-15T00:00:00Z',
          maxUses: 30,
          urlHash: 'a'.repeat(64),
        },
      },
      { command: 'AcceptInvitation', payload: { linkId, personId } },
      { command: 'RequestRoleVerification', payload: { personId, method: 'moya_shkola' } },
      { command: 'ConfirmRole', payload: { personId, method: 'moya_shkola', evidenceRef: 'запись 1' } },
      { command: 'RemoveMember', payload: { personId, reason: 'Увольнение' } },
    ]);

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 201]);
    const membership = (await feed(director)).filter(({ subject }) => subject === `membership-${personId}`);
    expect(membership.map(({ type }) => type)).toEqual([
      'MemberMovementRecorded',
      'MemberJoined',
      'RoleVerificationRequested',
      'RoleVerified',
      'MemberRemoved',
    ]);
  });

  it('given a fact that follows a decision which itself has to wait, then the fact does not overtake it', async () => {
    // A chat needs a verified owner, the link needs the chat, and whoever comes in by the link is in the chat.
    const ids = {
      ownerId: randomUUID(),
      staffLink: randomUUID(),
      chatId: randomUUID(),
      chatLink: randomUUID(),
    };
    const link = { expiresAt: '2036-09-15T00:00:00Z', maxUses: 30, urlHash: 'a'.repeat(64) };
    const colleague = randomUUID();

    const answers = await administrator.batch([
      hired(ids.ownerId),
      {
        command: 'CreateInvitationLink',
        payload: {
          ...link,
          linkId: ids.staffLink,
          targetKind: 'community',
          targetId: school,
          platformRole: 'teacher',
        },
      },
      { command: 'AcceptInvitation', payload: { linkId: ids.staffLink, personId: ids.ownerId } },
      { command: 'ConfirmRole', payload: { personId: ids.ownerId, method: 'admin', evidenceRef: '1' } },
      {
        command: 'RegisterChat',
        payload: {
          chatId: ids.chatId,
          kind: 'other',
          title: 'Кружок',
          ownerId: ids.ownerId,
          purpose: 'Занятия',
        },
      },
      {
        command: 'CreateInvitationLink',
        payload: {
          ...link,
          linkId: ids.chatLink,
          targetKind: 'chat',
          targetId: ids.chatId,
          platformRole: 'teacher',
        },
      },
      { command: 'AcceptInvitation', payload: { linkId: ids.chatLink, personId: colleague } },
    ]);

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 201, 201]);
    expect(answers.at(-1)?.events?.map(({ type }) => type)).toEqual([
      'InvitationLinkUsed',
      'ChatMemberAdded',
    ]);
  });

  it('given the whole scenario as a batch of each actor in turn, then it is what commands one by one make', async () => {
    const scenario = schoolScenario(11, 0);
    const organizationId = scenario.organizationId;
    const operator = await app.as('operator');
    const { name, timeZone } = scenario;
    await operator.post('/v1/organizations', { organizationId, name, timeZone });

    for (const steps of turnsOf(scenario.steps)) {
      const [{ role, actorId }] = steps as [Step];
      const client = await app.as(role, { organizationId, personId: actorId });
      const answers = await client.batch(
        steps.map(({ command, payload, occurredAt, idempotencyKey }) => ({
          command,
          payload,
          occurredAt,
          idempotencyKey,
        })),
      );
      expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
    }

    const twin = schoolScenario(11, 0);
    const oneByOne = await app.createSchool();
    const types = new Map<string, number>();
    for (const { role, actorId, command, payload, occurredAt } of twin.steps) {
      const client = await app.as(role, { organizationId: oneByOne, personId: actorId });
      await client.must(command, payload, { occurredAt });
    }
    const count = (events: readonly FeedEvent[]): Record<string, number> => {
      types.clear();
      for (const { type } of events) types.set(type, (types.get(type) ?? 0) + 1);
      return Object.fromEntries(types);
    };
    const expected = count(await feed(await app.as('director', { organizationId: oneByOne })));
    expect(count(await feed(await app.as('director', { organizationId })))).toEqual(expected);
    expect(expected).toMatchObject({ ChatMemberAdded: 7, MemberJoined: 3, RoleVerified: 2 });
  });

  it('given 3,000 lines, then each is answered once and in order, and a repeat records nothing', async () => {
    const lines = Array.from({ length: 3_000 }, (_, index) => ({
      ...hired(randomUUID()),
      idempotencyKey: `${school}/${index}`,
    }));

    const answers = await director.batch(lines);
    const head = await app.core.store.head();
    const again = await director.batch(lines);

    expect(answers.map(({ line }) => line)).toEqual(lines.map((_, index) => index + 1));
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    expect(again.every(({ status }) => status === 200)).toBe(true);
    expect(again.map(({ position }) => position)).toEqual(answers.map(({ position }) => position));
    expect(await app.core.store.head()).toBe(head);
  });

  it('given a sender who takes time, then answers come before the request ends', async () => {
    const batch = openBatch(app.url, director);

    await batch.write(`${JSON.stringify(hired(randomUUID()))}\n`);
    const first = await batch.answered(1);
    await batch.write(`${JSON.stringify(hired(randomUUID()))}\n${JSON.stringify(hired(randomUUID()))}`);
    const second = await batch.answered(2);
    const all = await batch.end();

    expect(first).toMatchObject([{ line: 1, status: 201 }]);
    expect(second).toMatchObject([{ line: 1 }, { line: 2, status: 201 }]);
    expect(all.map(({ line, status }) => [line, status])).toEqual([
      [1, 201],
      [2, 201],
      [3, 201],
    ]);
  });

  it('given a line that came in pieces, in the middle of a letter, then it is put together', async () => {
    const text = Buffer.from(`${JSON.stringify(hired(randomUUID(), 'Приказ № 1'))}\n`);
    const { text: answer } = await director.send('POST', 'command-batches', {
      headers: { 'content-type': 'application/x-ndjson' },
      body: text,
    });
    const batch = openBatch(app.url, director);
    const middle = text.indexOf('П') + 1;
    await batch.write(text.subarray(0, middle));
    await batch.write(text.subarray(middle));

    expect(linesOf(answer)).toMatchObject([{ status: 201 }]);
    expect(await batch.end()).toMatchObject([{ status: 200 }]);
  });

  it('given an empty batch, then the answer is empty', async () => {
    expect(await director.batch([])).toEqual([]);
    expect(await director.batch(['', '  '])).toEqual([]);
  });
});

/** The steps in runs of one actor each. */
function turnsOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const turns: Step[][] = [];
  for (const step of steps) {
    const turn = turns.at(-1);
    if (turn?.[0]?.actorId === step.actorId) turn.push(step);
    else turns.push([step]);
  }
  return turns;
}
