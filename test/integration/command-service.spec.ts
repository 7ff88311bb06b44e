import { randomBytes, randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import pino from 'pino';
import { type EventStore, eventStoreMigrations, migrate, PostgresEventStore } from '@letopis/event-store';
import {
  derivedId,
  FixedClock,
  LetopisError,
  newId,
  type RecordedEvent,
  type StreamRef,
} from '@letopis/kernel';
import {
  type CommandOutcome,
  type CommandRequest,
  CommandService,
  EventCatalogue,
  platformMigrations,
  PolicyRunner,
  StreamStates,
} from '@letopis/platform';
import { MasterKey, PersonalFields, PostgresKeyVault, privacyMigrations } from '@letopis/privacy';
import { school } from '@letopis/school';
import { createTestDatabase, type TestDatabase } from '../support/postgres';

const NOW = '2025-11-17T14:05:00.000Z';
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const catalogue = new EventCatalogue(school);
const personal = new PersonalFields(catalogue.eventTypes);
const masterKey = new MasterKey(MasterKey.generate());
const ANNA = '018f2a4e-7f1a-7c3e-9a54-2f6f1c9d0b11';
const clock = new FixedClock(new Date(NOW));

describe('the command service on PostgreSQL', () => {
  let database: TestDatabase;
  let admin: Pool;
  let pool: Pool;
  let url: string;
  const app = { role: `test_${randomBytes(8).toString('hex')}`, password: randomBytes(8).toString('hex') };
  const stores: EventStore[] = [];

  /** Each test has an organisation of its own. */
  let organizationId: string;
  let store: PostgresEventStore;
  let service: CommandService;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate({ adminUrl: database.url, app }, [
      eventStoreMigrations,
      privacyMigrations,
      platformMigrations,
    ]);
    const asApp = new URL(database.url);
    asApp.username = app.role;
    asApp.password = app.password;
    url = asApp.href;
    admin = new Pool({ connectionString: database.url, max: 2 });
    pool = new Pool({ connectionString: url, max: 4 });
    store = await openStore();
  });

  afterAll(async () => {
    for (const each of stores) await each.close();
    await pool.end();
    await admin.query(`DROP OWNED BY ${app.role}; DROP ROLE ${app.role}`);
    await admin.end();
    await database.drop();
  });

  beforeEach(() => {
    organizationId = randomUUID();
    service = newService();
  });

  async function openStore(): Promise<PostgresEventStore> {
    const opened = await PostgresEventStore.open({ url });
    stores.push(opened);
    return opened;
  }

  /** A service that knows nothing but what is recorded, as after a start; on a store of its own it is another process. */
  function newService(on: EventStore = store): CommandService {
    return new CommandService({
      domain: school,
      store: on,
      states: new StreamStates(on, (event) => catalogue.upcast(event)),
      catalogue,
      personal,
      vault: new PostgresKeyVault(pool, masterKey),
      masterKey,
      clock,
      onRecorded: () => undefined,
    });
  }

  const request = (
    name: string,
    payload: object,
    more: Partial<CommandRequest> & { role?: CommandRequest['caller']['roles'][number] } = {},
  ): CommandRequest => {
    const { role = 'platform_admin', ...rest } = more;
    return {
      name,
      organizationId,
      payload,
      caller: { id: ANNA, roles: [role] },
      source: 'operator',
      ...rest,
    };
  };
  const movement = (personId: string, orderRef: string, more: Partial<CommandRequest> = {}): CommandRequest =>
    request('RecordMovement', { personId, kind: 'hired', orderRef, effectiveAt: NOW }, more);
  const appoint = (personId: string, more: Partial<CommandRequest> = {}): CommandRequest =>
    request(
      'AppointAdministrator',
      {
        personId,
        orderNo: '324',
        orderDate: '2025-08-29',
        phone: '+79000000001',
        email: 'admin@school7.example',
      },
      { role: 'director', ...more },
    );

  const confirm = (personId: string): CommandRequest =>
    request('ConfirmRole', { personId, method: 'admin', evidenceRef: 'запись 1' });

  const read = (stream: string): Promise<readonly RecordedEvent[]> =>
    store.readStream({ organizationId, stream });
  const everything = async (): Promise<readonly RecordedEvent[]> =>
    (await store.readAll(0n, { limit: 1_000, organizationId })).events;
  const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
  const problemOf = (outcome: CommandOutcome | undefined): string | undefined => {
    if (outcome === undefined || outcome.ok) return undefined;
    return outcome.error instanceof LetopisError ? outcome.error.code : outcome.error.message;
  };
  /** Two employees who could be appointed. */
  async function twoEmployees(): Promise<readonly [string, string]> {
    const people = [randomUUID(), randomUUID()] as const;
    for (const person of people) await service.execute(movement(person, '12-к'));
    return people;
  }

  describe('many commands at once', () => {
    it('given 100 on one stream, then all are recorded, without a gap', async () => {
      const person = randomUUID();
      await Promise.all(numbers(100).map((n) => service.execute(movement(person, `№ ${n}`))));
      const events = await read(`membership-${person}`);
      expect(events.map(({ revision }) => revision)).toEqual(numbers(100).map(BigInt));
      expect(new Set(events.map(({ data }) => data.orderRef)).size).toBe(100);
    });

    it('given two processes on one stream, then all of both are recorded, without a gap', async () => {
      const other = newService(await openStore());
      const person = randomUUID();
      await Promise.all(
        numbers(50).map((n) => (n % 2 === 0 ? service : other).execute(movement(person, `№ ${n}`))),
      );
      const events = await read(`membership-${person}`);
      expect(events.map(({ revision }) => revision)).toEqual(numbers(50).map(BigInt));
      expect(new Set(events.map(({ data }) => data.orderRef)).size).toBe(50);
    });

    it('given two processes that decide on what only one may have, then one is refused by the rule', async () => {
      const other = newService(await openStore());
      const [anna, boris] = await twoEmployees();
      const outcomes = await Promise.all([
        service.executeAll([appoint(anna)]),
        other.executeAll([appoint(boris)]),
      ]);
      expect(outcomes.flat().map(problemOf).sort()).toEqual(['rule-violated', undefined]);
      expect(await read(`administration-${organizationId}`)).toHaveLength(1);
    });

    it('given every reply, then it tells where its own event stands', async () => {
      const person = randomUUID();
      const replies = await Promise.all(numbers(20).map((n) => service.execute(movement(person, `№ ${n}`))));
      const events = await read(`membership-${person}`);
      const places = new Map(events.map(({ id, revision, position }) => [id, `${revision}/${position}`]));
      for (const { events: own, revision, position } of replies) {
        expect(places.get(own[0]!.id)).toBe(`${revision}/${position}`);
      }
    });
  });

  describe('a refusal rests on what is recorded', () => {
    it('given another process changed the stream since, then what is known here is read again', async () => {
      const [anna, boris] = await twoEmployees();
      await service.execute(appoint(anna));
      const other = newService(await openStore());
      const revocation = { personId: anna, orderNo: '351', reason: 'Перевод' };
      await other.execute(request('RevokeAdministrator', revocation, { role: 'director' }));
      await expect(service.execute(appoint(boris))).resolves.toMatchObject({ repeated: false });
    });

    it('given an earlier command was not recorded in the end, then a later one does not fail on it', async () => {
      const [anna, boris] = await twoEmployees();
      const failing = newService(failingOnce(store, `administration-${organizationId}`));
      const outcomes = await Promise.all([
        failing.executeAll([appoint(anna)]),
        failing.executeAll([appoint(boris)]),
      ]);
      expect(outcomes.flat().map(problemOf)).toEqual(['unavailable', undefined]);
    });
  });

  describe('what else happens meanwhile', () => {
    it('given another command is refused while one is being prepared, then that one is decided on anew', async () => {
      const [person, slow] = [randomUUID(), randomUUID()];
      await service.execute(movement(person, '12-к'));
      const gate = newGate();
      const reading = newService(
        altered(store, {
          readStream: async (ref, options) => {
            if (ref.stream === `membership-${slow}`) await gate.opened;
            return store.readStream(ref, options);
          },
        }),
      );
      const facts = reading.executeAll([movement(person, '13-к'), movement(slow, '14-к')]);
      // The state of the first is there, that of the second is still awaited.
      await reading.executeAll([movement(person, '15-к')]);
      const [refused] = await reading.executeAll([confirm(person)]);
      gate.open();
      expect([refused, ...(await facts)].map(problemOf)).toEqual(['rule-violated', undefined, undefined]);
    });

    it('given another process was first, then the next commands do not overtake what is tried again', async () => {
      const [person, slow] = [randomUUID(), randomUUID()];
      const gate = newGate();
      const lost = newGate();
      let appends = 0;
      const racing = newService(
        altered(store, {
          append: async (ref, expected, events) => {
            if (ref.stream === `membership-${slow}`) await gate.opened;
            else if ((appends += 1) === 1) {
              lost.open();
              throw new LetopisError('conflict', 'Another process was first');
            }
            return store.append(ref, expected, events);
          },
        }),
      );
      const first = racing.start([movement(person, '1-к'), movement(slow, '1-к')]);
      await lost.opened;
      // What was folded in for the lost append is thrown away, and the round of the first call still goes on.
      await new Promise((resolve) => setImmediate(resolve));
      const next = racing.start([movement(person, '2-к')], first);
      await next.decided;
      gate.open();
      await Promise.all([first.outcomes, next.outcomes]);
      expect((await read(`membership-${person}`)).map(({ data }) => data.orderRef)).toEqual(['1-к', '2-к']);
    });
  });

  describe('an idempotency key', () => {
    const key = (idempotencyKey: string): Partial<CommandRequest> => ({ idempotencyKey });

    it('given the same request again, then it gives the same answer and records nothing', async () => {
      const person = randomUUID();
      const first = await service.execute(movement(person, '12-к', key('k')));
      const second = await service.execute(movement(person, '12-к', key('k')));
      expect(second).toEqual({ ...first, repeated: true });
      expect(await everything()).toHaveLength(1);
    });

    it('given the same request after a restart, then it gives the same answer', async () => {
      const person = randomUUID();
      const first = await service.execute(movement(person, '12-к', key('k')));
      const second = await newService(await openStore()).execute(movement(person, '12-к', key('k')));
      expect(second).toEqual({ ...first, repeated: true });
    });

    it('given the stream has gone on since, then the answer is still that of then', async () => {
      const [anna] = await twoEmployees();
      const first = await service.execute(appoint(anna, key('k')));
      await service.execute(
        request('RevokeAdministrator', { personId: anna, orderNo: '351', reason: 'x' }, { role: 'director' }),
      );
      expect(await service.execute(appoint(anna, key('k')))).toEqual({ ...first, repeated: true });
    });

    it('given an id that Letopis assigns, then the repeat is about the same thing', async () => {
      const report = () =>
        service.execute(
          request('ReportViolation', { kind: 'ethics' }, { role: 'parent', idempotencyKey: 'k' }),
        );
      const [first, second] = [await report(), await report()];
      expect(second.stream).toBe(first.stream);
    });

    it.each<[string, (person: string) => CommandRequest]>([
      ['another payload', (person) => movement(person, '13-к', key('k'))],
      ['another stream', () => movement(randomUUID(), '12-к', key('k'))],
      ['another time', (person) => movement(person, '12-к', { ...key('k'), occurredAt: NOW })],
    ])('given %s under the same key, then it is a conflict and records nothing', async (_what, other) => {
      const person = randomUUID();
      await service.execute(movement(person, '12-к', key('k')));
      const [outcome] = await newService().executeAll([other(person)]);
      expect(problemOf(outcome)).toBe('conflict');
      expect(await everything()).toHaveLength(1);
    });

    it('given the same key of another caller, then it is another command', async () => {
      const person = randomUUID();
      await service.execute(movement(person, '12-к', key('k')));
      const boris = { id: 'boris', roles: ['director'] as const };
      const reply = await service.execute(movement(person, '13-к', { ...key('k'), caller: boris }));
      expect(reply.repeated).toBe(false);
    });

    it('given 20 of the same at once in two processes, then one is recorded and all get its answer', async () => {
      const other = newService(await openStore());
      const person = randomUUID();
      const replies = await Promise.all(
        numbers(20).map((n) => (n % 2 === 0 ? service : other).execute(movement(person, '12-к', key('k')))),
      );
      const answers = new Set(replies.map((reply) => JSON.stringify({ ...reply, repeated: true })));
      expect(answers.size).toBe(1);
      expect(replies.filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(await everything()).toHaveLength(1);
    });

    it('given a rule refused it, then it may be tried again when the rule is met', async () => {
      const person = randomUUID();
      const [refused] = await service.executeAll([appoint(person, key('k'))]);
      await service.execute(movement(person, '12-к'));
      const [accepted] = await service.executeAll([appoint(person, key('k'))]);
      expect([problemOf(refused), problemOf(accepted)]).toEqual(['rule-violated', undefined]);
    });
  });

  describe('a batch', () => {
    const group = { kind: 'class', title: '5А' };
    const nomenclature = { schoolYear: '2025/2026', groups: [group], orderRef: '№ 325' };

    it('given a command that rests on an earlier one, then it sees what that recorded', async () => {
      const outcomes = await service.executeAll([
        request('CreateGroup', group),
        request('ApproveNomenclature', nomenclature),
        request('CreateGroup', group),
      ]);
      expect(outcomes.map(problemOf)).toEqual(['rule-violated', undefined, undefined]);
    });

    it('given a refusal whose reason a later command takes away, then it was refused all the same', async () => {
      const outcomes = await service.executeAll([
        request('ApproveNomenclature', nomenclature),
        request('CreateGroup', { kind: 'staff_room', title: 'Учительская' }),
        request('RecordRegistrationConfirmed', { platformOrgId: 'sferum-1' }),
      ]);
      expect(outcomes.map(problemOf)).toEqual([undefined, 'rule-violated', undefined]);
    });

    it('given bad ones among good ones, then none harms another and outcomes keep their order', async () => {
      const person = randomUUID();
      const outcomes = await service.executeAll([
        movement(person, '12-к'),
        request('RecordMovement', { personId: 'x' }),
        request('Unheard', {}),
        movement(person, '13-к'),
        movement(person, '14-к', { caller: { id: 'pupil', roles: ['student'] } }),
        request('RemoveMember', { personId: person, reason: 'x' }),
        movement(person, '15-к'),
      ]);
      expect(outcomes.map(problemOf)).toEqual([
        undefined,
        'invalid',
        'not-found',
        undefined,
        'forbidden',
        'rule-violated',
        undefined,
      ]);
      expect((await read(`membership-${person}`)).map(({ data }) => data.orderRef)).toEqual([
        '12-к',
        '13-к',
        '15-к',
      ]);
    });

    it('given a command on what a policy makes of an earlier one, then it sees that too', async () => {
      const person = randomUUID();
      const outcomes = await service.executeAll([
        request('AcceptInvitation', { linkId: randomUUID(), personId: person, platformRole: 'teacher' }),
        request('RequestRoleVerification', { personId: person, method: 'admin' }),
      ]);
      expect(outcomes.map(problemOf)).toEqual([undefined, undefined]);
    });

    it('given the same key twice in it, then it is recorded once', async () => {
      const person = randomUUID();
      const same = movement(person, '12-к', { idempotencyKey: 'k' });
      const outcomes = await service.executeAll([same, same]);
      expect(outcomes.map((outcome) => outcome.ok && outcome.reply.repeated)).toEqual([false, true]);
      expect(await everything()).toHaveLength(1);
    });
  });

  describe('a batch, where a line rests on another thing', () => {
    it('given that was not recorded in the end, then what would be refused by it is not', async () => {
      const [anna] = await twoEmployees();
      const dismissed = { personId: anna, kind: 'dismissed', orderRef: '31-к', effectiveAt: NOW };
      const failing = newService(failingOnce(store, `membership-${anna}`));
      const outcomes = await failing.executeAll([request('RecordMovement', dismissed), appoint(anna)]);
      expect(outcomes.map(problemOf)).toEqual(['unavailable', undefined]);
    });

    it('given that was not recorded in the end, then what would be allowed by it is refused', async () => {
      const key = { idempotencyKey: 'k' };
      const anna = randomUUID();
      await service.execute(movement(randomUUID(), '12-к', key));
      const outcomes = await service.executeAll([movement(anna, '13-к', key), appoint(anna)]);
      expect(outcomes.map(problemOf)).toEqual(['conflict', 'rule-violated']);
    });

    it('given a key of somebody does not open, then only what needs it fails', async () => {
      const [anna, boris, vera] = [randomUUID(), randomUUID(), randomUUID()];
      const named = (personId: string): CommandRequest =>
        request('RecordMovement', {
          personId,
          kind: 'hired',
          orderRef: '12-к',
          effectiveAt: NOW,
          fullName: 'Соколова Мария Петровна',
        });
      await pool.query(
        'INSERT INTO letopis.subject_keys (organization_id, subject_id, wrapped) VALUES ($1, $2, $3)',
        [organizationId, boris, randomBytes(60)],
      );
      const outcomes = await service.executeAll([named(anna), named(boris), movement(vera, '13-к')]);
      expect(outcomes.map(problemOf)).toEqual([undefined, 'integrity-broken', undefined]);
    });
  });

  describe('what follows by policy', () => {
    const accept = (personId: string): CommandRequest =>
      request('AcceptInvitation', { linkId: randomUUID(), personId, platformRole: 'teacher' });
    const runner = (): PolicyRunner =>
      new PolicyRunner({
        pool,
        store,
        commands: newService(),
        vault: new PostgresKeyVault(pool, masterKey),
        erasures: school.erasures,
        log: pino({ level: 'silent' }),
      });

    it('given somebody came in by a link, then Letopis records the joining, and what caused it', async () => {
      const person = randomUUID();
      const reply = await service.execute(accept(person));
      const [joined] = await read(`membership-${person}`);
      expect(joined).toMatchObject({
        type: 'MemberJoined',
        causationId: reply.events[0]!.id,
        correlationId: reply.commandId,
        actor: { id: 'letopis', role: 'system' },
        source: 'system',
      });
      expect(reply.events.map(({ type }) => type)).toEqual(['InvitationLinkUsed', 'MemberJoined']);
    });

    it('given lines before wait, then what follows a later line does not overtake them', async () => {
      const person = randomUUID();
      await service.execute(movement(person, '12-к'));
      await service.executeAll([
        accept(person),
        confirm(person),
        request('RemoveMember', { personId: person, reason: 'Увольнение' }),
        accept(person),
      ]);
      expect((await read(`membership-${person}`)).map(({ type }) => type)).toEqual([
        'MemberMovementRecorded',
        'MemberJoined',
        'RoleVerified',
        'MemberRemoved',
        'MemberJoined',
      ]);
    });

    it('given a line that waits itself, then nobody is refused before that is done which follows it', async () => {
      const [personId, linkId] = [randomUUID(), randomUUID()];
      await service.execute(movement(personId, '12-к'));
      const outcomes = await newService().executeAll([
        // The count of the head's chats is kept in the structure, which the link rests on.
        request('ImportAutoProvisionedChats', {
          chatId: randomUUID(),
          source: 'sferum_sync',
          kind: 'head_deputies',
          title: 'Заместители директора',
        }),
        request('CreateInvitationLink', {
          linkId,
          targetKind: 'community',
          targetId: organizationId,
          platformRole: 'teacher',
          expiresAt: '2036-09-15T00:00:00Z',
          maxUses: 30,
          urlHash: SHA256,
        }),
        request('AcceptInvitation', { linkId, personId }),
        confirm(personId),
      ]);
      expect(outcomes.map(problemOf)).toEqual([undefined, undefined, undefined, undefined]);
    });

    it('given a crash came between and the batch is sent again, then nobody is refused before it is done', async () => {
      const person = randomUUID();
      await service.execute(movement(person, '12-к'));
      const accepted = { ...accept(person), idempotencyKey: 'k' };
      await newService(failingOnce(store, `membership-${person}`)).execute(accepted);
      const outcomes = await newService().executeAll([accepted, confirm(person)]);
      expect(outcomes.map(problemOf)).toEqual([undefined, undefined]);
    });

    it('given the runner reads the same event, then nothing is recorded twice', async () => {
      const person = randomUUID();
      await service.execute(accept(person));
      await runner().run();
      expect(await read(`membership-${person}`)).toHaveLength(1);
    });

    it('given it was ordered to destroy personal data, then the key is gone, and what comes later is not kept', async () => {
      const person = randomUUID();
      const named = (orderRef: string): CommandRequest => {
        const { payload, ...rest } = movement(person, orderRef);
        return { ...rest, payload: { ...Object(payload), fullName: 'Соколова Мария Петровна' } };
      };
      await service.execute(named('12-к'));
      await store.append({ organizationId, stream: `personaldata-${person}` }, 'no-stream', [
        {
          id: newId(),
          type: 'PersonalDataDestroyed',
          schemaVersion: 1,
          occurredAt: NOW,
          recordedAt: NOW,
          actor: { id: ANNA, role: 'pdn_officer' },
          source: 'operator',
          commandId: newId(),
          correlationId: newId(),
          causationId: null,
          data: { subjectId: person },
        },
      ]);
      await runner().run();
      await newService().execute(named('13-к'));
      const [before, later] = await read(`membership-${person}`);
      const keys = await new PostgresKeyVault(pool, masterKey).find([{ organizationId, subjectId: person }]);
      expect([...keys.values()]).toEqual(['destroyed']);
      expect(before?.data.fullName).toMatchObject({ $sealed: { subject: person } });
      expect(later?.data.fullName).toEqual({ $erased: { subject: person } });
    });

    it('given a crash came between, then the runner sees to it once', async () => {
      const person = randomUUID();
      const linkId = randomUUID();
      const commandId = newId();
      await store.append({ organizationId, stream: `invitation-${linkId}` }, 'no-stream', [
        {
          id: newId(),
          type: 'InvitationLinkUsed',
          schemaVersion: 1,
          occurredAt: NOW,
          recordedAt: NOW,
          actor: { id: ANNA, role: 'platform_admin' },
          source: 'operator',
          commandId,
          correlationId: commandId,
          causationId: null,
          data: { linkId, personId: person, at: NOW, platformRole: 'teacher' },
        },
      ]);
      await runner().run();
      await runner().run();
      expect((await read(`membership-${person}`)).map(({ type }) => type)).toEqual(['MemberJoined']);
    });
  });

  describe('personal data', () => {
    const NAME = 'Соколова Мария Петровна';
    const hire = (personId: string, orderRef = '12-к'): CommandRequest =>
      request('RecordMovement', { personId, kind: 'hired', orderRef, effectiveAt: NOW, fullName: NAME });

    async function opened(event: RecordedEvent): Promise<unknown> {
      const keys = await new PostgresKeyVault(pool, masterKey).find(personal.subjectsOf(event, event.data));
      return personal.open(event, event.data, keys).fullName;
    }

    it('given a name, then it is stored under the key of its subject, in clear nowhere', async () => {
      const person = randomUUID();
      await service.execute(hire(person));
      const { rows } = await admin.query<{ row: string }>(
        'SELECT e::text AS row FROM letopis.events e WHERE organization_id = $1',
        [organizationId],
      );
      expect(rows.map(({ row }) => row).join()).not.toContain('Соколова');
      const [event] = await read(`membership-${person}`);
      expect(event!.data.fullName).toEqual({ $sealed: { subject: person, value: expect.any(String) } });
    });

    it('given its key, then it can be read', async () => {
      const person = randomUUID();
      await service.execute(hire(person));
      const [event] = await read(`membership-${person}`);
      expect(await opened(event!)).toBe(NAME);
    });

    it('given its key was destroyed, then what was recorded stays sealed', async () => {
      const person = randomUUID();
      await service.execute(hire(person));
      await new PostgresKeyVault(pool, masterKey).destroy({ organizationId, subjectId: person });
      const [event] = await read(`membership-${person}`);
      expect(await opened(event!)).toEqual(event!.data.fullName);
    });

    it('given the subject was erased before, then a new fact is recorded without the name', async () => {
      const person = randomUUID();
      await new PostgresKeyVault(pool, masterKey).destroy({ organizationId, subjectId: person });
      await service.execute(hire(person));
      const [event] = await read(`membership-${person}`);
      expect(event!.data.fullName).toEqual({ $erased: { subject: person } });
    });

    it('given many writers at once, then a subject has one key', async () => {
      const subject = { organizationId, subjectId: randomUUID() };
      const vaults = numbers(20).map(() => new PostgresKeyVault(pool, masterKey));
      const found = await Promise.all(vaults.map((vault) => vault.obtain([subject, subject])));
      const distinct = new Set(found.flatMap((keys) => [...keys.values()].map((key) => key.toString('hex'))));
      expect(distinct.size).toBe(1);
    });

    it('given another organisation, then the same person has another key there', async () => {
      const subjectId = randomUUID();
      const vault = new PostgresKeyVault(pool, masterKey);
      const keys = await vault.obtain([
        { organizationId, subjectId },
        { organizationId: randomUUID(), subjectId },
      ]);
      expect(new Set([...keys.values()].map((key) => key.toString('hex'))).size).toBe(2);
    });
  });

  describe('the revision that the caller expects', () => {
    it('given it is the stream’s, then the command is carried out', async () => {
      const person = randomUUID();
      await service.execute(movement(person, '12-к', { expectedRevision: -1n }));
      const reply = await service.execute(movement(person, '13-к', { expectedRevision: 0n }));
      expect(reply.revision).toBe('1');
    });

    it.each([-1n, 5n])('given it is %s and the stream is at 0, then it is a conflict', async (expected) => {
      const person = randomUUID();
      await service.execute(movement(person, '12-к'));
      const [outcome] = await service.executeAll([movement(person, '13-к', { expectedRevision: expected })]);
      expect(problemOf(outcome)).toBe('conflict');
      expect(await read(`membership-${person}`)).toHaveLength(1);
    });

    it('given two callers expect the same one, then the later is a conflict', async () => {
      const person = randomUUID();
      const outcomes = await Promise.all(
        ['12-к', '13-к'].map((order) =>
          service.executeAll([movement(person, order, { expectedRevision: -1n })]),
        ),
      );
      expect(outcomes.flat().map(problemOf)).toEqual([undefined, 'conflict']);
    });
  });

  describe('the envelope', () => {
    it('given a caller with several roles, then it names the first that may', async () => {
      const person = randomUUID();
      const caller = { id: ANNA, roles: ['teacher', 'deputy', 'director'] as const };
      await service.execute(movement(person, '12-к', { caller }));
      expect((await read(`membership-${person}`))[0]!.actor).toEqual({ id: ANNA, role: 'deputy' });
    });

    it('given a reporter who is to stay unknown, then nothing in the record names the caller', async () => {
      const violationId = randomUUID();
      const report = { violationId, kind: 'ethics', anonymous: true };
      await service.execute(request('ReportViolation', report, { role: 'student' }));
      const [event] = await read(`violation-${violationId}`);
      expect(event!.actor.role).toBe('student');
      expect(JSON.stringify({ ...event, position: '', revision: '' })).not.toContain(ANNA);
    });

    it('given such a report with a key, then it is one, and trying callers out does not find the reporter', async () => {
      const report = { violationId: randomUUID(), kind: 'ethics', anonymous: true };
      const keyed = request('ReportViolation', report, { role: 'student', idempotencyKey: 'k-1' });
      const first = await service.execute(keyed);
      expect(await newService().execute(keyed)).toMatchObject({ repeated: true, events: first.events });
      expect(first.commandId).not.toBe(derivedId('command', organizationId, ANNA, 'k-1'));
    });

    it('given a fact that comes late, then both times are kept in UTC', async () => {
      const person = randomUUID();
      await service.execute(movement(person, '12-к', { occurredAt: '2025-09-01T05:00:00+05:00' }));
      expect((await read(`membership-${person}`))[0]).toMatchObject({
        occurredAt: '2025-09-01T00:00:00.000Z',
        recordedAt: NOW,
      });
    });

    it.each(['2025-11-17T14:11:00Z', '2025-11-17T14:00:00', 'yesterday'])(
      'given it happened at %s, then it is invalid',
      async (occurredAt) => {
        const [outcome] = await service.executeAll([movement(randomUUID(), '12-к', { occurredAt })]);
        expect(problemOf(outcome)).toBe('invalid');
      },
    );

    it('given facts that are known, then the answer says that nothing was recorded', async () => {
      const person = randomUUID();
      await service.execute(movement(person, '12-к'));
      expect(await service.execute(movement(person, '12-к'))).toMatchObject({
        events: [],
        position: null,
        revision: '0',
        repeated: true,
      });
    });
  });

  describe('the record', () => {
    const statements = [
      `UPDATE letopis.events SET type = 'x'`,
      'DELETE FROM letopis.events',
      'TRUNCATE letopis.events',
    ];

    it.each(statements)('given the application’s role, then %s is not permitted', async (statement) => {
      await expect(pool.query(statement)).rejects.toThrow('permission denied');
    });

    it.each([
      'ALTER TABLE letopis.events DISABLE TRIGGER events_append_only',
      'DROP TABLE letopis.events',
      `CREATE OR REPLACE FUNCTION letopis.refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'`,
    ])('given the application’s role, then it cannot %s', async (statement) => {
      await expect(pool.query(statement)).rejects.toThrow(/must be owner|permission denied/);
    });

    it.each(statements)('given a superuser, then %s is stopped by the trigger', async (statement) => {
      await service.execute(movement(randomUUID(), '12-к'));
      await expect(admin.query(statement)).rejects.toThrow('append-only');
    });

    it('given the application’s role, then a destroyed key cannot be forgotten', async () => {
      await expect(pool.query('DELETE FROM letopis.subject_keys')).rejects.toThrow('permission denied');
    });

    it('given a payload that would not fit the schema of its event, then nothing is recorded', async () => {
      const link = { linkId: randomUUID(), recipientIds: ['x'], channel: 'e_diary' };
      const [outcome] = await service.executeAll([request('SendInvitationLink', link)]);
      expect([problemOf(outcome), await everything()]).toEqual(['invalid', []]);
    });

    it('given a link, then only its digest is stored', async () => {
      const payload = {
        targetKind: 'community',
        targetId: organizationId,
        platformRole: 'teacher',
        expiresAt: '2036-09-15T00:00:00Z',
        maxUses: 30,
        urlHash: SHA256,
      };
      const { stream } = await service.execute(request('CreateInvitationLink', payload));
      expect((await read(stream))[0]!.data).toMatchObject({ urlHash: SHA256 });
    });
  });
});

/** The store, but for what is changed. */
function altered(store: EventStore, change: Partial<EventStore>): EventStore {
  return {
    append: (ref, expected, events) => store.append(ref, expected, events),
    appendMany: (batch) => store.appendMany(batch),
    readStream: (ref, options) => store.readStream(ref, options),
    readCommand: (organization, commandId) => store.readCommand(organization, commandId),
    readAll: (after, options) => store.readAll(after, options),
    subscribe: (after, onEvent, options) => store.subscribe(after, onEvent, options),
    head: () => store.head(),
    close: () => store.close(),
    ...change,
  };
}

/** The store, but for the first append to one stream, which it cannot take. */
function failingOnce(store: EventStore, stream: string): EventStore {
  let failed = false;
  return altered(store, {
    append: async (ref: StreamRef, expected, events) => {
      if (ref.stream === stream && !failed) {
        failed = true;
        throw new LetopisError('unavailable', 'The store is away');
      }
      return store.append(ref, expected, events);
    },
  });
}

/** Something to wait for until it is opened. */
function newGate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
