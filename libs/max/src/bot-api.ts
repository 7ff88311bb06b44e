import { setTimeout as wait } from 'node:timers/promises';
import { Bot, MaxError } from '@maxhub/max-bot-api';
import { type UpdateType } from '@maxhub/max-bot-api/types';
import { isLetopisError, LetopisError } from '@letopis/kernel';

type Fetch = typeof globalThis.fetch;

/** Every type of update that the official client knows; one that a later client adds is a compile error here. */
const SUBSCRIBED: Readonly<Record<UpdateType, true>> = {
  bot_added: true,
  bot_removed: true,
  bot_started: true,
  bot_stopped: true,
  chat_title_changed: true,
  comment_created: true,
  comment_edited: true,
  comment_removed: true,
  dialog_cleared: true,
  dialog_muted: true,
  dialog_removed: true,
  dialog_unmuted: true,
  message_callback: true,
  message_created: true,
  message_edited: true,
  message_removed: true,
  user_added: true,
  user_removed: true,
};

const isUpdateType = (name: string): name is UpdateType => Object.hasOwn(SUBSCRIBED, name);

/** What Letopis subscribes to: everything, since what it cannot read it keeps in quarantine. */
export const UPDATE_TYPES: readonly UpdateType[] = Object.keys(SUBSCRIBED).filter(isUpdateType).sort();

export interface Subscription {
  readonly url: string;
  readonly updateTypes: readonly string[];
}

/** Who is in a chat, by their ids in the messenger. */
export interface Roster {
  readonly members: readonly string[];
  readonly admins: readonly string[];
  readonly owner?: string;
}

export interface BotApiOptions {
  /** For one attempt, its answer's body included. */
  readonly timeoutMs: number;
  /** In all, for a request that fails in passing: 429, 5xx, network. */
  readonly attempts: number;
  /** Before the second attempt; it doubles before each further one. */
  readonly backoffMs: number;
}

const DEFAULTS: BotApiOptions = { timeoutMs: 10_000, attempts: 3, backoffMs: 1_000 };
/** MAX allows 30 requests a second. */
const REQUEST_EVERY_MS = 40;
/** MAX may ask for a longer pause; whoever waits here is tried again later anyway. */
const LONGEST_PAUSE_MS = 15_000;
const PAGE = 100;
/** Far more members than a chat of a school has: a marker that never ends is an error of the other side. */
const MAX_PAGES = 100;

/** Clients of the Bot API that keep its limit of requests together. */
export class BotApis {
  private readonly options: BotApiOptions;
  private next = 0;

  constructor(options: Partial<BotApiOptions> = {}) {
    this.options = { ...DEFAULTS, ...options };
  }

  /**
   * @param apiUrl where the Bot API is; the official client's own address unless it is given
   * @throws LetopisError `invalid` where the address is neither HTTPS nor of this machine
   */
  of(token: string, apiUrl?: string): BotApi {
    // What cannot stand in a header would otherwise surface as an error that quotes it.
    if (!/^[\x21-\x7e]{1,1000}$/.test(token)) {
      throw new LetopisError('invalid', 'The token must be 1 to 1000 characters without blanks');
    }
    if (apiUrl !== undefined && !isLoopback(apiUrl) && !apiUrl.startsWith('https://')) {
      throw new LetopisError('invalid', 'The address of the Bot API must begin with https://');
    }
    const clientOptions = {
      ...(apiUrl !== undefined && { baseUrl: apiUrl }),
      fetch: this.fetch.bind(this),
    };
    return new BotApi(new Bot(token, { clientOptions }).api);
  }

  private async fetch(...[input, init]: Parameters<Fetch>): Promise<Response> {
    const { attempts, backoffMs, timeoutMs } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      await this.turn();
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        // The body is read here, so that the time allowed holds for it too.
        const response = await fetch(input, { ...init, signal, redirect: 'error' });
        const answer = new Response(await response.text(), response);
        if (attempt >= attempts || !isPassing(response.status)) return answer;
        await wait(pauseOf(response, backoffMs * 2 ** (attempt - 1)));
      } catch (error) {
        if (attempt >= attempts) throw error;
        await wait(backoffMs * 2 ** (attempt - 1));
      }
    }
  }

  /** Requests of this process come one after another, never faster than the limit. */
  private async turn(): Promise<void> {
    const now = Date.now();
    const at = Math.max(now, this.next);
    this.next = at + REQUEST_EVERY_MS;
    if (at > now) await wait(at - now);
  }
}

function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

function pauseOf({ headers }: Response, otherwise: number): number {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1_000, LONGEST_PAUSE_MS) : otherwise;
}

/** Whether the address is one of this machine, as tests use it. */
export function isLoopback(address: string): boolean {
  try {
    return ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(address).hostname);
  } catch {
    return false;
  }
}

/**
 * What Letopis asks of the Bot API, through the official client. The client trusts its answers; here nothing is believed
 * that is not of the form it should have.
 *
 * All methods reject with LetopisError: `unauthenticated` (the token is not accepted), `forbidden`, `not-found`,
 * `throttled`, `unavailable` (it does not answer, or not in a way that can be read).
 */
export class BotApi {
  constructor(private readonly api: Bot['api']) {}

  /** The bot's own id in the messenger. */
  me(): Promise<string> {
    return asking(async () => idOf(objectOf(await this.api.getMyInfo()).user_id));
  }

  subscriptions(): Promise<readonly Subscription[]> {
    return asking(async () =>
      listOf(await this.api.getSubscriptions()).map((item) => {
        const { url, updateTypes } = objectOf(item);
        return { url: textOf(url), updateTypes: listOf(updateTypes ?? []).map(textOf) };
      }),
    );
  }

  /** Subscribing again replaces the subscription with the same URL. */
  subscribe(url: string, secret: string): Promise<void> {
    return asking(async () => mustSucceed(await this.api.subscribe(url, secret, [...UPDATE_TYPES])));
  }

  unsubscribe(url: string): Promise<void> {
    return asking(async () => mustSucceed(await this.api.unsubscribe(url)));
  }

  /** Whether the bot is an administrator of the chat, who alone may read its members; false where it is not in it. */
  async isAdministrator(maxChatId: string): Promise<boolean> {
    const chatId = numberOf(maxChatId);
    try {
      return await asking(async () => objectOf(await this.api.getChatMembership(chatId)).is_admin === true);
    } catch (error) {
      if (isLetopisError(error, 'forbidden') || isLetopisError(error, 'not-found')) return false;
      throw error;
    }
  }

  /** The members, page by page, and the administrators. */
  async roster(maxChatId: string): Promise<Roster> {
    const chatId = numberOf(maxChatId);
    const members = new Set<string>();
    const admins = new Set<string>();
    let owner: string | undefined;
    const note = (list: unknown, all: Set<string>): void => {
      for (const item of listOf(list)) {
        const member = objectOf(item);
        const id = idOf(member.user_id);
        all.add(id);
        if (member.is_admin === true || member.is_owner === true) admins.add(id);
        if (member.is_owner === true) owner = id;
      }
    };
    let marker: number | undefined;
    for (let page = 1; ; page += 1) {
      if (page > MAX_PAGES) throw unreadable(`the members of a chat fill more than ${MAX_PAGES} pages`);
      const from = marker;
      const answer = await asking(async () =>
        objectOf(
          await this.api.getChatMembers(chatId, { count: PAGE, ...(from !== undefined && { marker: from }) }),
        ),
      );
      note(answer.members, members);
      if (answer.marker === undefined || answer.marker === null || answer.marker === 0) break;
      if (answer.marker === marker) throw unreadable('a page of members names itself as the next');
      marker = integerOf(answer.marker);
    }
    const answer = await asking(async () => objectOf(await this.api.getChatAdmins(chatId)));
    note(answer.members, admins);
    for (const id of admins) members.add(id);
    return { members: [...members], admins: [...admins], ...(owner !== undefined && { owner }) };
  }
}

async function asking<Result>(request: () => Promise<Result>): Promise<Result> {
  try {
    return await request();
  } catch (error) {
    throw isLetopisError(error) ? error : problemOf(error);
  }
}

function problemOf(error: unknown): LetopisError {
  if (error instanceof MaxError) {
    const said = `MAX answered ${error.status}`;
    switch (error.status) {
      case 401:
        return new LetopisError('unauthenticated', `${said}: it does not accept the bot’s token`);
      case 403:
        return new LetopisError('forbidden', `${said}: the bot may not do that`);
      case 404:
        return new LetopisError('not-found', `${said}: there is no such thing, or the bot cannot see it`);
      case 429:
        return new LetopisError('throttled', `${said}: too many requests`);
      default:
        return new LetopisError('unavailable', said);
    }
  }
  // Without the cause's message: an answer that cannot be read may have personal data in it.
  return new LetopisError('unavailable', 'MAX does not answer, or not as its Bot API describes', {
    cause: error,
  });
}

function unreadable(what: string): LetopisError {
  return new LetopisError('unavailable', `MAX does not answer as its Bot API describes: ${what}`);
}

function mustSucceed(answer: unknown): void {
  if (objectOf(answer).success !== true) throw unreadable('it did not confirm the change');
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable('no object');
  return { ...value };
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw unreadable('no list');
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw unreadable('no text');
  return value;
}

/** The client reads numbers as doubles: one that a double cannot hold may be somebody else's id. */
function integerOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw unreadable('no exact integer');
  return value;
}

function idOf(value: unknown): string {
  return String(integerOf(value));
}

/** @throws LetopisError `invalid` where the client cannot name the chat exactly */
function numberOf(maxChatId: string): number {
  const number = Number(maxChatId);
  if (!Number.isSafeInteger(number)) {
    throw new LetopisError('invalid', 'The id of the chat is greater than the Bot API’s client can handle');
  }
  return number;
}
