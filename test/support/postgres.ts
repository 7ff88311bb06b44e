import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

export interface TestDatabase {
  /** Connection string of the database, as its superuser. */
  readonly url: string;
  /** Removes the database, and ends the connections that are still open to it. */
  drop(): Promise<void>;
}

/** A fresh, empty database for one suite, on the server that all integration suites share. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env.LETOPIS_TEST_POSTGRES_URL;
  if (!server)
    throw new Error('LETOPIS_TEST_POSTGRES_URL is not set: run the suite in the project "integration".');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(server, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
