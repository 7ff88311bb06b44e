import { type JsonObject } from '@letopis/kernel';

/** The ways out of Letopis. */
export const CHANNELS = ['email', 'webhook'] as const;
export type Channel = (typeof CHANNELS)[number];

/** What an organisation may want to be told of. */
export const TOPICS = [
  'deadline-approaching',
  'deadline-missed',
  'finding-opened',
  'remediation-assigned',
] as const;
export type Topic = (typeof TOPICS)[number];

/** The topic of notices that somebody sends to try a channel out; nobody has to choose it. */
export const TEST_TOPIC = 'test';

/** Something to tell an organisation. Whom it reaches, and how, the organisation has set. */
export interface Notice {
  readonly organizationId: string;
  readonly topic: Topic;
  /** Over which channel; without it over every one that is on. */
  readonly channel?: Channel;
  /** What makes it this notice, within the organisation: a second one under the same key is not sent. */
  readonly key: string;
  /** Russian, one line. It leaves the house by e-mail: no names of people, here and in the body. */
  readonly subject: string;
  /** Russian, plain text. */
  readonly body: string;
  /** The same for programs; the `data` of a webhook. */
  readonly data: JsonObject;
}

/** Begins the key of a notice that stands for many: `keys` in its data are those of the notices that were not sent. */
export const DIGEST = 'digest/';

/** One notice for one recipient, as a channel delivers it. */
export interface Outgoing {
  readonly id: string;
  readonly organizationId: string;
  /** An e-mail address, or `WEBHOOK`. */
  readonly recipient: string;
  readonly topic: string;
  readonly subject: string;
  readonly body: string;
  readonly data: JsonObject;
  readonly createdAt: Date;
}

/**
 * Recipient of what goes to the webhook, whatever its address is then: with a new address nothing is told twice, and what
 * the old one did not take can be sent to the new one.
 */
export const WEBHOOK = 'webhook';

/** What became of one attempt. `refused`: trying again would not help. */
export type Delivery =
  { readonly kind: 'sent' } | { readonly kind: 'failed' | 'refused'; readonly reason: string };
