import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A message as a mail server took it. */
export interface TakenMail {
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly text: string;
}

export interface MailDouble {
  readonly url: string;
  readonly taken: readonly TakenMail[];
  /** The server answers the next recipients with these replies, one each: 550 for good, 451 for now. */
  refuse(...replies: readonly number[]): void;
  stop(): Promise<void>;
}

/** A mail server on a free port of this machine that takes everything for everybody. */
export async function startMailDouble(): Promise<MailDouble> {
  const taken: TakenMail[] = [];
  const replies: number[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    onRcptTo: (_address, _session, callback) => {
      const responseCode = replies.shift();
      callback(responseCode === undefined ? null : Object.assign(new Error('Not now'), { responseCode }));
    },
    onData: (stream, { envelope }, callback) => {
      const pieces: Buffer[] = [];
      stream
        .on('data', (piece: Buffer) => pieces.push(piece))
        .on('end', () => {
          taken.push({
            to: envelope.rcptTo.map(({ address }) => address),
            text: Buffer.concat(pieces).toString(),
          });
          callback();
        });
    },
  });
  // Clients of killed programs hang up in the middle of things.
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    url: `smtp://127.0.0.1:${portOf(listening.address())}`,
    taken,
    refuse: (...more) => void replies.push(...more),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A delivery as a receiver of webhooks got it. */
export interface TakenDelivery {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface WebhookDouble {
  readonly url: string;
  readonly taken: readonly TakenDelivery[];
  /** The next deliveries are answered with these statuses, one each; after them with 204. */
  answer(...statuses: readonly number[]): void;
  stop(): Promise<void>;
}

/** A receiver of webhooks on a free port of this machine. A redirect leads back to itself. */
export async function startWebhookDouble(): Promise<WebhookDouble> {
  const taken: TakenDelivery[] = [];
  const statuses: number[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('end', () => {
        taken.push({ headers: request.headers, body: Buffer.concat(pieces).toString() });
        response.writeHead(statuses.shift() ?? 204, { location: '/elsewhere' }).end();
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server.address())}/hook`,
    taken,
    answer: (...more) => void statuses.push(...more),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('The double listens nowhere');
  return address.port;
}
