import { isLetopisError } from '@letopis/kernel';
import { type Channel } from './notice';
import { settingsChangeOf } from './settings';

const mail = { smtpUrl: 'smtps://mail.school7.example', from: 'letopis@school7.example' };
const WEBHOOK = {
  enabled: true,
  targets: ['https://hooks.school7.example/letopis'],
  topics: ['deadline-missed'],
};
const EMAIL = { enabled: true, targets: ['director@school7.example'], topics: ['deadline-missed'] };

function problemsOf(channel: Channel, body: unknown, { localWebhooks = false, withMail = true } = {}) {
  try {
    settingsChangeOf(channel, body, { localWebhooks, ...(withMail && { mail }) });
    return [];
  } catch (error) {
    if (!isLetopisError(error, 'invalid')) throw error;
    return error.fields?.map(({ path }) => path);
  }
}

describe('the settings of a channel', () => {
  it('given everything, then they are as they were sent, lists without repetitions', () => {
    const change = settingsChangeOf(
      'webhook',
      {
        ...WEBHOOK,
        topics: ['finding-opened', 'deadline-missed', 'finding-opened'],
        remindBeforeHours: [24, 72, 24],
        rotateSecret: true,
      },
      { localWebhooks: false },
    );

    expect(change).toEqual({
      enabled: true,
      targets: ['https://hooks.school7.example/letopis'],
      topics: ['finding-opened', 'deadline-missed'],
      remindBeforeHours: [72, 24],
      rotateSecret: true,
    });
  });

  it('given a channel that is switched off, then nothing else is needed', () => {
    expect(problemsOf('email', { enabled: false }, { withMail: false })).toEqual([]);
  });

  it('given no mail server, then e-mail cannot be switched on', () => {
    expect(problemsOf('email', EMAIL, { withMail: false })).toEqual(['/enabled']);
  });

  it('given several mistakes, then all are told', () => {
    const body = { enabled: 'yes', topics: ['gossip'], remindBeforeHours: [0, 1.5, '24'], colour: 'red' };
    expect(problemsOf('email', body)).toEqual([
      '/colour',
      '/enabled',
      '/topics/0',
      '/remindBeforeHours/0',
      '/remindBeforeHours/1',
      '/remindBeforeHours/2',
    ]);
  });

  it.each<[string, Channel, unknown, string]>([
    ['no object', 'email', [], ''],
    ['no word on whether it is on', 'email', { targets: [] }, '/enabled'],
    ['an enabled channel without targets', 'email', { ...EMAIL, targets: [] }, '/targets'],
    [
      'two webhooks',
      'webhook',
      { ...WEBHOOK, targets: ['https://a.example', 'https://b.example'] },
      '/targets',
    ],
    ['a secret for mailboxes', 'email', { ...EMAIL, rotateSecret: true }, '/rotateSecret'],
    ['too many reminders', 'email', { ...EMAIL, remindBeforeHours: Array(11).fill(1) }, '/remindBeforeHours'],
  ])('given %s, then it is told', (_what, channel, body, path) => {
    expect(problemsOf(channel, body)).toContain(path);
  });

  it.each(['director@school7.example', 'a.b+c@почта.школа7.example', "o'neil@school-7.example"])(
    'given the mailbox %s, then it is taken',
    (target) => {
      expect(problemsOf('email', { ...EMAIL, targets: [target] })).toEqual([]);
    },
  );

  it.each([
    'director',
    'director@localhost',
    'a@b.example, c@d.example',
    'a@b.example\r\nBcc: c@d.example',
    'Директор <a@b.example>',
    'a@b@c.example',
    '@b.example',
    7,
  ])('given the mailbox %j, then it is told', (target) => {
    expect(problemsOf('email', { ...EMAIL, targets: [target] })).toEqual(['/targets/0']);
  });

  it.each([
    'https://hooks.school7.example/letopis?token=1',
    'https://hooks.school7.example:8443/',
    'https://1.1.1.1/',
    'https://[2606:4700:4700::1111]/',
  ])('given the webhook %s, then it is taken', (target) => {
    expect(problemsOf('webhook', { ...WEBHOOK, targets: [target] })).toEqual([]);
  });

  it.each([
    'hooks.school7.example',
    'http://hooks.school7.example/',
    'http://127.0.0.1/',
    'https://127.0.0.1/',
    'https://localhost/',
    'https://2130706433/',
    'https://10.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://user:password@hooks.school7.example/',
    'https://hooks.school7.example/#part',
    'ftp://hooks.school7.example/',
  ])('given the webhook %s, then it is told', (target) => {
    expect(problemsOf('webhook', { ...WEBHOOK, targets: [target] })).toEqual(['/targets/0']);
  });

  it.each([
    ['http://127.0.0.1:3999/', []],
    ['http://localhost:3999/', []],
    ['https://[::1]:3999/', []],
    ['http://10.0.0.1/', ['/targets/0']],
    ['http://hooks.school7.example/', ['/targets/0']],
    ['ftp://127.0.0.1/', ['/targets/0']],
  ])('given that local webhooks are allowed, then of %s it tells %j', (target, problems) => {
    expect(problemsOf('webhook', { ...WEBHOOK, targets: [target] }, { localWebhooks: true })).toEqual(
      problems,
    );
  });
});
