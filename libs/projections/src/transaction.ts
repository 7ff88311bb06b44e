import { type Pool, type PoolClient } from 'pg';

/**
 * How a commit is made. `quick` does not wait for the disk: a crash may lose the last transactions, rows and checkpoint
 * together, and their events, which are durable, are folded again.
 */
export type Commit = 'quick' | 'durable';

const BEGIN: Readonly<Record<Commit, string>> = {
  quick: 'BEGIN; SET LOCAL synchronous_commit TO off',
  durable: 'BEGIN',
};

/** Runs `work` on a connection of its own. */
export async function withClient<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let lost: Error | undefined;
  // Without a listener, a connection that breaks between two statements would end the process.
  const onLost = (error: Error): void => {
    lost = error;
  };
  client.on('error', onLost);
  try {
    return await work(client);
  } finally {
    client.off('error', onLost);
    client.release(lost);
  }
}

/** Runs `work` in one transaction of its own: all of it takes effect, or nothing. */
export function inTransaction<Result>(
  pool: Pool,
  commit: Commit,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  return withClient(pool, async (client) => {
    await client.query(BEGIN[commit]);
    try {
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      // Where this fails the connection is lost, and the transaction with it; `error` says why.
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  });
}

/** Calls `work` for each item, at most `limit` at a time. Every item has its turn; then the first error is thrown. */
export async function eachOf<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const errors: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await work(item);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, lane));
  if (errors.length > 0) throw errors[0];
}
