import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  describe('with a calendar', () => {
    let directory: string;
    let file: string;

    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'letopis-'));
      file = join(directory, 'calendar.json');
    });
    afterAll(() => rmSync(directory, { recursive: true }));

    it('carries what its file holds', () => {
      const years = { 2028: { transfers: [['2028-01-01', '2028-01-10']] } };
      writeFileSync(file, JSON.stringify(years));
      expect(readConfig({ LETOPIS_CALENDAR_FILE: file }).daysOff).toEqual(years);
    });

    it('carries nothing where no file is named', () => {
      expect(readConfig({}).daysOff).toEqual({});
    });

    it.each([
      ['no JSON', '{"2028":', /holds no JSON: /],
      ['no object', '[]', /must hold a JSON object/],
    ])('refuses a file that holds %s', (_what, text, told) => {
      writeFileSync(file, text);
      expect(() => readConfig({ LETOPIS_CALENDAR_FILE: file })).toThrow(told);
    });

    it('refuses a file that is not there', () => {
      const missing = join(directory, 'missing.json');
      expect(() => readConfig({ LETOPIS_CALENDAR_FILE: missing })).toThrow(
        `LETOPIS_CALENDAR_FILE ${missing} cannot be read`,
      );
    });
  });

  it('knows no public address unless it is told one', () => {
    expect(readConfig({}).publicUrl).toBeUndefined();
  });

  it.each([
    ['https://letopis.school7.example', 'https://letopis.school7.example'],
    ['https://letopis.school7.example/', 'https://letopis.school7.example'],
    ['https://schools.example:8443/letopis/', 'https://schools.example:8443/letopis'],
    ['https://школа7.example', 'https://xn--7-7sb3aeo2d.example'],
  ])('takes %s for a public address', (url, publicUrl) => {
    expect(readConfig({ LETOPIS_PUBLIC_URL: url })).toMatchObject({ publicUrl });
  });

  it.each([
    ['of plain HTTP', 'http://letopis.school7.example'],
    ['without a protocol', 'letopis.school7.example'],
    ['with a user', 'https://letopis:secret@letopis.school7.example'],
    ['with a query', 'https://letopis.school7.example?school=7'],
    ['with a fragment', 'https://letopis.school7.example#reports'],
  ])('refuses a public address %s', (_what, url) => {
    expect(() => readConfig({ LETOPIS_PUBLIC_URL: url })).toThrow('LETOPIS_PUBLIC_URL must be an address');
    expect(() => readConfig({ LETOPIS_PUBLIC_URL: url })).not.toThrow('secret');
  });

  it('has no default for a secret', () => {
    expect(() => readConfig({ LETOPIS_MODE: 'production' })).toThrow('LETOPIS_MASTER_KEY_FILE is missing');
  });
});
