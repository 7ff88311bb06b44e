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

  it('has no default for a secret', () => {
    expect(() => readConfig({ LETOPIS_MODE: 'production' })).toThrow('LETOPIS_MASTER_KEY_FILE is missing');
  });
});
