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

/** Runs `work` in one transaction of its own: all of it takes effect, or nothing. */
export async function inTransaction<Result>(
  pool: Pool,
  commit: Commit,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(BEGIN[commit]);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    client.release(broken);
  }
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
