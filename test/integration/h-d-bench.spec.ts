import { randomBytes, randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { systemClock } from '@letopis/kernel';
import { eventStoreMigrations, migrate, PostgresEventStore } from '@letopis/event-store';
import { defineProjection, defineTable, projectionMigrations, ProjectionRuntime, type Projection } from '@letopis/projections';
import { auditTrailProjection } from '../../libs/audit/src/audit-trail.projection';
import { newEvent } from '../support/events';
import { createTestDatabase } from '../support/postgres';

it('bench', async () => {
  const database = await createTestDatabase();
  const role = `test_${randomBytes(8).toString('hex')}`;
  await migrate({ adminUrl: database.url, app: { role, password: 'x' } }, [eventStoreMigrations, projectionMigrations]);
  const url = Object.assign(new URL(database.url), { username: role, password: 'x' }).href;
  const store = await PostgresEventStore.open({ url });
  const pool = new Pool({ connectionString: url });
  const orgs = [randomUUID(), randomUUID(), randomUUID()];
  const N = 40_000;
  for (let i = 0; i < N; i += 1000) {
    await store.appendMany(Array.from({ length: 1000 }, (_, k) => ({
      organizationId: orgs[k % 3]!, stream: `chat-${randomUUID()}`, expectedRevision: 'no-stream' as const,
      events: [newEvent({ type: ['ChatRegistered', 'ChatMemberAdded', 'ChatMemberRemoved', 'IncidentReported', 'MessageSent', 'TeacherAssigned'][k % 6]!,
        data: { chatId: `018f2a4e-7f1a-7c3e-9a54-0000000${String(10000 + (i + k) % 2000)}`, personId: randomUUID(), title: `Чат класса ${k}`, at: '2026-09-01T05:30:00.000Z' } })],
    })));
  }
  const narrow = (name: string, types: string[], reads: boolean): Projection => {
    const table = defineTable({ name: `t_${name.replace('-', '_')}`, columns: { chat: 'text', title: 'text', n: 'integer', at: 'timestamptz', position: 'bigint' }, key: ['chat'], indexes: [['organization_id', 'at']] });
    const et = types.map((type) => ({ type, version: 1, titleRu: '', clauses: [], schema: {}, upcasters: {}, of: (data: { chatId: string }) => ({ type, data }) }));
    return defineProjection({ name, version: 1, tables: [table], on: et.map((t) => ({ types: [t.type], handler: {
      ...(reads && { reads: (e: any) => [table.at({ chat: e.data.chatId })] }),
      apply: (rows: any, e: any) => {
        const before = reads ? rows.get(table, { chat: e.data.chatId }) : undefined;
        rows.put(table, { chat: reads ? e.data.chatId : e.id, title: e.data.title, n: (before?.n ?? 0) + 1, at: e.occurredAt, position: e.position });
      } } })) });
  };
  const T = ['ChatRegistered', 'ChatMemberAdded', 'ChatMemberRemoved', 'IncidentReported', 'MessageSent', 'TeacherAssigned'];
  const projections = [auditTrailProjection([]), narrow('p-one', T.slice(0, 3), true), narrow('p-two', T.slice(1, 4), true), narrow('p-three', T.slice(2, 3), false), narrow('p-four', T.slice(3, 5), false), narrow('p-five', T.slice(0, 1), true), narrow('p-six', T.slice(4, 6), true), narrow('p-seven', T, true)];
  const run = async (label: string, ps: Projection[]) => {
    const runtime = new ProjectionRuntime({ pool, store, projections: ps, clock: systemClock, log: { error: (d) => console.log(d) } });
    await runtime.ensure();
    let t = Date.now();
    await runtime.advance();
    const adv = Date.now() - t;
    t = Date.now();
    await runtime.rebuild(ps.map((p) => p.name));
    const reb = Date.now() - t;
    t = Date.now(); for (const p of ps) await runtime.digest(p.name); const dig = Date.now() - t;
    process.stderr.write(`${label}: advance ${Math.round(N / adv * 1000)}/s, rebuild ${Math.round(N / reb * 1000)}/s (${reb} ms, digest ${dig})\n`);
    await runtime.close();
  };
  await run('seven narrow', projections.slice(1));
  await run('audit alone', projections.slice(0, 1));
  await run('all', projections);
  await store.close(); await pool.end(); await database.drop();
}, 300_000);
