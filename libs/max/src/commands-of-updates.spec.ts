import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { chatIdOf } from '@letopis/school';
import { commandOf, type UpdateCommand } from './commands-of-updates';
import { ANNA, AT, AT_ISO, BORIS, CHAT, DIALOG, EMPTY, MID, SAMPLES, SEQ, UNKNOWN } from './fixtures/updates';
import { variants } from './fixtures/variants';
import { MAX_UPDATES, readUpdates } from './updates';

const organizationId = '5d0f8c3e-1b2a-4c3d-8e4f-5a6b7c8d9e0f';
const now = new Date('2026-03-02T08:00:00.000Z');
const pseudonymOf = (id: string): string => `pseudonym of ${id}`;
const [anna, boris] = [pseudonymOf(ANNA), pseudonymOf(BORIS)];
const chatId = chatIdOf(organizationId, CHAT);
const dialogId = chatIdOf(organizationId, DIALOG);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function commandsOf(body: string | Buffer): UpdateCommand[] {
  return readUpdates(Buffer.from(body)).map((update) =>
    commandOf(update, { organizationId, pseudonymOf, now }),
  );
}

function only(body: string | Buffer): UpdateCommand {
  const commands = commandsOf(body);
  expect(commands).toHaveLength(1);
  return commands[0]!;
}

/** The sample as MAX would have written it with the field at `path` changed; numbers stay exact. */
function changed(sample: string, from: string | RegExp, to: string): string {
  const text = sample.replace(from, to);
  expect(text).not.toBe(sample);
  return text;
}

const account = { externalUserId: anna, maxUserId: ANNA, displayName: 'Анна Образцова' };
const message = {
  mid: MID,
  seq: SEQ,
  senderId: anna,
  senderMaxUserId: ANNA,
  senderName: 'Анна Образцова',
  attachmentKinds: ['image', 'file'],
};
const botMoved = { chatId, maxChatId: CHAT, by: boris };

describe('the command of an update', () => {
  it.each<[string, string, object]>([
    ['bot_added', 'RecordAuditBotAdded', botMoved],
    ['bot_removed', 'RecordAuditBotRemoved', botMoved],
    ['user_added', 'RecordChatMemberAdded', { chatId, ...account, via: 'inviter', inviterId: boris }],
    ['user_removed', 'RecordChatMemberRemoved', { chatId, ...account, by: boris }],
    ['chat_title_changed', 'RecordChatTitleChanged', { chatId, title: '5А: математика', by: boris }],
    [
      'message_edited',
      'RecordMessageEdited',
      { ...message, chatId: dialogId, textSha256: sha256('Добрый день!') },
    ],
    ['message_removed', 'RecordMessageRemoved', { chatId: dialogId, mid: MID, removedBy: anna }],
  ])('given %s, then it is %s with these facts', (type, name, payload) => {
    const command = only(SAMPLES[type]!);

    expect(command).toMatchObject({ name, payload, occurredAt: AT_ISO });
    expect(command.payload).toEqual(payload);
  });

  it('given message_created, then a message is posted when it says, with the digest of its text alone', () => {
    const command = only(SAMPLES.message_created!);

    expect(command).toMatchObject({ name: 'RecordMessagePosted', occurredAt: '2026-03-02T07:29:59.873Z' });
    expect(command.payload).toEqual({
      ...message,
      chatId,
      textSha256: sha256('Здравствуйте!'),
      forwardedFrom: { mid: 'mid.origin', maxChatId: '-72' },
    });
  });

  it.each([
    'message_callback',
    'bot_started',
    'bot_stopped',
    'dialog_muted',
    'dialog_unmuted',
    'dialog_cleared',
    'dialog_removed',
  ])('given %s, then it is recorded as received', (type) => {
    const sample = SAMPLES[type]!;

    expect(only(sample)).toMatchObject({
      name: 'RecordExternalUpdate',
      payload: { updateType: type, rawSha256: sha256(sample) },
      occurredAt: AT_ISO,
    });
  });

  it('given no inviter, then the member came by link', () => {
    const { payload } = only(changed(SAMPLES.user_added!, /,"inviter_id":\d+/, ''));

    expect(payload).toEqual({ chatId, ...account, via: 'link' });
  });

  it('given no administrator, then the member left', () => {
    const command = only(changed(SAMPLES.user_removed!, /,"admin_id":\d+/, ''));

    expect(command).toMatchObject({ name: 'RecordChatMemberLeft', payload: { chatId, ...account } });
  });

  it.each(['message_created', 'message_edited'])(
    'given %s without a message, then its content is unavailable, and its body names it',
    (type) => {
      const empty = EMPTY.replace('message_created', type);

      expect(only(empty)).toMatchObject({
        name: 'RecordMessageContentUnavailable',
        payload: { dedupKey: `${type}:${sha256(empty)}` },
        occurredAt: AT_ISO,
      });
    },
  );

  it('given a channel, which posts without a sender, then the message has none', () => {
    const { name, payload } = only(changed(SAMPLES.message_created!, /"sender":\{.*?\},/, ''));

    expect(name).toBe('RecordMessagePosted');
    expect(payload).not.toHaveProperty('senderId');
  });

  it.each(['null', '""'])('given the text %s, then its digest is that of nothing', (text) => {
    const { payload } = only(changed(SAMPLES.message_created!, '"Здравствуйте!"', text));

    expect(payload.textSha256).toBe(sha256(''));
  });

  it('given a type that nobody knows, then it goes into quarantine with its time', () => {
    expect(only(UNKNOWN)).toMatchObject({
      name: 'QuarantineExternalUpdate',
      payload: {
        updateType: 'comment_created',
        rawSha256: sha256(UNKNOWN),
        reason: 'this update_type is unknown',
      },
      occurredAt: AT_ISO,
    });
  });

  it.each([
    ['no JSON', '{"update_type":', 'the body is no JSON'],
    ['nothing', '', 'the body is no JSON'],
    ['no object', '[1]', 'the body is no JSON object'],
    ['a number', '1', 'the body is no JSON object'],
    ['too deep', '['.repeat(200_000), 'the body is no JSON'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'the body is not UTF-8'],
    [
      'a doubled field',
      '{"update_type":"a","update_type":"b"}',
      'update_type stands twice with different values',
    ],
    ['no type', '{"timestamp":1}', 'update_type is missing or is not text'],
    ['a type that is a number', '{"update_type":5}', 'update_type is missing or is not text'],
    ['a type of Object', '{"update_type":"constructor"}', 'this update_type is unknown'],
  ])('given %s, then it goes into quarantine and says why', (_what, body, reason) => {
    expect(only(body).payload).toMatchObject({ reason, rawSha256: expect.any(String) });
  });

  it.each<[string, string, string | RegExp, string, string]>([
    ['user_added', 'no user', /"user":\{.*?\},/, '', 'user is missing'],
    ['user_added', 'a user that is a list', /"user":\{.*?\},/, '"user":[],', 'user is not an object'],
    ['user_added', 'a user without id', `"user_id":${ANNA},`, '', 'user.user_id is missing'],
    [
      'user_added',
      'a fraction as id',
      `"user_id":${ANNA}`,
      '"user_id":1.5',
      'user.user_id is not a 64-bit integer',
    ],
    [
      'user_added',
      'an id of 65 bits',
      `"user_id":${ANNA}`,
      '"user_id":9223372036854775808',
      'user.user_id is not a 64-bit integer',
    ],
    ['user_added', 'no chat', /"chat_id":-\d+,/, '', 'chat_id is missing'],
    ['user_added', 'no time', /"timestamp":\d+,/, '', 'timestamp is missing'],
    ['user_added', 'seconds', String(AT), '1772436600', 'timestamp lies before 2015'],
    ['user_added', 'the far future', String(AT), '9772436600123', 'timestamp lies in the future'],
    [
      'user_added',
      'an inviter that is text',
      `"inviter_id":${BORIS}`,
      '"inviter_id":"x"',
      'inviter_id is not a 64-bit integer',
    ],
    ['chat_title_changed', 'a blank title', '5А: математика', ' \\n ', 'title is blank'],
    [
      'message_created',
      'a message that is text',
      /"message":\{.*\},"user_locale"/,
      '"message":"x","user_locale"',
      'message is not an object',
    ],
    ['message_created', 'no seq', `"seq":${SEQ},`, '', 'message.body.seq is missing'],
    ['message_created', 'a mid with a NUL', MID, 'mid\\u0000', 'message.body.mid is no id'],
    ['message_removed', 'no remover', /,"user_id":\d+/, '', 'user_id is missing'],
  ])('given %s with %s, then it goes into quarantine and says why', (type, _what, from, to, reason) => {
    expect(only(changed(SAMPLES[type]!, from, to))).toMatchObject({
      name: 'QuarantineExternalUpdate',
      payload: { updateType: type, reason },
    });
  });

  it.each([
    ['control characters become blanks', 'a\\u0000\\tb', 'a  b'],
    ['half of a surrogate pair is replaced', 'a\\ud83d', 'a\ufffd'],
    ['what is too long is clipped by characters', '🎒'.repeat(201), `${'🎒'.repeat(199)}…`],
  ])('given a title where %s, then it is recorded all the same', (_what, title, expected) => {
    expect(only(changed(SAMPLES.chat_title_changed!, '5А: математика', title)).payload.title).toBe(expected);
  });

  it('given a batch of long polling, then each update is a command of its own, exact to the digit', () => {
    const commands = commandsOf(`{"updates":[${EMPTY},${SAMPLES.message_created},7],"marker":95412}`);

    expect(commands.map(({ name }) => name)).toEqual([
      'RecordMessageContentUnavailable',
      'RecordMessagePosted',
      'QuarantineExternalUpdate',
    ]);
    expect(commands[1]!.payload.seq).toBe(SEQ);
  });
});

describe('the key of an update', () => {
  it.each([
    ['user_added', `user_added:${CHAT}:${anna}:${AT}`],
    ['message_created', `message_created:${CHAT}:${MID}:${AT}`],
    ['message_removed', `message_removed:${DIALOG}:${MID}:${AT}`],
    ['bot_started', `bot_started:${DIALOG}:${anna}:${AT}`],
    ['message_callback', `message_callback:${CHAT}:press-1:${AT}`],
  ])('given %s, then it is type, chat, subject and time', (type, key) => {
    expect(only(SAMPLES[type]!)).toMatchObject({ dedupKey: key, idempotencyKey: `max/${key}` });
  });

  it.each(Object.keys(SAMPLES).filter((type) => !/callback|bot_st|dialog/.test(type)))(
    'given %s again with another activity and avatar, then the command is the same',
    (type) => {
      const again = SAMPLES[type]!.replaceAll(
        /"last_activity_time":\d+/g,
        '"last_activity_time":1',
      ).replaceAll('a.png', 'b.png');

      expect(only(again)).toEqual(only(SAMPLES[type]!));
    },
  );

  it('given a quarantined update, then its key leaves that of the update free for the time it can be read', () => {
    expect(only(UNKNOWN).idempotencyKey).toBe(`max/quarantine/${sha256(UNKNOWN)}`);
  });
});

describe('whatever comes', () => {
  const json = fc.json({ maxDepth: 4 });
  const value = fc.oneof(
    json,
    fc.constantFrom('null', '1e400', '-0', '9223372036854775808', '"\\ud800"', '{}', '[]'),
  );
  /** A sample in which the value of one field is another, is missing, or stands twice. */
  const mangled = fc
    .tuple(
      fc.constantFrom(...Object.values(SAMPLES), EMPTY, UNKNOWN),
      fc.nat(),
      value,
      fc.constantFrom(0, 1, 2),
    )
    .map(([sample, at, other, how]) => {
      const fields = [...sample.matchAll(/"(\w+)":(?:"[^"]*"|-?\d+|true|false)/g)];
      const [field, name] = fields[at % fields.length]!;
      const replacement = [`"${name}":${other}`, `"x":${other}`, `${field},"${name}":${other}`][how]!;
      return sample.replace(field, () => replacement);
    });

  it('given every sample with every field missing, of another kind or doubled, then there is one command with a key', () => {
    const all = variants();
    const unsound = all.filter(({ body }) => {
      const commands = commandsOf(body);
      const [command] = commands;
      return commands.length !== 1 || command === undefined || !/^[\x20-\x7e]{1,300}$/.test(command.dedupKey);
    });
    expect(unsound).toEqual([]);
    expect(all.length).toBeGreaterThan(2_000);
  });

  it.each([
    ['numbers as strings', (text: string) => text.replaceAll(/:(-?\d+)/g, ':"$1"')],
    ['fields that nobody knows', (text: string) => text.replace('{', '{"new_field":{"user_id":"x"},')],
    [
      'blanks and other order',
      (text: string) => text.replace(/^\{("update_type":"\w+"),(.*)\}$/, '{ $2 , $1 }\n'),
    ],
  ])('given every sample with %s, then it is the same command', (_what, change) => {
    const facts = (body: string) => {
      const { name, occurredAt, idempotencyKey, payload } = only(body);
      const { rawSha256: _raw, ...rest } = payload;
      return { name, occurredAt, idempotencyKey, rest };
    };
    for (const sample of Object.values(SAMPLES)) expect(facts(change(sample))).toEqual(facts(sample));
  });

  it.each([
    'image',
    'video',
    'audio',
    'file',
    'sticker',
    'contact',
    'share',
    'location',
    'inline_keyboard',
    'poll',
  ])('given an attachment of the kind %s, then the kind is recorded', (kind) => {
    const { payload } = only(SAMPLES.message_created!.replace('"type":"image"', `"type":"${kind}"`));
    expect(payload.attachmentKinds).toEqual([kind, 'file']);
  });

  it('given a reply, then it is a message that was forwarded from nowhere', () => {
    const { name, payload } = only(changed(SAMPLES.message_created!, '"type":"forward"', '"type":"reply"'));
    expect(name).toBe('RecordMessagePosted');
    expect(payload).not.toHaveProperty('forwardedFrom');
  });

  it('given more updates in one body than it takes, then the body goes into quarantine as it is', () => {
    const body = `{"updates":[${Array.from({ length: MAX_UPDATES + 1 }, () => EMPTY).join(',')}]}`;
    expect(only(body).payload).toMatchObject({
      reason: `the body holds more than ${MAX_UPDATES} updates`,
      rawSha256: sha256(body),
    });
    expect(readUpdates(Buffer.from(body), Infinity)).toHaveLength(MAX_UPDATES + 1);
  });

  it('given updates of a prototype, then the body is not taken for a batch', () => {
    expect(only(`{"__proto__":{"updates":[]}}`).name).toBe('QuarantineExternalUpdate');
  });

  it('given any bytes, then there is a command', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          json.map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const body = Buffer.from(bytes);
          const emptyBatch = /^\s*\{\s*"updates"\s*:\s*\[\s*\]/.test(body.toString());
          expect(commandsOf(body).length).toBeGreaterThanOrEqual(emptyBatch ? 0 : 1);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('given an update with a field that is wrong, missing or doubled, then there is one command with a sound key', () => {
    fc.assert(
      fc.property(mangled, (body) => {
        const { dedupKey, payload } = only(body);
        expect(dedupKey.length).toBeLessThanOrEqual(300);
        expect(JSON.stringify(payload)).not.toContain('\\u0000');
      }),
      { numRuns: 2_000 },
    );
  });
});
