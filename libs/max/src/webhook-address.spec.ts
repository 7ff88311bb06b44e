import { webhookAddress } from './webhook-address';

const organizationId = '5d0f8c3e-1b2a-4c3d-8e4f-5a6b7c8d9e0f';
const path = `/v1/organizations/${organizationId}/integrations/max/webhook`;

describe('the address of the webhook', () => {
  it.each([
    ['https://letopis.school7.example', `https://letopis.school7.example${path}`],
    ['https://letopis.school7.example:443/', `https://letopis.school7.example${path}`],
    ['https://school7.example/letopis/', `https://school7.example/letopis${path}`],
  ])('given %s, then it is %s', (address, expected) => {
    expect(webhookAddress(address, organizationId)).toBe(expected);
  });

  it.each<[string, string, unknown]>([
    ['http', 'http://letopis.school7.example', 'must begin with https://: MAX posts over HTTPS only'],
    ['another port', 'https://letopis.school7.example:8443', 'must be on port 443: MAX posts to no other'],
    ['http on port 443', 'http://letopis.school7.example:443', expect.stringContaining('https://')],
    ['no address', 'letopis', expect.stringContaining('such as https://')],
    ['a user', 'https://a:b@letopis.school7.example', expect.stringContaining('without a user')],
    ['a query', 'https://letopis.school7.example/?a=1', expect.stringContaining('without a user')],
  ])('given %s, then it is refused with what is wrong', (_what, address, message) => {
    expect(problemOf(() => webhookAddress(address, organizationId))).toMatchObject({
      code: 'invalid',
      fields: [{ path: '/url', message }],
    });
  });

  it('given a Bot API on another machine, then MAX still posts over HTTPS only', () => {
    expect(() => webhookAddress('http://a.example', organizationId, 'https://127.0.0.1.example')).toThrow(
      'https',
    );
  });

  it('given a Bot API on this machine, as in tests, then any address will do', () => {
    expect(webhookAddress('http://127.0.0.1:3000', organizationId, 'http://127.0.0.1:4000')).toBe(
      `http://127.0.0.1:3000${path}`,
    );
  });
});

function problemOf(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}
