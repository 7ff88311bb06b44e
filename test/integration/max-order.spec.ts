import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { letopis } from '@letopis/api';
import { FixedClock, fold } from '@letopis/kernel';
import { type Max, openMax } from '@letopis/max';
import {
  type Core,
  EmbeddedIssuer,
  type Installation,
  migrateInstallation,
  openCore,
} from '@letopis/platform';
import { chat, type ChatEvent, chatIdOf } from '@letopis/school';
import { ANNA, AT, BORIS, MID, SAMPLES } from '../../libs/max/src/fixtures/updates';
import { createInstallation } from '../support/application';
import { Random } from '../support/faults';

const COUNT = 10_000;
const AT_ONCE = 500;
const CHATS = ['-7101', '-7102', '-7103', '-7104', '-7105'];
const ACCOUNTS = Array.from({ length: 60 }, (_, index) => String(600_001 + index));
/** Where something stands in the store, what is made afresh each time, and what lies encrypted. */
const OF_THE_RECORDING =
  /^(organization_id|position|.*_position|revision|event_id|.*_event_id|event_ids|command_id|correlation_id|causation_id|recorded_at|data|words|search)$/;

const chance = new Random(11);
const random = (): number => chance.next();
const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;

/** An update of every kind that changes something, a second after the one before. */
function updateAt(index: number): string {
  const [type, sample = ''] = pick(
    Object.entries(SAMPLES).filter(([name]) => /^(user|bot_[ar]|chat|message_[cer])/.test(name)),
  );
  const at = AT - COUNT * 1_000 + index * 1_000;
  const text = sample
    .replaceAll(String(AT), String(at))
    .replaceAll(String(AT - 250), String(at))
    .replace(/"chat_id":-?\d+/, `"chat_id":${pick(CHATS)}`)
    .replaceAll(/"user_id":5\d+/g, `"user_id":${pick(ACCOUNTS)}`)
    .replace(MID, `mid.${index}`)
    .replace('5А: математика', `5А: урок ${index}`);
  // By link and by oneself, too.
  return type.startsWith('user_') && random() < 0.5 ? text.replace(/,"(inviter|admin)_id":\d+/, '') : text;
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

describe('updates in any order', () => {
  let installation: Installation;
  let core: Core;
  let max: Max;

  beforeAll(async () => {
    installation = await createInstallation(new EmbeddedIssuer(EmbeddedIssuer.generate()));
    await migrateInstallation(installation, letopis);
    core = await openCore(installation, letopis, {
      clock: new FixedClock(new Date('2026-03-02T08:00:00.000Z')),
      log: pino({ level: 'silent' }),
    });
    max = openMax(core);
  }, 60_000);

  afterAll(async () => {
    await core.close();
    await installation.close();
  });

  /** A fresh organisation that was sent these updates. */
  async function organizationWith(updates: readonly string[]): Promise<string> {
    const organizationId = randomUUID();
    const { secret } = await max.bots.register(organizationId, 'bot');
    for (let from = 0; from < updates.length; from += AT_ONCE) {
      const body = `{"updates":[${updates.slice(from, from + AT_ONCE).join(',')}]}`;
      await max.webhook.receive(organizationId, secret, Buffer.from(body));
    }
    return organizationId;
  }

  /** The text with ids that are the organisation's own under names that are not. */
  function named(organizationId: string, text: string): string {
    const names = new Map([
      [organizationId, 'organization'],
      ...CHATS.map((id) => [chatIdOf(organizationId, id), `chat ${id}`] as const),
      ...[...ACCOUNTS, ANNA, BORIS].map(
        (id) => [core.masterKey.pseudonym('max-user', organizationId, id), `account ${id}`] as const,
      ),
    ]);
    // Sealed again each time, and by the event that it came with.
    const open = text.replaceAll(/"value":"[^"]*"|"eventId":"[^"]*"/g, '""');
    return open.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => names.get(id) ?? id);
  }

  async function chatsOf(organizationId: string): Promise<readonly string[]> {
    const states = CHATS.map(async (id) => {
      const stream = `chat-${chatIdOf(organizationId, id)}`;
      const events = await core.store.readStream({ organizationId, stream });
      const state = fold(
        chat,
        events.map(({ type, data }) => ({ type, data }) as ChatEvent),
      );
      const entries = Object.entries(state).map(([name, value]: [string, unknown]) => [
        name,
        isIterable(value)
          ? [...value].map((entry) => named(organizationId, JSON.stringify(entry))).sort()
          : value,
      ]);
      return named(organizationId, JSON.stringify(entries));
    });
    return Promise.all(states);
  }

  /** The rows of every view, without what belongs to the recording, in an order of their own. */
  async function viewsOf(organizationId: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const { rows: tables } = await core.views.query<{ schema: string; name: string }>(
      `SELECT table_schema AS schema, table_name AS name FROM information_schema.columns
       WHERE column_name = 'organization_id' AND table_schema = ANY(current_schemas(false)) AND table_schema LIKE 'view%'`,
    );
    const views = await Promise.all(
      tables.map(async ({ schema, name }) => {
        const { rows } = await core.views.query<{ row: Record<string, unknown> }>(
          `SELECT to_jsonb(t) AS row FROM ${schema}.${name} t WHERE organization_id = $1`,
          [organizationId],
        );
        const kept = rows.map(({ row }) =>
          named(
            organizationId,
            JSON.stringify(Object.entries(row).filter(([column]) => !OF_THE_RECORDING.test(column))),
          ),
        );
        return [name, kept.sort()] as const;
      }),
    );
    return new Map(views);
  }

  it(`given ${COUNT} updates in order and shuffled, then the chats and all views are the same`, async () => {
    const updates = Array.from({ length: COUNT }, (_, index) => updateAt(index));
    const inOrder = await organizationWith(updates);
    const inDisorder = await organizationWith(shuffled([...updates, ...updates.slice(0, 500)]));
    await core.projections.advance();

    expect(await chatsOf(inDisorder)).toEqual(await chatsOf(inOrder));
    const [views, disordered] = [await viewsOf(inOrder), await viewsOf(inDisorder)];
    expect(views.get('audit_trail')).toHaveLength(COUNT);
    const differing = [...views].filter(
      ([name, rows]) => JSON.stringify(rows) !== JSON.stringify(disordered.get(name)),
    );
    expect(differing.map(([name]) => name)).toEqual([]);
  }, 240_000);
});

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
