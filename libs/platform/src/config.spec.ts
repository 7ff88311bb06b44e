import { isLetopisError } from '@letopis/kernel';
import { readConfig } from './config';

describe('configuration', () => {
  it('needs nothing for embedded mode', () => {
    expect(readConfig({})).toMatchObject({ host: '127.0.0.1', port: 3000, demo: true });
    expect(readConfig({}).production).toBeUndefined();
  });

  it('names every problem of a production environment at once', () => {
    let caught: unknown;
    try {
      readConfig({ LETOPIS_MODE: 'production', PORT: 'http', LETOPIS_REDIS_URL: 'localhost' });
    } catch (error) {
      caught = error;
    }
    expect(isLetopisError(caught, 'invalid') && caught.fields?.map(({ path }) => path)).toEqual([
      'PORT',
      'LETOPIS_DATABASE_URL',
      'LETOPIS_REDIS_URL',
      'LETOPIS_MASTER_KEY_FILE',
      'LETOPIS_JWKS_URL',
      'LETOPIS_TOKEN_ISSUER',
      'LETOPIS_TOKEN_AUDIENCE',
    ]);
  });

  it('lets no message leave unless it is told how', () => {
    expect(readConfig({}).outbound).toEqual({ localWebhooks: false });
  });

  it('takes a mail server with its sender', () => {
    const outbound = {
      LETOPIS_SMTP_URL: 'smtps://letopis:secret@mail.school7.example',
      LETOPIS_MAIL_FROM: 'Летопись <letopis@school7.example>',
    };
    expect(readConfig(outbound).outbound.mail).toEqual({
      smtpUrl: 'smtps://letopis:secret@mail.school7.example',
      from: 'Летопись <letopis@school7.example>',
    });
  });

  it.each([
    ['a mail server without a sender', { LETOPIS_SMTP_URL: 'smtp://mail.school7.example' }],
    ['a sender without a mail server', { LETOPIS_MAIL_FROM: 'letopis@school7.example' }],
    [
      'a sender that is no address',
      { LETOPIS_SMTP_URL: 'smtp://mail.school7.example', LETOPIS_MAIL_FROM: 'Letopis' },
    ],
    [
      'a mail server of another protocol',
      { LETOPIS_SMTP_URL: 'https://mail.school7.example', LETOPIS_MAIL_FROM: 'letopis@school7.example' },
    ],
    [
      'a mail server without a name',
      { LETOPIS_SMTP_URL: 'smtp://', LETOPIS_MAIL_FROM: 'letopis@school7.example' },
    ],
    ['local webhooks neither allowed nor not', { LETOPIS_WEBHOOK_ALLOW_LOCAL: 'true' }],
  ])('refuses %s', (_what, environment) => {
    expect(() => readConfig(environment)).toThrow('The configuration is not valid');
  });

  it('does not print the credentials of a mail server that is wrong', () => {
    const environment = { LETOPIS_SMTP_URL: 'https://letopis:secret@mail.school7.example' };
    expect(() => readConfig(environment)).toThrow('LETOPIS_SMTP_URL');
    expect(() => readConfig(environment)).not.toThrow('secret');
  });

  it('has no default for a secret', () => {
    expect(() => readConfig({ LETOPIS_MODE: 'production' })).toThrow('LETOPIS_MASTER_KEY_FILE is missing');
  });
});
