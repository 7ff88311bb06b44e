import { type Chat, type Person } from './people';
import { type Issued } from './year';

/** What else a reading of the chat shows, or that it does not take place. */
export type Reading =
  'missed' | { readonly strangers: readonly string[]; readonly unseen: readonly Person[] };

/** Plans of readings that are not as usual, by chat and day. */
export class Readings {
  private readonly plans = new Map<string, { reading: Reading; then?: (issued: Issued) => void }>();

  plan(chat: Chat, day: string, reading: Reading, then?: (issued: Issued) => void): void {
    this.plans.set(`${chat.id} ${day}`, { reading, ...(then !== undefined && { then }) });
  }

  of(chat: Chat, day: string): { reading: Reading; then?: (issued: Issued) => void } | undefined {
    return this.plans.get(`${chat.id} ${day}`);
  }
}
