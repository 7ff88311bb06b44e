import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { FixedClock } from '@letopis/kernel';
import { type Outgoing } from './notice';
import { type Resolve, Webhooks } from './webhook';

const clock = new FixedClock(new Date('2026-09-01T08:00:00Z'));
const outgoing: Outgoing = {
  id: '9a4e7a8e-30a5-4f0e-8a0b-0d1f6a3c2b11',
  organizationId: '2b9d4f6e-6f3c-4d8e-9b7a-5c1e0f2a3d44',
  recipient: 'webhook',
  topic: 'deadline-missed',
  subject: 'Срок пропущен',
  body: 'Срок пропущен',
  data: {},
  createdAt: clock.now(),
};

function send(url: string, { addresses = [''], localWebhooks = false } = {}) {
  const resolve: Resolve = () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  return new Webhooks({ clock, localWebhooks, resolve }).send(outgoing, { url, secret: 'secret' });
}

describe('where webhooks do not go', () => {
  it.each([
    ['a private address', 'https://10.0.0.1/hook'],
    ['a private address as one number', 'https://167772161/hook'],
    ['this machine in octal', 'https://0177.0.0.1/hook'],
    ['this machine in IPv6', 'https://[::1]/hook'],
    ['this machine, IPv4-mapped', 'https://[::ffff:127.0.0.1]/hook'],
    ['the metadata of a cloud', 'https://169.254.169.254/latest/meta-data'],
  ])('given %s, then it is refused', async (_what, url) => {
    expect(await send(url)).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching('not an address'),
    });
  });

  it('given a name of a private address, then it is refused', async () => {
    const delivery = await send('https://hooks.school7.example/', { addresses: ['192.168.0.7'] });
    expect(delivery.kind).toBe('refused');
  });

  it('given a name with a public and a private address, then it is refused', async () => {
    const addresses = ['1.1.1.1', '127.0.0.1'];
    expect((await send('https://hooks.school7.example/', { addresses })).kind).toBe('refused');
  });

  it('given plain HTTP to the internet, then it is refused', async () => {
    expect((await send('http://1.1.1.1/')).kind).toBe('refused');
  });

  it('given that local webhooks are allowed, then private addresses and plain HTTP are refused all the same', async () => {
    const kinds = await Promise.all(
      ['https://10.0.0.1/', 'http://10.0.0.1/', 'http://1.1.1.1/'].map((url) =>
        send(url, { localWebhooks: true }),
      ),
    );
    expect(kinds.map(({ kind }) => kind)).toEqual(['refused', 'refused', 'refused']);
  });

  it('given a name that nobody knows, then it is tried again', async () => {
    const webhooks = new Webhooks({
      clock,
      localWebhooks: false,
      resolve: () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })),
    });
    const endpoint = { url: 'https://hooks.school7.example/', secret: 'secret' };
    expect(await webhooks.send(outgoing, endpoint)).toEqual({ kind: 'failed', reason: 'ENOTFOUND' });
  });
});

describe('where webhooks go', () => {
  /** Delivers to a server of this machine under a name that only the resolver knows. */
  async function delivered(listener: RequestListener, meanwhile?: Promise<unknown>) {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    try {
      const delivery = await send(`http://hooks.school7.example:${port}/letopis?school=7`, {
        addresses: ['127.0.0.1'],
        localWebhooks: true,
      });
      await meanwhile;
      return delivery;
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }

  it('given a name, then the connection goes to the very address that was checked', async () => {
    const asked: unknown[] = [];
    const delivery = await delivered(({ method, url, headers }, response) => {
      asked.push(method, url, headers.host?.replace(/:\d+$/, ''));
      response.end();
    });
    expect(delivery).toEqual({ kind: 'sent' });
    expect(asked).toEqual(['POST', '/letopis?school=7', 'hooks.school7.example']);
  });

  it('given an answer without end, then it is not listened to', async () => {
    const hungUp = new EventEmitter();
    const delivery = await delivered(
      (_request, response) => {
        const talking = setInterval(() => response.write('x'.repeat(512)), 1);
        response.on('close', () => {
          clearInterval(talking);
          hungUp.emit('done');
        });
      },
      once(hungUp, 'done'),
    );
    expect(delivery).toEqual({ kind: 'sent' });
  });

  it('given a connection that is cut, then it is tried again', async () => {
    expect(await delivered(({ socket }) => socket.destroy())).toEqual({
      kind: 'failed',
      reason: 'ECONNRESET',
    });
  });
});
