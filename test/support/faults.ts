import { createHash, randomInt } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore } from '@letopis/event-store';
import { type Json, type JsonObject, parseJson, type RecordedEvent, type Role } from '@letopis/kernel';
import { type CommandRequest, type Core, letopisErrorOf, problemOf } from '@letopis/platform';

/** The same numbers for the same seed (mulberry32). */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** From 0 up to and not including 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `min` to `max`. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.between(0, items.length - 1)] ?? items[0];
  }

  /** A UUID of version 4. */
  uuid(): string {
    const hex = Array.from({ length: 8 }, () => this.between(0, 0xffff).toString(16).padStart(4, '0'));
    const [a, b, c, d, e, f, g, h] = hex;
    return `${a}${b}-${c}-4${d?.slice(1)}-8${e?.slice(1)}-${f}${g}${h}`;
  }
}

/** The suite's seed, told on stderr; LETOPIS_TEST_SEED repeats a run as far as its times allow. */
export function seedOf(suite: string): number {
  const seed = Number(process.env.LETOPIS_TEST_SEED ?? randomInt(2 ** 31));
  process.stderr.write(`${suite}: LETOPIS_TEST_SEED=${seed}\n`);
  return seed;
}

/** Who sends the load: one person in every role that it needs. */
export const LOADER: { readonly id: string; readonly roles: readonly Role[] } = {
  id: '0d5f8f52-6f0e-4d53-9f0b-52f1f1f0b001',
  roles: ['operator', 'platform_admin'],
};

/** A command under its Idempotency-Key: however often it is sent, it is to be carried out once, with one event. */
export interface Attempt {
  readonly key: string;
  readonly command: string;
  readonly payload: JsonObject;
}

export interface Reply {
  readonly commandId: string;
  readonly stream: string;
  readonly revision: string;
  readonly position: string;
  readonly events: readonly { readonly id: string; readonly type: string }[];
  /** Whether it said that the command had been carried out before. */
  readonly repeated: boolean;
}

/** What a client learned: it was carried out; it was refused; or nobody knows. */
export type Outcome =
  | { readonly kind: 'acknowledged'; readonly reply: Reply }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly status?: number };

/** A way into Letopis. Never rejects. */
export interface Door {
  one(attempt: Attempt): Promise<Outcome>;
  /** An outcome for each attempt, in their order. */
  many(attempts: readonly Attempt[]): Promise<readonly Outcome[]>;
}

const SHOWN = 10;
const EXPIRES = '2099-09-01T00:00:00.000Z';

/**
 * One school's commands, each with exactly one event of its own (and one more by policy for an invitation that was used):
 * streams of their own and streams that everybody writes to, personal data, decisions on the state of other streams.
 */
export class School {
  readonly organizationId: string;
  private readonly group: string;
  private readonly chat: string;
  private readonly groupLink: string;
  private readonly chatLink: string;
  private readonly regulars: readonly [string, ...string[]];
  private sent = 0;

  constructor(private readonly random: Random) {
    this.organizationId = random.uuid();
    this.group = random.uuid();
    this.chat = random.uuid();
    this.groupLink = random.uuid();
    this.chatLink = random.uuid();
    this.regulars = [random.uuid(), random.uuid(), random.uuid()];
  }

  /** What the rest builds on; in this order. */
  preparation(): readonly Attempt[] {
    return [
      this.attempt('CreateOrganization', { name: 'Школа под нагрузкой', timeZone: 'Asia/Yekaterinburg' }),
      this.attempt('RecordRegistrationConfirmed', { platformOrgId: 'sferum-1' }),
      this.attempt('CreateGroup', { groupId: this.group, kind: 'staff_room', title: 'Учительская' }),
      this.attempt('ImportAutoProvisionedChats', {
        chatId: this.chat,
        source: 'sferum_sync',
        kind: 'management',
        title: 'Подготовка к аттестации',
      }),
      this.link(this.groupLink, 'group', this.group),
      this.link(this.chatLink, 'chat', this.chat),
    ];
  }

  next(): Attempt {
    switch (this.random.between(0, 5)) {
      case 0:
        return this.movement(this.random.uuid());
      case 1:
        return this.movement(this.random.pick(this.regulars));
      case 2:
        return this.attempt('AcceptInvitation', { linkId: this.groupLink, personId: this.random.uuid() });
      case 3:
        return this.attempt('AcceptInvitation', { linkId: this.chatLink, personId: this.random.uuid() });
      case 4:
        return this.link(this.random.uuid(), 'group', this.group);
      default:
        return this.attempt('ReportUnauthorizedAccess', {
          incidentId: this.random.uuid(),
          affectedPersonId: this.random.pick(this.regulars),
          detectedAt: '2026-02-02T08:00:00.000Z',
          circumstances: `Рассылка № ${this.sent}, которой владелец не отправлял`,
        });
    }
  }

  batch(size: number): readonly Attempt[] {
    return Array.from({ length: size }, () => this.next());
  }

  private movement(personId: string): Attempt {
    return this.attempt('RecordMovement', {
      personId,
      kind: 'hired',
      orderRef: `№ ${this.sent}-к`,
      effectiveAt: '2025-08-25T00:00:00.000Z',
      fullName: `Работник ${this.sent}`,
    });
  }

  private link(linkId: string, targetKind: 'group' | 'chat', targetId: string): Attempt {
    return this.attempt('CreateInvitationLink', {
      linkId,
      targetKind,
      targetId,
      platformRole: 'teacher',
      expiresAt: EXPIRES,
      maxUses: 2_000,
      urlHash: createHash('sha256').update(linkId).digest('hex'),
    });
  }

  private attempt(command: string, payload: JsonObject): Attempt {
    this.sent += 1;
    return { key: `load/${this.sent}`, command, payload };
  }
}

/** What the clients sent and what they learned of it. */
export class Book {
  private readonly sent = new Map<string, Attempt>();
  private readonly replies = new Map<string, Reply>();
  readonly refusals: string[] = [];
  /** Statuses of answers that left an attempt's fate open. */
  readonly openStatuses = new Set<number>();

  constructor(private readonly door: () => Door) {}

  async one(attempt: Attempt): Promise<Outcome> {
    this.sent.set(attempt.key, attempt);
    const outcome = await this.door().one(attempt);
    this.enter(attempt, outcome);
    return outcome;
  }

  async many(attempts: readonly Attempt[]): Promise<readonly Outcome[]> {
    for (const attempt of attempts) this.sent.set(attempt.key, attempt);
    const outcomes = await this.door().many(attempts);
    for (const [index, attempt] of attempts.entries()) {
      this.enter(attempt, outcomes[index] ?? { kind: 'unknown' });
    }
    return outcomes;
  }

  /** Attempts with what was answered to each. */
  acknowledged(): readonly { readonly attempt: Attempt; readonly reply: Reply }[] {
    return [...this.sent.values()].flatMap((attempt) => {
      const reply = this.replies.get(attempt.key);
      return reply === undefined ? [] : [{ attempt, reply }];
    });
  }

  unacknowledged(): readonly Attempt[] {
    return [...this.sent.values()].filter(({ key }) => !this.replies.has(key));
  }

  private enter({ key, command }: Attempt, outcome: Outcome): void {
    switch (outcome.kind) {
      case 'acknowledged':
        this.replies.set(key, outcome.reply);
        return;
      case 'refused':
        this.refusals.push(`${command} (${key}): ${outcome.reason}`);
        return;
      case 'unknown':
        if (outcome.status !== undefined) this.openStatuses.add(outcome.status);
    }
  }
}

const WRITERS = 6;
const BATCH = 40;
/** Whoever learned nothing waits so long, in milliseconds, so that clients of a dead server do not spin. */
const AFTER_NOTHING = 20;

/** Clients that send one command after another, and one that sends batches, until they are stopped. */
export function load(school: School, book: Book): { stop(): Promise<void> } {
  let running = true;
  const writer = async (): Promise<void> => {
    while (running) {
      const { kind } = await book.one(school.next());
      if (kind === 'unknown') await sleep(AFTER_NOTHING);
    }
  };
  const batcher = async (): Promise<void> => {
    while (running) {
      const outcomes = await book.many(school.batch(BATCH));
      if (outcomes.some(({ kind }) => kind === 'unknown')) await sleep(AFTER_NOTHING);
    }
  };
  const clients = Promise.all([...Array.from({ length: WRITERS }, writer), batcher()]);
  return {
    stop: async () => {
      running = false;
      await clients;
    },
  };
}

/** Letopis over HTTP. `close` gives its connections back. */
export class HttpDoor implements Door {
  private readonly agent = new Agent({ keepAlive: true });
  private readonly base: string;

  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly organizationId: string,
  ) {
    this.base = `/v1/organizations/${organizationId}`;
  }

  async one({ key, command, payload }: Attempt): Promise<Outcome> {
    const create = command === 'CreateOrganization';
    const body: JsonObject = create ? { organizationId: this.organizationId, ...payload } : { payload };
    const { status, text, whole } = await this.post(
      create ? '/v1/organizations' : `${this.base}/commands/${command}`,
      { 'content-type': 'application/json', 'idempotency-key': key },
      [JSON.stringify(body)],
    );
    return whole && status !== undefined ? outcomeOf(status, parseJson(text)) : { kind: 'unknown' };
  }

  /** The lines leave in three pieces, so that the answers to the first can be there before the last have left. */
  async many(attempts: readonly Attempt[]): Promise<readonly Outcome[]> {
    const lines = attempts.map(
      ({ key, command, payload }) => `${JSON.stringify({ command, payload, idempotencyKey: key })}\n`,
    );
    const third = Math.ceil(lines.length / 3);
    const pieces = [0, 1, 2].map((n) => lines.slice(n * third, (n + 1) * third).join(''));
    const { text } = await this.post(
      `${this.base}/command-batches`,
      { 'content-type': 'application/x-ndjson' },
      pieces,
    );
    const outcomes = attempts.map((): Outcome => ({ kind: 'unknown' }));
    // What stands behind the last line's end is no whole line.
    for (const line of text.split('\n').slice(0, -1)) {
      const answer = parseJson(line);
      if (!isObject(answer) || typeof answer.line !== 'number' || typeof answer.status !== 'number') continue;
      outcomes[answer.line - 1] = outcomeOf(answer.status, answer.problem ?? answer);
    }
    return outcomes;
  }

  close(): void {
    this.agent.destroy();
  }

  /** What came back until the answer or the connection ended. */
  private post(
    path: string,
    headers: Readonly<Record<string, string>>,
    pieces: readonly string[],
  ): Promise<{ status?: number; text: string; whole: boolean }> {
    return new Promise((resolve) => {
      let status: number | undefined;
      let text = '';
      const nothingMore = (): void => resolve({ status, text, whole: false });
      const sending = request(
        `${this.url}${path}`,
        { method: 'POST', agent: this.agent, headers: { ...headers, authorization: `Bearer ${this.token}` } },
        (response) => {
          status = response.statusCode;
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.once('end', () => resolve({ status, text, whole: response.complete }));
          response.once('error', nothingMore).once('close', nothingMore);
        },
      );
      sending.once('error', nothingMore);
      void (async () => {
        for (const piece of pieces) {
          if (sending.destroyed) return;
          sending.write(piece);
          if (pieces.length > 1) await sleep(5);
        }
        sending.end();
      })();
    });
  }
}

/** Letopis in this process. */
export class CoreDoor implements Door {
  constructor(
    private readonly core: Core,
    private readonly organizationId: string,
  ) {}

  async one(attempt: Attempt): Promise<Outcome> {
    const [outcome] = await this.many([attempt]);
    return outcome ?? { kind: 'unknown' };
  }

  async many(attempts: readonly Attempt[]): Promise<readonly Outcome[]> {
    try {
      const outcomes = await this.core.commands.executeAll(
        attempts.map((attempt) => this.requestOf(attempt)),
      );
      return outcomes.map((outcome) =>
        outcome.ok
          ? outcomeOf(outcome.reply.repeated ? 200 : 201, {
              ...outcome.reply,
              events: [...outcome.reply.events],
            })
          : outcomeOfError(outcome.error),
      );
    } catch (error) {
      return attempts.map(() => outcomeOfError(error));
    }
  }

  private requestOf({ key, command, payload }: Attempt): CommandRequest {
    return {
      name: command,
      organizationId: this.organizationId,
      payload,
      caller: LOADER,
      source: 'operator',
      idempotencyKey: key,
    };
  }
}

function outcomeOfError(error: unknown): Outcome {
  const { status, detail } = problemOf(letopisErrorOf(error));
  return outcomeOf(status, { detail });
}

function outcomeOf(status: number, body: Json): Outcome {
  if (status >= 500) return { kind: 'unknown', status };
  if (status >= 400 || !isObject(body))
    return { kind: 'refused', reason: `${status} ${JSON.stringify(body)}` };
  const events = Array.isArray(body.events) ? body.events.filter(isObject) : [];
  return {
    kind: 'acknowledged',
    reply: {
      commandId: textOf(body.commandId),
      stream: textOf(body.stream),
      revision: textOf(body.revision),
      position: textOf(body.position),
      events: events.map(({ id, type }) => ({ id: textOf(id), type: textOf(type) })),
      repeated: status === 200,
    },
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The whole store, in order. */
export async function readEverything(store: EventStore): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let after = 0n; ;) {
    const page = await store.readAll(after, { limit: 2_000 });
    events.push(...page.events);
    if (page.events.length === 0) return events;
    after = page.through;
  }
}

/** What is wrong with the order of the record: positions that do not increase, gaps or doubles in streams, ids used twice. */
export function flawsOfOrder(events: readonly RecordedEvent[]): readonly string[] {
  const flaws: string[] = [];
  const revisions = new Map<string, bigint>();
  const ids = new Set<string>();
  let before = 0n;
  for (const { organizationId, stream, revision, position, id } of events) {
    const name = `${organizationId}/${stream}`;
    const expected = (revisions.get(name) ?? -1n) + 1n;
    if (position <= before) flaws.push(`position ${position} comes after ${before}`);
    if (revision !== expected) flaws.push(`${name} has revision ${revision} where ${expected} belongs`);
    if (ids.has(`${organizationId}/${id}`)) flaws.push(`event ${id} is recorded twice`);
    before = position;
    revisions.set(name, revision);
    ids.add(`${organizationId}/${id}`);
  }
  return flaws;
}

/** Which commands have another number of events of their own than one, or their event elsewhere than their answer said. */
export function flawsOfReplies(
  events: readonly RecordedEvent[],
  acknowledged: readonly { readonly attempt: Attempt; readonly reply: Reply }[],
): readonly string[] {
  const recorded = byCommand(events);
  return acknowledged.flatMap(({ attempt: { key, command }, reply }) => {
    const own = recorded.get(reply.commandId) ?? [];
    const [event] = own;
    if (own.length !== 1 || event === undefined)
      return [`${command} (${key}) is recorded ${own.length} times`];
    const said = `${reply.events[0]?.id} in ${reply.stream} at ${reply.revision}`;
    const found = `${event.id} in ${event.stream} at ${event.revision}`;
    return said === found ? [] : [`${command} (${key}) was said to be ${said}, and is ${found}`];
  });
}

/** Events by the command that recorded them. */
export function byCommand(events: readonly RecordedEvent[]): ReadonlyMap<string, readonly RecordedEvent[]> {
  const commands = new Map<string, RecordedEvent[]>();
  for (const event of events)
    commands.set(event.commandId, [...(commands.get(event.commandId) ?? []), event]);
  return commands;
}

/** Uses of invitations with another number of joins following from them than one, or with a join of the wrong kind. */
export function flawsOfPolicies(events: readonly RecordedEvent[]): readonly string[] {
  const joins = new Map<string, string[]>();
  for (const { type, causationId } of events) {
    if (causationId !== null) joins.set(causationId, [...(joins.get(causationId) ?? []), type]);
  }
  return events
    .filter(({ type }) => type === 'InvitationLinkUsed')
    .flatMap(({ id, data }) => {
      const expected = data.targetKind === 'chat' ? 'ChatMemberAdded' : 'MemberJoined';
      const found = (joins.get(id) ?? []).join(', ');
      return found === expected ? [] : [`use ${id} was followed by "${found}", not by one ${expected}`];
    });
}

/** Personal data that does not open to what was sent, or lies open in the store. */
export async function flawsOfPersonalData(
  { vault, personal }: Core,
  events: readonly RecordedEvent[],
  acknowledged: readonly { readonly attempt: Attempt; readonly reply: Reply }[],
): Promise<readonly string[]> {
  const recorded = byCommand(events);
  const keys = await vault.find(events.flatMap((event) => personal.subjectsOf(event, event.data)));
  return acknowledged.flatMap(({ attempt: { key, payload }, reply }) =>
    ['fullName', 'circumstances'].flatMap((field) => {
      const [event] = recorded.get(reply.commandId) ?? [];
      const sent = payload[field];
      if (sent === undefined || event === undefined) return [];
      if (event.data[field] === sent) return [`${field} of ${key} is stored as it was sent`];
      return personal.open(event, event.data, keys)[field] === sent
        ? []
        : [`${field} of ${key} does not open`];
    }),
  );
}

/** The first flaws and how many there are, so that a failure can be read. */
export function some(flaws: readonly string[]): readonly string[] {
  return flaws.length <= SHOWN ? flaws : [...flaws.slice(0, SHOWN), `… ${flaws.length} in all`];
}

/** Resolves when `flaws` finds none; else with what it still finds after `patienceMs`. */
export async function settled(
  flaws: () => Promise<readonly string[]>,
  patienceMs: number,
): Promise<readonly string[]> {
  for (const deadline = Date.now() + patienceMs; ;) {
    const found = await flaws();
    if (found.length === 0 || Date.now() > deadline) return found;
    await sleep(50);
  }
}

/** Views that are behind the store or stopped. */
export async function flawsOfViews({ projections }: Core): Promise<readonly string[]> {
  return (await projections.status())
    .filter(({ lag, failures }) => lag > 0n || failures.length > 0)
    .map(({ name, lag, failures }) => `${name} is ${lag} behind, stopped for ${failures.length}`);
}

/** Rebuilds every view, and names those whose rows were others before. */
export async function flawsOfRebuild({ projections }: Core): Promise<readonly string[]> {
  const names = (await projections.status()).map(({ name }) => name);
  const rebuilt = await projections.rebuild(names);
  return rebuilt
    .filter(({ equal }) => equal !== true)
    .map(({ projection, tables }) => `${projection}: ${tables.join(', ')}`);
}
