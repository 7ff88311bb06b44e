import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { eventStoreMigrations, migrate, PostgresEventStore } from '@letopis/event-store';
import { createTestDatabase } from '../support/postgres';
import { describeEventStoreContract } from './event-store.contract';

describeEventStoreContract('PostgreSQL', async () => {
  const database = await createTestDatabase();
  // Roles belong to the whole server, which other suites share.
  const app = { role: `test_${randomBytes(8).toString('hex')}`, password: randomBytes(8).toString('hex') };
  await migrate({ adminUrl: database.url, app }, [eventStoreMigrations]);
  const url = new URL(database.url);
  url.username = app.role;
  url.password = app.password;
  const reopen = () => PostgresEventStore.open({ url: url.href });
  const store = await reopen();
  const stores = [store];
  return {
    store,
    reopen: async () => {
      const another = await reopen();
      stores.push(another);
      return another;
    },
    interrupt: () =>
      execute(
        database.url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${app.role}'`,
      ),
    close: async () => {
      await Promise.all(stores.map((one) => one.close()));
      await execute(database.url, `DROP OWNED BY ${app.role}; DROP ROLE ${app.role}`);
      await database.drop();
    },
  };
});

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
