import { type LookupAddress } from 'node:dns';
import { lookup as lookupName } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type Clock } from '@letopis/kernel';
import { isLoopbackAddress, isPublicAddress } from './addresses';
import { type Delivery, type Outgoing } from './notice';
import { SIGNATURE_HEADER, signatureOf } from './signature';

/** Where an organisation wants its notices, and what it knows them by. */
export interface Endpoint {
  readonly url: string;
  readonly secret: string;
}

/** All addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface WebhookParts {
  readonly clock: Clock;
  /** Webhooks may go to this machine, over plain HTTP too. */
  readonly localWebhooks: boolean;
  /** The system's resolver unless it is given. */
  readonly resolve?: Resolve;
}

const TIMEOUT_MS = 10_000;
/** A receiver says with its status that it has the notice; whatever else it says is of no use. */
const MAX_ANSWER_BYTES = 1_024;
/** The receiver asks for another attempt. */
const COME_AGAIN: readonly number[] = [408, 425, 429];

/** Posts notices to the addresses of organisations. */
export class Webhooks {
  private readonly resolve: Resolve;

  constructor(private readonly parts: WebhookParts) {
    this.resolve = parts.resolve ?? ((hostname) => lookupName(hostname, { all: true }));
  }

  /**
   * Posts the notice, signed. It has arrived when a 2xx says so within 10 seconds. Redirects are not followed, and the
   * connection goes to no other address than the one that was checked.
   */
  async send(outgoing: Outgoing, { url: address, secret }: Endpoint): Promise<Delivery> {
    const url = new URL(address);
    const body = envelopeOf(outgoing);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const addresses = await unlessAborted(signal, this.addressesOf(url));
      if (addresses.length === 0 || !addresses.every(({ address: ip }) => this.mayReach(url, ip))) {
        return { kind: 'refused', reason: `${url.hostname} is not an address of the public internet` };
      }
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Letopis',
        'Letopis-Delivery': outgoing.id,
        [SIGNATURE_HEADER]: signatureOf(secret, body, this.parts.clock.now()),
      };
      return deliveryOf(await post(url, addresses, headers, body, signal));
    } catch (error) {
      return { kind: 'failed', reason: signal.aborted ? 'No answer within 10 seconds' : reasonOf(error) };
    }
  }

  private async addressesOf({ hostname }: URL): Promise<readonly LookupAddress[]> {
    const literal = hostname.replace(/^\[|\]$/g, '');
    const family = isIP(literal);
    return family === 0 ? this.resolve(hostname) : [{ address: literal, family }];
  }

  private mayReach({ protocol }: URL, address: string): boolean {
    if (this.parts.localWebhooks && isLoopbackAddress(address)) return true;
    return protocol === 'https:' && isPublicAddress(address);
  }
}

/** What is posted. Members may be added, none goes; the same notice is the same text in each attempt. */
function envelopeOf({ id, topic, organizationId, createdAt, data }: Outgoing): string {
  return JSON.stringify({ id, topic, organizationId, occurredAt: createdAt.toISOString(), data });
}

function deliveryOf(status: number): Delivery {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  const temporary = status >= 500 || COME_AGAIN.includes(status);
  return { kind: temporary ? 'failed' : 'refused', reason: `HTTP ${status}` };
}

/** Resolves with the status as soon as it is there. */
function post(
  url: URL,
  addresses: readonly LookupAddress[],
  headers: Readonly<Record<string, string | number>>,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  const checked: LookupFunction = (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    // A connection of its own: one that lives on could have been opened for another name.
    request(url, { method: 'POST', headers, agent: false, lookup: checked, signal })
      .on('error', reject)
      .on('response', (response) => {
        let size = 0;
        response
          .on('error', () => undefined)
          .on('data', (piece: Buffer) => {
            size += piece.length;
            if (size > MAX_ANSWER_BYTES) response.destroy();
          });
        resolve(response.statusCode ?? 0);
      })
      .end(body);
  });
}

/** The system's resolver cannot be told to stop. */
function unlessAborted<Value>(signal: AbortSignal, value: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    value.then(resolve, reject);
  });
}

/** The network's own name for its trouble, such as `ECONNREFUSED`, where it has one. */
function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return error instanceof Error ? error.message : String(error);
}
