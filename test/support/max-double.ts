import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface DoubleMember {
  readonly user_id: number;
  readonly is_admin?: boolean;
  readonly is_owner?: boolean;
  readonly is_bot?: boolean;
}

export interface DoubleSubscription {
  readonly url: string;
  readonly secret: string;
  readonly update_types: readonly string[];
}

/** What one bot is and sees. */
export interface DoubleBot {
  readonly userId: number;
  readonly subscriptions: Map<string, DoubleSubscription>;
}

/** The Bot API of MAX, as far as Letopis uses it, on a free port. Whoever starts it closes it. */
export interface MaxDouble {
  readonly url: string;
  /** Bots by their tokens. */
  readonly bots: Map<string, DoubleBot>;
  /** Members by the chat's id. */
  readonly chats: Map<string, readonly DoubleMember[]>;
  /** Every request, as `METHOD /path?query`. */
  readonly requests: string[];
  /** Answers that come instead of what is right, one a request, until there are no more. */
  readonly failures: Failure[];
  addBot(token: string, userId: number): DoubleBot;
  close(): Promise<void>;
}

/** A status with a body, or no answer at all. */
export type Failure =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | 'silence'
  | 'hang-up';

const SECRET = /^[A-Za-z0-9_-]{5,256}$/;

export async function startMaxDouble(): Promise<MaxDouble> {
  const bots = new Map<string, DoubleBot>();
  const chats = new Map<string, readonly DoubleMember[]>();
  const requests: string[] = [];
  const failures: Failure[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const failure = failures.shift();
    if (failure === 'silence') return;
    if (failure === 'hang-up') {
      request.socket.destroy();
      return;
    }
    if (failure !== undefined) {
      response.writeHead(failure.status, { 'content-type': 'application/json', ...failure.headers });
      response.end(failure.body ?? JSON.stringify({ code: 'failure', message: 'as the test asked' }));
      return;
    }
    void answer({ bots, chats }, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    bots,
    chats,
    requests,
    failures,
    addBot: (token, userId) => {
      const bot = { userId, subscriptions: new Map<string, DoubleSubscription>() };
      bots.set(token, bot);
      return bot;
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      }),
  };
}

async function answer(
  { bots, chats }: Pick<MaxDouble, 'bots' | 'chats'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(body));
  };
  const bot = bots.get(request.headers.authorization ?? '');
  if (bot === undefined) return send(401, { code: 'verify.token', message: 'Invalid access_token' });
  const url = new URL(request.url ?? '/', 'http://double');
  const [, collection, chatId = '', , last] = url.pathname.split('/');
  if (url.pathname === '/me') return send(200, { user_id: bot.userId, first_name: 'bot', is_bot: true });
  if (collection === 'subscriptions') return subscriptions(bot, url, request, send);
  const members = chats.get(chatId);
  const self = members?.find(({ user_id }) => user_id === bot.userId);
  if (members === undefined || self === undefined)
    return send(404, { code: 'chat.not.found', message: 'no' });
  if (last === 'me') return send(200, full(self));
  if (self.is_admin !== true) return send(403, { code: 'chat.denied', message: 'not an admin' });
  if (last === 'admins') return send(200, { members: members.filter(({ is_admin }) => is_admin).map(full) });
  const count = Math.min(Number(url.searchParams.get('count') ?? 20), 100);
  const from = Number(url.searchParams.get('marker') ?? 0);
  const next = from + count;
  return send(200, {
    members: members.slice(from, next).map(full),
    ...(next < members.length && { marker: next }),
  });
}

async function subscriptions(
  bot: DoubleBot,
  url: URL,
  request: IncomingMessage,
  send: (status: number, body: object) => void,
): Promise<void> {
  if (request.method === 'GET') {
    const list = [...bot.subscriptions.values()].map((each) => ({
      url: each.url,
      time: 1_775_025_604_499,
      update_types: each.update_types,
    }));
    return send(200, { subscriptions: list });
  }
  if (request.method === 'DELETE') {
    bot.subscriptions.delete(url.searchParams.get('url') ?? '');
    return send(200, { success: true });
  }
  let text = '';
  for await (const part of request) text += String(part);
  const body = JSON.parse(text) as DoubleSubscription;
  if (!SECRET.test(body.secret)) return send(200, { success: false, message: 'Invalid secret' });
  bot.subscriptions.set(body.url, body);
  return send(200, { success: true });
}

function full({ user_id, is_admin = false, is_owner = false, is_bot = false }: DoubleMember): object {
  return {
    user_id,
    first_name: 'Имя',
    last_name: 'Образцова',
    name: 'Имя Образцова',
    username: null,
    is_bot,
    is_admin,
    is_owner,
    join_time: 1_775_626_919_577,
    last_access_time: 1_775_626_919_577,
    permissions: is_admin ? ['read_all_messages', 'add_remove_members'] : null,
  };
}
