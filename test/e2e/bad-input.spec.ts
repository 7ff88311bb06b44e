import { createHmac, createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { SignJWT } from 'jose';
import { EmbeddedIssuer } from '@letopis/platform';
import {
  type Client,
  linesOf,
  openBatch,
  type LineAnswer,
  startApplication,
  type TestApplication,
} from '../support/application';

const MIB = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
const NDJSON_TYPE = { 'content-type': 'application/x-ndjson' };
/** Far below what a request that keeps the whole process busy takes. */
const PROMPT_MS = 3_000;

/** What a refusal says: its status, its code, and the JSON Pointers of the fields that are wrong. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly fields?: readonly string[];
  readonly clause?: string;
  readonly rule?: string;
}

const invalid = (...fields: readonly string[]): Refusal => ({ status: 400, code: 'invalid', fields });
const unauthenticated: Refusal = { status: 401, code: 'unauthenticated' };
const forbidden: Refusal = { status: 403, code: 'forbidden' };
const conflict: Refusal = { status: 409, code: 'conflict' };
const tooLarge: Refusal = { status: 413, code: 'too-large' };

describe('given input that is wrong', () => {
  let app: TestApplication;
  let school: string;
  let director: Client;
  let administrator: Client;
  let curator: Client;

  beforeAll(async () => {
    app = await startApplication();
    school = await app.createSchool();
    director = await app.as('director', { organizationId: school });
    administrator = await app.as('platform_admin', { organizationId: school });
    curator = await app.as('curator', { organizationId: school });
  }, 60_000);

  afterAll(() => app.stop());

  /** Sends, and shows that it was refused as it should be, promptly, and that nothing was recorded. */
  async function expectRefused(
    send: () => Promise<{ status: number; text: string; contentType: string }>,
    { status, code, fields, clause, rule }: Refusal,
  ): Promise<void> {
    const before = await app.core.store.head();
    const began = performance.now();

    const answer = await send();

    const took = performance.now() - began;
    expect(answer.contentType).toMatch(/^application\/problem\+json/);
    const problem: { fields?: { path: string; message: string }[] } = JSON.parse(answer.text);
    expect(problem).toMatchObject({
      type: `urn:letopis:problem:${code}`,
      status,
      code,
      title: expect.any(String),
      detail: expect.any(String),
      ...(clause !== undefined && { clause }),
      ...(rule !== undefined && { rule }),
    });
    expect(answer.status).toBe(status);
    if (fields !== undefined) {
      expect([...new Set(problem.fields?.map(({ path }) => path))].sort()).toEqual([...fields].sort());
      expect(problem.fields?.every(({ message }) => message !== '')).toBe(true);
    }
    expect(await app.core.store.head()).toBe(before);
    expect((await app.withAuthorization(undefined).get('/health/live')).status).toBe(200);
    expect(took).toBeLessThan(PROMPT_MS);
  }

  type Sent = ReturnType<Client['send']>;

  const refused = (send: () => Sent, refusal: Refusal): Promise<void> =>
    expectRefused(async () => {
      const { status, text, headers } = await send();
      return { status, text, contentType: headers.get('content-type') ?? '' };
    }, refusal);

  const movement = (more: object = {}): object => ({
    personId: randomUUID(),
    kind: 'hired',
    orderRef: '№ 12-к от 25.08.2025',
    effectiveAt: '2025-08-25T00:00:00+05:00',
    ...more,
  });
  const body = (payload: unknown, more: object = {}): string => JSON.stringify({ payload, ...more });
  const sendCommand = (client: Client, name: string, text: string | Buffer): Sent =>
    client.send('POST', `commands/${name}`, { headers: JSON_TYPE, body: text });
  const sendMovement = (text: string): Sent => sendCommand(director, 'RecordMovement', text);

  describe('in the body of a command', () => {
    it.each<[string, () => string, Refusal]>([
      ['no JSON', () => '{"payload":', invalid('')],
      ['an empty body', () => '', invalid('')],
      ['a list', () => '[]', invalid('')],
      ['null', () => 'null', invalid('')],
      ['a number', () => '7', invalid('')],
      ['a member that nobody expects', () => body(movement(), { actor: 'x' }), invalid('/actor')],
      ['a payload that is a list', () => body([]), invalid('/payload')],
      ['a payload that is text', () => body('hired'), invalid('/payload')],
      ['a payload that is null', () => body(null), invalid('/payload')],
      ['a field that is unknown', () => body(movement({ salary: 1 })), invalid('/payload/salary')],
      [
        'a field whose name needs escaping in a pointer',
        () => body(movement({ 'a/b~c': 1 })),
        invalid('/payload/a~1b~0c'),
      ],
      [
        'fields that are missing',
        () => body({}),
        invalid('/payload/kind', '/payload/orderRef', '/payload/effectiveAt'),
      ],
      [
        'fields of wrong types',
        () => body(movement({ kind: 1, orderRef: { text: 'x' }, effectiveAt: 1_756_000_000 })),
        invalid('/payload/kind', '/payload/orderRef', '/payload/effectiveAt'),
      ],
      ['an id that is none', () => body(movement({ personId: 'x' })), invalid('/payload/personId')],
      [
        'an id that is a list',
        () => body(movement({ personId: [randomUUID()] })),
        invalid('/payload/personId'),
      ],
      ['NUL in text', () => body(movement({ orderRef: 'a\0b' })), invalid('/payload/orderRef')],
      [
        'half a surrogate pair in text',
        () => body(movement({ orderRef: 'a\ud800b' })),
        invalid('/payload/orderRef'),
      ],
      ['only blanks in text', () => body(movement({ orderRef: ' \t' })), invalid('/payload/orderRef')],
      [
        'text over its length',
        () => body(movement({ orderRef: 'a'.repeat(201) })),
        invalid('/payload/orderRef'),
      ],
      [
        'a day that does not exist',
        () => body(movement({ effectiveAt: '2025-02-30T00:00:00Z' })),
        invalid('/payload/effectiveAt'),
      ],
      [
        'an instant without a time zone',
        () => body(movement({ effectiveAt: '2025-08-25T00:00:00' })),
        invalid('/payload/effectiveAt'),
      ],
      [
        'the prototype among the fields',
        () => `{"payload":{"__proto__":{"kind":"hired"},"orderRef":"1"}}`,
        invalid('/payload/__proto__'),
      ],
      [
        'a constructor among the fields',
        () => body(movement({ constructor: { prototype: {} } })),
        invalid('/payload/constructor'),
      ],
      [
        'occurredAt in the future',
        () => body(movement(), { occurredAt: new Date(Date.now() + 3_600_000).toISOString() }),
        invalid('/occurredAt'),
      ],
      [
        'occurredAt in the year 0',
        () => body(movement(), { occurredAt: '0000-01-01T00:00:00Z' }),
        invalid('/occurredAt'),
      ],
      [
        'an instant in the year 0',
        () => body(movement({ effectiveAt: '0000-01-01T00:00:00Z' })),
        invalid('/payload/effectiveAt'),
      ],
      [
        'occurredAt without a time zone',
        () => body(movement(), { occurredAt: '2025-09-01T08:00:00' }),
        invalid('/occurredAt'),
      ],
      [
        'occurredAt that does not exist',
        () => body(movement(), { occurredAt: '2025-13-01T08:00:00Z' }),
        invalid('/occurredAt'),
      ],
      ['occurredAt that is a number', () => body(movement(), { occurredAt: 5 }), invalid('/occurredAt')],
      [
        'nesting without end',
        () => `{"payload":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
        invalid('/payload'),
      ],
      [
        'nesting without end in a field',
        () => `{"payload":{"orderRef":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}}`,
        invalid('/payload'),
      ],
    ])('as %s, then it is refused and names the field', async (_what, text, refusal) => {
      await refused(() => sendMovement(text()), refusal);
    });

    it.each<[string, string, () => unknown, Refusal]>([
      [
        'a nested field is wrong',
        'RequestOrganizationRegistration',
        () => ({
          applicantId: randomUUID(),
          orderRef: '№ 1',
          orderFileSha256: 'a'.repeat(64),
          contact: { fullName: 'Ковалёва Анна', email: 'nobody', phone: '8 900', fax: '1' },
        }),
        invalid('/payload/contact/email', '/payload/contact/phone', '/payload/contact/fax'),
      ],
      [
        'an item of a list is wrong',
        'ApproveNomenclature',
        () => ({
          schoolYear: '2025/2026',
          orderRef: '№ 1',
          groups: [
            { kind: 'class', title: '5А' },
            { kind: 'castle', title: '5Б' },
          ],
        }),
        invalid('/payload/groups/1/kind'),
      ],
      [
        'a list has 100,000 different texts',
        'SendInvitationLink',
        () => ({
          linkId: randomUUID(),
          channel: 'e_diary',
          recipientIds: Array.from({ length: 100_000 }, (_, index) => `a${index}`),
        }),
        invalid('/payload'),
      ],
      [
        'a list has 200,000 empty objects',
        'ApproveNomenclature',
        () => ({
          schoolYear: '2025/2026',
          orderRef: '№ 1',
          groups: Array.from({ length: 200_000 }, () => ({})),
        }),
        invalid('/payload'),
      ],
      [
        'a school year is no year',
        'ApproveNomenclature',
        () => ({ schoolYear: '2025/2027', orderRef: '№ 1', groups: [{ kind: 'class', title: '5А' }] }),
        invalid('/payload/schoolYear'),
      ],
    ])('where %s, then it is refused and names it', async (_what, name, payload, refusal) => {
      await refused(() => sendCommand(administrator, name, body(payload())), refusal);
    });

    it('where a member of a chat is nobody, then it is refused and names the field', async () => {
      const payload = { chatId: randomUUID(), via: 'link' };
      await refused(
        () => sendCommand(curator, 'RecordChatMemberAdded', body(payload)),
        invalid('/payload/personId'),
      );
    });

    it('where it is over 1 MiB, then it is refused as too large', async () => {
      await refused(() => sendMovement(body(movement({ orderRef: 'a'.repeat(MIB) }))), tooLarge);
    });

    it('where it is of another content type, then it is refused', async () => {
      const text = body(movement());
      await refused(
        () =>
          director.send('POST', 'commands/RecordMovement', {
            headers: { 'content-type': 'text/plain' },
            body: text,
          }),
        { status: 400, code: 'invalid' },
      );
      await refused(
        () => director.send('POST', 'commands/RecordMovement', { headers: NDJSON_TYPE, body: text }),
        { status: 400, code: 'invalid' },
      );
    });

    it('where it is not UTF-8, then it is refused', async () => {
      const text = Buffer.from(body(movement({ orderRef: '??' })));
      text.set([0xc3, 0x28], text.indexOf('??'));
      await refused(() => sendCommand(director, 'RecordMovement', text), invalid(''));
    });
  });

  describe('around a command', () => {
    it('with a name that is unknown, then it is not found', async () => {
      await refused(() => sendCommand(director, 'DeleteEverything', body({})), {
        status: 404,
        code: 'not-found',
      });
    });

    it.each(['constructor', '__proto__', '%00', '..%2f..%2fhealth'])(
      'with the name %s, then it is not found',
      async (name) => {
        await refused(() => sendCommand(director, name, body({})), { status: 404, code: 'not-found' });
      },
    );

    it('with an organisation that is no id, then it is refused before anything else', async () => {
      await refused(
        () =>
          director.send('POST', '/v1/organizations/x/commands/RecordMovement', {
            headers: JSON_TYPE,
            body: body(movement()),
          }),
        forbidden,
      );
    });

    it.each<[string, Record<string, string>, string]>([
      ['a key over its length', { 'idempotency-key': 'k'.repeat(201) }, '/headers/idempotency-key'],
      ['a key with control characters', { 'idempotency-key': 'a\tb' }, '/headers/idempotency-key'],
      ['an empty key', { 'idempotency-key': '' }, '/headers/idempotency-key'],
      ['a correlation over its length', { 'x-correlation-id': 'k'.repeat(129) }, '/headers/x-correlation-id'],
      ['a revision that is none', { 'if-match': 'seven' }, '/headers/if-match'],
      ['a revision out of range', { 'if-match': `"${'9'.repeat(19)}"` }, '/headers/if-match'],
    ])('with %s, then it is refused and names the header', async (_what, headers, path) => {
      await refused(
        () =>
          director.send('POST', 'commands/RecordMovement', {
            headers: { ...JSON_TYPE, ...headers },
            body: body(movement()),
          }),
        invalid(path),
      );
    });

    it('with a revision that lost, then it is a conflict', async () => {
      const payload = movement();
      await director.must('RecordMovement', payload, { ifMatch: 'none' });

      await refused(
        () => director.command('RecordMovement', { ...payload, orderRef: '№ 13-к' }, { ifMatch: 'none' }),
        conflict,
      );
      await refused(
        () => director.command('RecordMovement', { ...payload, orderRef: '№ 13-к' }, { ifMatch: '4' }),
        conflict,
      );
    });

    it('with a decision that a rule forbids, then it is refused with clause and rule', async () => {
      await refused(
        () =>
          administrator.command('ConfirmRole', {
            personId: randomUUID(),
            method: 'moya_shkola',
            evidenceRef: '1',
          }),
        { status: 422, code: 'rule-violated', clause: '3.3.2', rule: 'joined-first' },
      );
    });
  });

  describe('with an Idempotency-Key that was used', () => {
    const key = `key-${randomUUID()}`;
    const payload = movement();
    const occurredAt = '2025-08-25T08:00:00Z';
    let first: string;

    beforeAll(async () => {
      ({ text: first } = await director.command('RecordMovement', payload, { key, occurredAt }));
    });

    it('and the same body, then the answer is the same and nothing is recorded', async () => {
      const before = await app.core.store.head();

      const again = await director.command('RecordMovement', payload, { key, occurredAt });

      expect([again.status, again.text]).toEqual([200, first]);
      expect(await app.core.store.head()).toBe(before);
    });

    it('and the same body with its members in another order, then the answer is the same', async () => {
      const reversed = Object.fromEntries(Object.entries(payload).reverse());

      const again = await director.command('RecordMovement', reversed, { key, occurredAt });

      expect([again.status, again.text]).toEqual([200, first]);
    });

    it.each<[string, () => Sent]>([
      [
        'another body',
        () => director.command('RecordMovement', { ...payload, orderRef: '№ 99' }, { key, occurredAt }),
      ],
      ['another person', () => director.command('RecordMovement', movement(), { key, occurredAt })],
      ['another instant', () => director.command('RecordMovement', payload, { key })],
      [
        'another command',
        () =>
          director.command(
            'RecordCouncilOpinion',
            { actId: randomUUID(), council: 'staff', protocolNo: '1', date: '2025-08-27', opinion: 'agree' },
            { key },
          ),
      ],
      [
        'another command that a rule would refuse',
        () =>
          director.command(
            'PutLocalActInForce',
            { actId: randomUUID(), effectiveFrom: '2025-09-01' },
            { key },
          ),
      ],
    ])('and %s, then it is a conflict', async (_what, send) => {
      await refused(send, conflict);
    });

    it('by somebody else, then it is another key', async () => {
      const other = await app.as('director', { organizationId: school });

      const { status } = await other.command('RecordMovement', movement(), { key, occurredAt });

      expect(status).toBe(201);
    });

    it('for a command that was refused, then it can be used again', async () => {
      const link = { linkId: randomUUID(), reason: 'manual' };
      const refusedKey = `key-${randomUUID()}`;
      await refused(() => administrator.command('RevokeInvitationLink', link, { key: refusedKey }), {
        status: 422,
        code: 'rule-violated',
        clause: '3.1.10',
        rule: 'live-link',
      });
      await administrator.must('CreateInvitationLink', {
        linkId: link.linkId,
        targetKind: 'community',
        targetId: school,
        platformRole: 'teacher',
        expiresAt: '2036-09-15T00:00:00Z',
        maxUses: 3,
        urlHash: 'a'.repeat(64),
      });

      const { status } = await administrator.command('RevokeInvitationLink', link, { key: refusedKey });

      expect(status).toBe(201);
    });
  });

  describe('with a token', () => {
    const claims = { organization: randomUUID(), roles: ['director'] };
    const signed = (change: (token: SignJWT) => SignJWT, key = app.issuerKey, content: object = claims) =>
      change(
        new SignJWT({ ...content })
          .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
          .setSubject(randomUUID())
          .setIssuer('letopis-embedded')
          .setAudience('letopis')
          .setIssuedAt()
          .setExpirationTime('1h'),
      ).sign(createPrivateKey(key));
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsignedPart = (alg: string): string =>
      `${part({ alg, typ: 'JWT' })}.${part({ ...claims, sub: randomUUID(), iss: 'letopis-embedded', aud: 'letopis', exp: 4_000_000_000 })}`;
    const bearer = async (token: Promise<string>): Promise<string> => `Bearer ${await token}`;

    it.each<[string, () => Promise<string | undefined>]>([
      ['missing', async () => undefined],
      ['of another scheme', async () => 'Basic ZGlyZWN0b3I6MTIzNA=='],
      ['empty', async () => 'Bearer '],
      ['garbage', async () => 'Bearer abc.def.ghi'],
      ['no token', async () => 'Bearer abc'],
      ['unsigned (alg none)', async () => `Bearer ${unsignedPart('none')}.`],
      [
        'signed with the public key as a secret',
        async () => {
          const secret = createPublicKey(app.issuerKey).export({ type: 'spki', format: 'pem' });
          const text = unsignedPart('HS256');
          return `Bearer ${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
        },
      ],
      ['signed with another key', () => bearer(signed((token) => token, EmbeddedIssuer.generate()))],
      [
        'expired',
        () => bearer(signed((token) => token.setExpirationTime(Math.floor(Date.now() / 1_000) - 60))),
      ],
      ['not valid yet', () => bearer(signed((token) => token.setNotBefore('1h')))],
      ['for another audience', () => bearer(signed((token) => token.setAudience('billing')))],
      ['of another issuer', () => bearer(signed((token) => token.setIssuer('somebody')))],
      ['about nobody', () => bearer(signed((token) => token.setSubject('admin')))],
      [
        'without roles',
        () => bearer(signed((token) => token, app.issuerKey, { organization: claims.organization })),
      ],
      [
        'of the role system',
        () => bearer(signed((token) => token, app.issuerKey, { ...claims, roles: ['system'] })),
      ],
      [
        'of an organisation that is none',
        () => bearer(signed((token) => token, app.issuerKey, { ...claims, organization: 'x' })),
      ],
    ])('that is %s, then nobody is signed in', async (_what, header) => {
      const client = app.withAuthorization(await header(), claims.organization);
      await refused(() => client.command('RecordMovement', movement()), unauthenticated);
    });

    it('that was changed on its way, then nobody is signed in', async () => {
      const [head = '', content = '', signature = ''] = director.token.split('.');
      const changed = Buffer.from(content, 'base64url').toString().replace('director', 'operator');
      const client = app.withAuthorization(
        `Bearer ${head}.${Buffer.from(changed).toString('base64url')}.${signature}`,
        school,
      );
      await refused(() => client.command('RecordMovement', movement()), unauthenticated);
    });

    it('that is good on a public route, then a bad one changes nothing', async () => {
      expect((await app.withAuthorization('Bearer garbage').get('/health/live')).status).toBe(200);
    });

    it('of another organisation, then it is forbidden', async () => {
      const stranger = await app.as('director');
      await refused(() => sendCommandTo(stranger, school), forbidden);
    });

    it('of a role that may not, then it is forbidden', async () => {
      const pupil = await app.as('student', { organizationId: school });
      await refused(() => pupil.command('RecordMovement', movement()), forbidden);
    });

    it('for one school, then it cannot ask for another by a body', async () => {
      await refused(
        () => administrator.send('POST', 'integrations/max/webhook', { headers: JSON_TYPE, body: '{}' }),
        unauthenticated,
      );
    });
  });

  const sendCommandTo = (client: Client, organizationId: string): Sent =>
    client.send('POST', `/v1/organizations/${organizationId}/commands/RecordMovement`, {
      headers: JSON_TYPE,
      body: body(movement()),
    });

  describe('in a query', () => {
    it.each<[string, string, string]>([
      ['an unknown parameter', 'audit-trail?actr=x', '/actr'],
      ['an unknown parameter of one event', `audit-trail/${randomUUID()}?x=1`, '/x'],
      ['an unknown parameter of the feed', 'events?from=2025-01-01T00:00:00Z', '/from'],
      ['an unknown parameter of the compliance view', 'compliance?asof=2025-09-01T00:00:00Z', '/asof'],
      ['a parameter that stands twice', 'audit-trail?type=a&type=b', '/type'],
      ['an empty parameter', 'audit-trail?type=', '/type'],
      ['NUL in a parameter', 'audit-trail?q=a%00b', '/q'],
      ['an instant that is none', 'audit-trail?from=yesterday', '/from'],
      ['an instant without a time zone', 'compliance?asOf=2025-09-01T00:00:00', '/asOf'],
      ['a limit out of range', 'audit-trail?limit=501', '/limit'],
      ['a limit that is no number', 'audit-trail?limit=1e9999', '/limit'],
      ['an order that is none', 'audit-trail?order=random', '/order'],
      ['a subject that is no id', 'audit-trail?subject=x', '/subject'],
      ['a position that is none', 'audit-trail?minPosition=-1', '/minPosition'],
      ['a position beyond 64 bits', 'events?after=99999999999999999999', '/after'],
      ['a cursor that nobody gave', 'audit-trail?cursor=5.abc', '/cursor'],
      ['a cursor beyond 64 bits', 'audit-trail?cursor=9999999999999999999.abc', '/cursor'],
      ['an id that is none', 'audit-trail/x', '/eventId'],
      ['a state of findings that is none', 'compliance/findings?state=bad', '/state'],
      ['a cursor of reports that nobody gave', 'reports?cursor=5_x.abc', '/cursor'],
      ['a document without a format', `reports/${randomUUID()}/document`, '/format'],
      ['a format that is none', `reports/${randomUUID()}/document?format=docx`, '/format'],
      ['a comparison with nothing', `reports/${randomUUID()}/comparison`, '/with'],
    ])('with %s, then it is refused and names it', async (_what, path, field) => {
      await refused(() => director.get(path), invalid(field));
    });

    it('with a cursor that was edited, or is of another question, then it is refused', async () => {
      await director.must('RecordMovement', movement());
      const { position } = await director.must('RecordMovement', movement());
      const { body: page } = await director.get<{ nextCursor: string }>(
        `audit-trail?limit=1&minPosition=${position}`,
      );
      const [at = '', signature = ''] = page.nextCursor.split('.');
      const edited = `${BigInt(at) + 1n}.${signature}`;

      await refused(() => director.get(`audit-trail?limit=1&cursor=${edited}`), invalid('/cursor'));
      await refused(
        () => director.get(`audit-trail?order=asc&cursor=${page.nextCursor}`),
        invalid('/cursor'),
      );
      await refused(() => director.get(`audit-trail?type=A&cursor=${page.nextCursor}`), invalid('/cursor'));
    });

    it.each([
      ['a route that is none', '/v1/nothing'],
      ['a method that is none', '/v1/organizations/x/compliance/controls'],
    ])('for %s, then it is not found', async (_what, path) => {
      await refused(() => director.get(path), { status: 404, code: 'not-found' });
    });

    it.each([
      ['event', `audit-trail/${randomUUID()}`],
      ['control', 'compliance/controls/C99'],
      ['report', `reports/${randomUUID()}`],
    ])('for a %s that is none, then it is not found', async (_what, path) => {
      await refused(() => director.get(path), { status: 404, code: 'not-found' });
    });
  });

  describe('in the body of a report', () => {
    it.each<[string, object, readonly string[]]>([
      ['no period', {}, ['/from']],
      [
        'an unknown kind',
        { kind: 'secret', from: '2025-09-01T00:00:00Z', to: '2025-10-01T00:00:00Z' },
        ['/kind'],
      ],
      [
        'a member that nobody expects',
        { from: '2025-09-01T00:00:00Z', to: '2025-10-01T00:00:00Z', x: 1 },
        ['/x'],
      ],
      [
        'a period that ends before it begins',
        { from: '2025-10-01T00:00:00Z', to: '2025-09-01T00:00:00Z' },
        ['/to'],
      ],
      ['a period that is not over', { from: '2025-10-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }, ['/to']],
      ['a period too long', { from: '2001-01-01T00:00:00Z', to: '2025-09-01T00:00:00Z' }, ['/from']],
      [
        'a report to revise that is none',
        { from: '2025-09-01T00:00:00Z', to: '2025-10-01T00:00:00Z', revises: randomUUID() },
        ['/revises'],
      ],
      [
        'a basis that is too long',
        { from: '2025-09-01T00:00:00Z', to: '2025-10-01T00:00:00Z', basisRu: 'а'.repeat(2_001) },
        ['/basisRu'],
      ],
    ])('with %s, then it is refused and names it', async (_what, request, fields) => {
      await refused(() => director.post('reports', request), invalid(...fields));
    });
  });

  describe('in a new organisation', () => {
    it.each<[string, object, readonly string[]]>([
      [
        'an id that is none',
        { organizationId: 'x', name: 'A', timeZone: 'Europe/Moscow' },
        ['/organizationId'],
      ],
      ['a time zone that does not exist', { name: 'A', timeZone: 'Moscow/Europe' }, ['/payload/timeZone']],
      ['no name', { timeZone: 'Europe/Moscow' }, ['/payload/name']],
      ['a member that nobody expects', { name: 'A', timeZone: 'Europe/Moscow', x: 1 }, ['/x']],
    ])('with %s, then it is refused and names it', async (_what, request, fields) => {
      const operator = await app.as('operator');
      await refused(() => operator.post('/v1/organizations', request), invalid(...fields));
    });
  });

  describe('at the webhook', () => {
    const update = JSON.stringify({ update_type: 'bot_started', timestamp: 1 });

    it.each<[string, Record<string, string>]>([
      ['no secret', {}],
      ['a wrong secret', { 'x-max-bot-api-secret': 'wrong-secret' }],
    ])('with %s, then nobody is signed in', async (_what, headers) => {
      await administrator.post('integrations/max/bots', { botId: 'school-bot', secret: 'right-secret' });
      const max = app.withAuthorization(undefined, school);
      await refused(
        () =>
          max.send('POST', 'integrations/max/webhook', {
            headers: { ...JSON_TYPE, ...headers },
            body: update,
          }),
        unauthenticated,
      );
    });

    it('with an update over 1 MiB, then it is refused as too large', async () => {
      const max = app.withAuthorization(undefined, school);
      await refused(
        () => max.send('POST', 'integrations/max/webhook', { headers: JSON_TYPE, body: 'a'.repeat(MIB + 1) }),
        tooLarge,
      );
    });
  });

  describe('in a batch', () => {
    const sendBatch = (text: string | Buffer) =>
      director.send('POST', 'command-batches', { headers: NDJSON_TYPE, body: text });
    const nothing = '{"command":"Nothing","payload":{}}\n';

    it('of another content type, then it is refused', async () => {
      await refused(() => director.send('POST', 'command-batches', { headers: JSON_TYPE, body: '{}' }), {
        status: 400,
        code: 'invalid',
      });
    });

    it('that says it has over 64 MiB, then it is refused before it is sent', async () => {
      await expectRefused(
        () =>
          new Promise((resolve, reject) => {
            const request = httpRequest(`${app.url}/v1/organizations/${school}/command-batches`, {
              method: 'POST',
              headers: {
                ...NDJSON_TYPE,
                authorization: `Bearer ${director.token}`,
                'content-length': 64 * MIB + 1,
              },
            });
            request.on('error', reject).on('response', (response) => {
              let text = '';
              response.setEncoding('utf8').on('data', (data: string) => (text += data));
              response.on('end', () => {
                request.destroy();
                resolve({
                  status: response.statusCode ?? 0,
                  text,
                  contentType: response.headers['content-type'] ?? '',
                });
              });
            });
            request.flushHeaders();
          }),
        tooLarge,
      );
    });

    it('with more than 10,000 lines, then the first 10,000 are answered and the last answer says why it ends', async () => {
      const before = await app.core.store.head();

      const { status, text } = await sendBatch(nothing.repeat(10_001));

      const answers = linesOf<LineAnswer>(text);
      expect(status).toBe(200);
      expect(answers).toHaveLength(10_001);
      expect(
        answers.slice(0, 10_000).every((answer, index) => answer.line === index + 1 && answer.status === 404),
      ).toBe(true);
      expect(answers.at(-1)).toMatchObject({ line: 10_001, status: 413, problem: { code: 'too-large' } });
      expect(await app.core.store.head()).toBe(before);
    });

    it('with a line over 1 MiB, then the lines before it are carried out and the rest is not', async () => {
      const line = (orderRef: string): string =>
        `${JSON.stringify({ command: 'RecordMovement', payload: movement({ orderRef }) })}\n`;

      const { text } = await sendBatch(line('№ 1') + line('a'.repeat(MIB)) + line('№ 3'));

      expect(linesOf<LineAnswer>(text)).toMatchObject([
        { line: 1, status: 201 },
        { line: 2, status: 413, problem: { code: 'too-large' } },
      ]);
    });

    it('that grows over 64 MiB without saying so, then it ends there and says why', async () => {
      const line = `${JSON.stringify({ command: 'Nothing', payload: { text: 'a'.repeat(MIB - 100) } })}\n`;

      const batch = openBatch(app.url, director);
      for (let sent = 0; sent < 65; sent += 1) await batch.write(line);
      const answers = await batch.end();

      expect(answers.at(-1)).toMatchObject({ status: 413, problem: { code: 'too-large' } });
      expect(answers.length).toBeGreaterThan(60);
      expect((await app.withAuthorization(undefined).get('/health/live')).status).toBe(200);
    });

    it.each<[string, string, readonly string[]]>([
      ['no JSON', '{', ['']],
      ['a list', '[]', ['']],
      ['a member that nobody expects', '{"command":"A","payload":{},"actor":"x"}', ['/actor']],
      ['no command', '{"payload":{}}', ['/command']],
      ['an empty key', '{"command":"RecordMovement","payload":{},"idempotencyKey":""}', ['/idempotencyKey']],
      [
        'occurredAt that is a number',
        '{"command":"RecordMovement","payload":{},"occurredAt":1}',
        ['/occurredAt'],
      ],
      ['a payload that is a list', '{"command":"RecordMovement","payload":[]}', ['/payload']],
      [
        'nesting without end',
        `{"command":"RecordMovement","payload":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
        ['/payload'],
      ],
    ])('with a line that is %s, then that line names the field', async (_what, line, fields) => {
      const before = await app.core.store.head();

      const [answer] = await director.batch([line]);

      expect(answer).toMatchObject({ line: 1, status: 400, problem: { code: 'invalid' } });
      expect(answer?.problem?.fields?.map(({ path }) => path)).toEqual(fields);
      expect(await app.core.store.head()).toBe(before);
    });
  });

  it('when all of it is over, then every view is in step with the record', async () => {
    const head = await app.core.store.head();
    await app.core.projections.advance();

    const { body: health } = await app.withAuthorization(undefined).get<{
      status: string;
      projections: { position: string; lag: string; stoppedOrganizations: number }[];
    }>('/health/ready');

    expect(health.status).toBe('ok');
    for (const projection of health.projections) {
      expect(projection).toMatchObject({ position: String(head), lag: '0', stoppedOrganizations: 0 });
    }
  });
});
