import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '@letopis/platform';

export interface Workplace {
  /** The embedded installation in a directory of its own, quiet, on a free port, without a limit of requests. */
  readonly config: Config;
  /** The same for a child process. */
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** A fresh data directory. */
export async function makeWorkplace(): Promise<Workplace> {
  const directory = await mkdtemp(join(tmpdir(), 'letopis-bench-'));
  // Where this is root, PostgreSQL runs as another user, who must be able to enter.
  await chmod(directory, 0o755);
  const environment = {
    LETOPIS_DATA_DIR: directory,
    LETOPIS_LOG: 'silent',
    LETOPIS_DEMO: 'no',
    LETOPIS_REQUESTS_PER_MINUTE: '0',
    PORT: '0',
  };
  return {
    config: readConfig(environment),
    environment,
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
