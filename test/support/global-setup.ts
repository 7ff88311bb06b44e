import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '../../libs/platform/src/embedded-postgres';

declare global {
  /** Ends what `globalSetup` started; `globalTeardown` runs in the same process. */
  var stopTestPostgres: (() => Promise<void>) | undefined;
}

/**
 * One PostgreSQL for all integration suites, its superuser's connection string in LETOPIS_TEST_POSTGRES_URL. A server
 * that the variable already names is used instead.
 */
export default async function startTestPostgres(): Promise<void> {
  if (process.env.LETOPIS_TEST_POSTGRES_URL) return;
  const home = await mkdtemp(join(tmpdir(), 'letopis-test-'));
  // Where the tests run as root, the server does not, and has to get through.
  await chmod(home, 0o711);
  const postgres = await EmbeddedPostgres.start({ directory: join(home, 'postgres') });
  const stop = async () => {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    delete process.env.LETOPIS_TEST_POSTGRES_URL;
    await postgres.stop();
    await rm(home, { recursive: true, force: true });
  };
  // Jest has no handler of its own, and a process that a signal ends by default has no exit to end the server on.
  const interrupted = () => void stop().finally(() => process.exit(1));
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  process.env.LETOPIS_TEST_POSTGRES_URL = postgres.url('postgres');
  globalThis.stopTestPostgres = stop;
}
