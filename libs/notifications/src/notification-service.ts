import { LetopisError, newId } from '@letopis/kernel';
import { type Core } from '@letopis/platform';
import { openMailer } from './email';
import { type Channel, type Delivery, type Notice, TEST_TOPIC } from './notice';
import {
  type NotificationPage,
  type NotificationQuestion,
  type NotificationView,
  Outbox,
  type Taken,
} from './outbox';
import { settingsChangeOf } from './settings';
import { SettingsStore, type SettingsView, type Subscription } from './settings-store';
import { Webhooks } from './webhook';

export type NotificationParts = Pick<Core, 'database' | 'masterKey' | 'clock' | 'log' | 'outbound'>;

/** Notices under way at once, for each channel and process. */
const AT_ONCE = 8;
/** After that the round ends, and with the next one whoever failed in this one is asked again. */
const ROUND_MS = 30_000;

/** Delivers one notice that was taken. */
type Send = (taken: Taken) => Promise<Delivery>;

/**
 * The one door by which messages leave. Nothing leaves unless the organisation has switched a channel on and chosen the
 * topic; what is put in here is kept until it has arrived, or is dead and visible. It arrives **at least once**: where a
 * process dies between delivery and note, another delivers the same id again.
 */
export class NotificationService {
  private readonly outbox: Outbox;
  private readonly settings: SettingsStore;
  private readonly webhooks: Webhooks;

  constructor(private readonly parts: NotificationParts) {
    this.outbox = new Outbox(parts);
    this.settings = new SettingsStore(parts);
    this.webhooks = new Webhooks({ clock: parts.clock, localWebhooks: parts.outbound.localWebhooks });
  }

  /** Channels that are on, over all organisations: who wants to be told of what, and how long before a deadline. */
  subscriptions(): Promise<readonly Subscription[]> {
    return this.settings.subscriptions();
  }

  /**
   * Keeps the notices, durably, for every recipient whose organisation wants them; the worker delivers them. The same key
   * again is nothing new, so whoever is not sure puts it again.
   *
   * @returns how many were not there before, counted by recipient
   */
  async put(notices: readonly Notice[]): Promise<number> {
    return (await this.outbox.put(notices)).length;
  }

  /**
   * Delivers what is due; the worker's work, in any number of processes at once. An organisation whose recipient fails waits
   * for the next round, so that it holds up nobody else. Never rejects because of a recipient.
   */
  async deliverDue(): Promise<void> {
    await Promise.all([this.deliverMail(), this.deliver('webhook', (taken) => this.postTo(taken))]);
  }

  /** @throws LetopisError `invalid` for a cursor of another question */
  list(organizationId: string, question: NotificationQuestion): Promise<NotificationPage> {
    return this.outbox.list(organizationId, question);
  }

  /**
   * Lets a dead notice be tried again, with all its attempts.
   *
   * @throws LetopisError `not-found`; `conflict` where it is not dead, or its channel is off or has this recipient no more
   */
  retry(organizationId: string, id: string): Promise<NotificationView> {
    return this.outbox.revive(organizationId, id);
  }

  readSettings(organizationId: string, channel: Channel): Promise<SettingsView> {
    return this.settings.read(organizationId, channel);
  }

  /**
   * Keeps what a JSON body asks for. What waits for a channel that is switched off, or for a mailbox that has gone, is dead
   * from then on.
   *
   * @returns with the webhook's secret where it is a fresh one: nobody is shown it again
   * @throws LetopisError `invalid` with every member that is wrong; so is e-mail without a mail server
   */
  async saveSettings(
    organizationId: string,
    channel: Channel,
    body: unknown,
    by: string,
  ): Promise<SettingsView & { readonly secret?: string }> {
    const change = settingsChangeOf(channel, body, this.parts.outbound);
    const { settings, secret } = await this.settings.save(organizationId, channel, change, by);
    const { enabled, topics } = settings;
    this.parts.log.info(
      { organizationId, channel, caller: by, enabled, topics, freshSecret: secret !== undefined },
      'Settings of notifications were changed',
    );
    return { ...settings, ...(secret !== undefined && { secret }) };
  }

  /**
   * Puts a notice in that says that it is a test.
   *
   * @returns ids of what is on its way
   * @throws LetopisError `conflict` where the channel is off
   */
  async test(organizationId: string, channel: Channel): Promise<readonly string[]> {
    const ids = await this.outbox.put([
      {
        organizationId,
        topic: TEST_TOPIC,
        channel,
        key: `test/${newId()}`,
        subject: 'Проверка уведомлений «Летописи»',
        body: 'Это проверочное сообщение. Если вы его читаете, уведомления настроены верно.\n',
        data: {},
      },
    ]);
    if (ids.length === 0) throw new LetopisError('conflict', 'The channel is switched off');
    return ids;
  }

  private async deliverMail(): Promise<void> {
    const { mail } = this.parts.outbound;
    if (mail === undefined) return;
    const mailer = openMailer(mail);
    try {
      await this.deliver('email', ({ outgoing }) => mailer.send(outgoing));
    } finally {
      mailer.close();
    }
  }

  private async postTo({ outgoing, targets: [url], secret }: Taken): Promise<Delivery> {
    if (url === undefined || secret === null) {
      return { kind: 'refused', reason: 'The webhook has no address or no secret' };
    }
    return this.webhooks.send(outgoing, {
      url,
      secret: this.settings.secretOf(outgoing.organizationId, secret),
    });
  }

  private async deliver(channel: Channel, send: Send): Promise<void> {
    const until = Date.now() + ROUND_MS;
    const failing = new Set<string>();
    for (;;) {
      const taken = await this.outbox.take(channel, AT_ONCE, [...failing]);
      await Promise.all(
        taken.map(async (each) => {
          const delivery = await this.attempt(send, each);
          if (delivery.kind === 'failed') failing.add(each.outgoing.organizationId);
          await this.note(channel, each, delivery);
        }),
      );
      if (taken.length < AT_ONCE || Date.now() > until) return;
    }
  }

  /** Trouble of our own, such as a secret that does not open, must not hold up the others either. */
  private async attempt(send: Send, taken: Taken): Promise<Delivery> {
    try {
      return await send(taken);
    } catch (error) {
      this.parts.log.error({ err: error, notification: taken.outgoing.id }, 'A notification cannot be sent');
      return { kind: 'failed', reason: 'Letopis itself has trouble; its log says more' };
    }
  }

  /** What a mail server answers may name a mailbox: it is told to the organisation, not to the log. */
  private async note(channel: Channel, taken: Taken, delivery: Delivery): Promise<void> {
    const status = await this.outbox.settle(taken, delivery);
    const { id, organizationId, topic } = taken.outgoing;
    const details = { notification: id, organizationId, channel, topic, attempt: taken.attempt };
    if (status === 'dead') this.parts.log.warn(details, 'A notification is dead');
    else if (status === 'waiting') this.parts.log.info(details, 'A notification is tried again later');
  }
}
